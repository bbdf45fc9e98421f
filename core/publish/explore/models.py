"""The input of the Explore charts: a board's models with figures, in rank order. Pure."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.benchmark import METRICS, Metric
from core.changes.versions import RESCORED, TAKEN_BACK
from core.model.entries import Entry
from core.model.policy import moment_of
from core.model.statistics import BoardStatistics, EntryFigures, MetricFigures
from core.publish.cells import Cells, cells_of
from core.publish.text import one_line
from core.ranking.board import Board, Standing
from core.ranking.coverage import left_out

MOST: Final = 60  # models in a chart; with more, the pinned ones and the BEST
BEST: Final = 30
LABEL_WIDTH: Final = 30  # columns of a name in a chart
_BILLIONS: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*(T|B|M)(?![A-Za-z])", re.IGNORECASE)
_UNITS: Final = {"t": 1000.0, "b": 1.0, "m": 0.001}


@dataclass(frozen=True, slots=True)
class Cell:
    """One metric of one model; None is undefined. `interval` is 95 %; `rank` is None for a value
    that does not count; `reason` says why there is no value or no interval."""

    value: float | None
    rank: int | None
    n: int | None = None
    interval: tuple[float, float] | None = None
    rank_set: tuple[int, int] | None = None
    tier: int | None = None
    reason: str = ""


class Earlier(NamedTuple):
    """The scores of an earlier version and their day; those in `not_counted` are from too few
    questions."""

    date: str
    metrics: Mapping[str, float | None]
    not_counted: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of a board. `average` is its average rank, `rank` its rank by it.

    `size` is in billions of parameters as declared, `date` ISO 8601 as the board shows it;
    None: not given. `datasets` has the cells of source datasets as they may be shown.
    """

    id: str
    name: str
    label: str
    organization: str
    rank: int
    average: float
    rank_set: tuple[int, int] | None
    tier: int | None
    may_be_first: bool
    cells: Mapping[str, Cell]
    size: float | None
    date: str | None
    datasets: Cells
    earlier: tuple[Earlier, ...]
    entry: Entry


def models_of(
    board: Board,
    figures: BoardStatistics | None,
    missing: Callable[[Entry, Metric], str] = lambda _entry, _metric: "",
) -> tuple[Model, ...]:
    """All models of a board, best first. `missing` says why an entry has no value."""
    found = figures.entries if figures else {}
    none = EntryFigures()
    return tuple(
        _model(one, board, found.get(one.entry.entry_id, none), missing) for one in board.standings
    )


def _model(
    standing: Standing,
    board: Board,
    figures: EntryFigures,
    missing: Callable[[Entry, Metric], str],
) -> Model:
    entry = standing.entry
    date = (entry.verified_date if board.name == "official" else entry.date) or ""
    return Model(
        id=entry.entry_id,
        name=one_line(entry.model_name),
        label=f"{standing.rank}. {shortened(entry.model_name)}",
        organization=one_line(entry.organization),
        rank=standing.rank,
        average=standing.average_rank,
        rank_set=figures.rank_set,
        tier=figures.tier if figures.rank_set else None,  # as the board's brackets
        may_be_first=figures.may_be_first,
        cells={metric.key: _cell(standing, metric, figures, missing) for metric in METRICS},
        size=billions(entry.declared.parameters),
        date=_day(date),
        datasets=cells_of(entry),
        earlier=tuple(
            Earlier(day, old.metrics, left_out(old.metrics, old.coverage, board.policy))
            for old in entry.history
            if old.why not in (RESCORED, TAKEN_BACK) and (day := _day(old.date or ""))
        ),
        entry=entry,
    )


def _cell(
    standing: Standing,
    metric: Metric,
    figures: EntryFigures,
    missing: Callable[[Entry, Metric], str],
) -> Cell:
    value = standing.entry.metrics.get(metric.key)
    if value is None:
        return Cell(None, None, reason=missing(standing.entry, metric))
    found = figures.metrics.get(metric.key, MetricFigures(reason=figures.reason))
    return Cell(
        value,
        standing.metric_ranks[metric.key],
        found.n,
        found.interval,
        found.rank_set,
        found.tier if found.rank_set else None,
        found.reason,
    )


def _day(text: str) -> str | None:
    moment = moment_of(text)
    return f"{moment:%Y-%m-%d}" if moment else None


def billions(text: str | None) -> float | None:
    """The declared number of parameters, in billions: the first number with a unit.

    >>> billions("30B of which 3B active"), billions("770M"), billions("large")
    (30.0, 0.77, None)
    """
    found = _BILLIONS.search(text or "")
    if not found:
        return None
    size = float(found[1].replace(",", ".")) * _UNITS[found[2].lower()]
    return size if 0 < size < 1e6 else None


def shortened(text: str, columns: int = LABEL_WIDTH) -> str:
    """A name of at most this width, cut in the middle, since versions differ at the end.

    Wide letters (East Asian) take two columns.

    >>> shortened("uAI-NEXUS-MedVLM-1.0e-27B-SFT", 20)
    'uAI-NEXUS-…0e-27B-SFT'
    """
    line = one_line(text)
    if _columns(line) <= columns:
        return line
    half = columns // 2
    return f"{_fitting(line, half).rstrip()}…{_fitting(line[::-1], half)[::-1].lstrip()}"


def _fitting(text: str, columns: int) -> str:
    while _columns(text) > columns:
        text = text[:-1] if len(text) <= 2 * columns else text[: 2 * columns]
    return text


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


@dataclass(frozen=True, slots=True)
class Shown:
    """The models in a chart, and how many there are; `said` notes a cut, empty without one."""

    models: tuple[Model, ...]
    total: int

    @property
    def said(self) -> str:
        """A sentence if not all models are drawn; empty otherwise."""
        if len(self.models) == self.total:
            return ""
        return f"{self.total:,} models: showing the pinned ones and the best {BEST}."


def drawn(models: Sequence[Model], pins: Sequence[str]) -> Shown:
    """The models that a chart draws, from those given best first."""
    if len(models) <= MOST:
        return Shown(tuple(models), len(models))
    kept = tuple(m for place, m in enumerate(models) if place < BEST or m.id in pins)
    return Shown(kept, len(models))
