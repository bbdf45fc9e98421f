"""Explains an entry's rank: its ranks per metric, and the difference to its neighbours. Pure."""

import math
from dataclasses import dataclass

from core.benchmark import METRICS, Metric
from core.model.entries import Entry
from core.ranking.average_rank import Decision, decision, metric_ranks
from core.ranking.board import Board, Standing


@dataclass(frozen=True, slots=True)
class Place:
    """An entry's rank within one metric of its board.

    `value` is the value that counts, if any. `rank` is the one in the average: a missing value
    ranks below all others. `of` models have a value that counts, `tied` of them, besides this
    entry, the same value. `best` is the largest value of the board, `above` the smallest that is
    larger than this entry's, if any.
    """

    metric: Metric
    value: float | None
    rank: int
    of: int
    tied: int
    best: float | None
    above: float | None

    @property
    def to_best(self) -> float | None:
        """The gap to the best value; 0 for the best itself."""
        return None if self.value is None or self.best is None else self.best - self.value

    @property
    def to_next(self) -> float | None:
        """The gap to the next better place; None for the best."""
        return None if self.value is None or self.above is None else self.above - self.value


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The entry one rank above or below, and the criterion that decided between the two."""

    entry: Entry
    decision: Decision


@dataclass(frozen=True, slots=True)
class Why:
    """An entry's rank explained: `places` in the order of core.benchmark.METRICS, with ranks that
    sum to `total`; `size` models are on the board."""

    standing: Standing
    size: int
    places: tuple[Place, ...]
    total: int
    above: Neighbour | None
    below: Neighbour | None


def why(board: Board, entry_id: str) -> Why | None:
    """Why an entry of a board has its rank; None when it is not on the board."""
    rows = {entry.entry_id: row for row, entry in enumerate(board.entries)}
    if entry_id not in rows:
        return None
    row = rows[entry_id]
    ranks = metric_ranks(board.values)[row].tolist()
    columns = board.values.T.tolist()
    places = tuple(
        _place(metric, column, row, rank)
        for metric, column, rank in zip(METRICS, columns, ranks, strict=True)
    )
    return Why(
        standing=board.standings[row],
        size=len(board.entries),
        places=places,
        total=sum(ranks),
        above=_neighbour(board, row - 1, row) if row else None,
        below=_neighbour(board, row + 1, row) if row + 1 < len(board.entries) else None,
    )


def _place(metric: Metric, column: list[float], row: int, rank: int) -> Place:
    own = column[row]
    present = [value for value in column if not math.isnan(value)]
    larger = [value for value in present if value > own]
    return Place(
        metric=metric,
        value=None if math.isnan(own) else own,
        rank=rank,
        of=len(present),
        tied=present.count(own) - 1 if not math.isnan(own) else 0,
        best=max(present, default=None),
        above=min(larger, default=None),
    )


def _neighbour(board: Board, other: int, row: int) -> Neighbour:
    found = decision(board.values, min(other, row), max(other, row))
    return Neighbour(board.entries[other], found)
