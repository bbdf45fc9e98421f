"""Reads the statistics of boards and pairs, which are computed in the background."""

from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from core.model.entries import BoardName, Entry
from core.model.state import State
from core.model.statistics import SCHEMA, BoardStatistics, PairFigures, PairMetric
from core.model.surplus import withheld
from core.publish.figures import pair_metrics, without_counts
from core.ranking.board import Board, counted_values
from core.runs.statistics import pairs
from core.runs.statistics.folder import StatisticsFolder
from core.runs.statistics.marks import of_board, of_entry
from core.runs.statistics.update import read_board
from core.usecases.services import Services
from core.usecases.teams import may_be_one_team

NOT_NOW: Final = "Intervals are computed for today’s boards only."


def statistics_of(root: Path, board: Board) -> BoardStatistics | None:
    """The figures of the current board; None while they are being computed."""
    found = read_board(StatisticsFolder(root).board(board.name))
    return found if found is not None and found.stands_for == of_board(board) else None


def no_statistics(name: BoardName) -> BoardStatistics:
    """The statistics of a board of an earlier day: only the reason why there are none."""
    return BoardStatistics(schema=SCHEMA, board=name, stands_for="", reason=NOT_NOW)


def pair_differences(state: State, a: str, b: str) -> PairFigures | None:
    """Entry a against entry b on the boards of an earlier day: only differences of values."""
    first, second = _shown(state, a), _shown(state, b)
    if first is None or second is None:
        return None
    return PairFigures(a=a, b=b, metrics=_differences(state, first, second, NOT_NOW))


def file_mark(root: Path, name: BoardName) -> str:
    """Differs after every change of a board's figures; empty while there are none."""
    return _mark(StatisticsFolder(root).board(name))


def pair_figures(services: Services, a: str, b: str) -> PairFigures | None:
    """Entry a against entry b, of either board; None while the figures are being computed, or if
    one of them is not shown.

    If there is nothing to compute, each metric has the difference of the values and the reason.
    """
    state = services.store.read()
    first, second = _shown(state, a), _shown(state, b)
    if first is None or second is None or a == b:
        return None
    path = StatisticsFolder(services.settings.root).pairs
    kept = _pairs(path, _mark(path))
    if any(kept.marks.get(one.entry_id) != of_entry(one, state.policy) for one in (first, second)):
        return None
    metrics = kept.of(a, b)
    if metrics is None:
        reason = kept.reasons.get(a) or kept.reasons.get(b)
        return (
            PairFigures(a=a, b=b, metrics=_differences(state, first, second, reason))
            if reason
            else None
        )
    if may_be_one_team(services, state, first, second):
        metrics = {key: without_counts(one) for key, one in metrics.items()}
    return PairFigures(a=a, b=b, metrics=metrics)


def _shown(state: State, entry_id: str) -> Entry | None:
    found = state.find(entry_id)
    return None if found is None or found[1].hidden else withheld(found[1])


def _differences(state: State, a: Entry, b: Entry, reason: str) -> dict[str, PairMetric]:
    values = counted_values([a, b], state.policy).tolist()
    found = pair_metrics({}, *values)
    return {key: msgspec.structs.replace(one, reason=reason) for key, one in found.items()}


def _mark(path: Path) -> str:
    try:
        found = path.stat()
    except FileNotFoundError:
        return ""
    return f"{found.st_mtime_ns}.{found.st_ino}.{found.st_size}"


@lru_cache(maxsize=2)
def _pairs(path: Path, _mark: str) -> pairs.PairFile:
    return pairs.read(path)
