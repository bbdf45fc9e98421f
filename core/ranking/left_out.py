"""A board without one entry or one metric: who would lead, and which pairs would swap. Pure.

Average ranks depend on who else is on the board and on what is measured: two models can swap
because a third one leaves. Sources: Benavoli, Corani, Mangili 2016 (JMLR 17(5), 1-10) for the
entries; Maier-Hein et al. 2018 (Nature Communications 9, 5217) for the metrics.
Checked against tests/data/published_board_sensitivity.json.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.ranking.average_rank import Order, order

if TYPE_CHECKING:
    from core.ranking.average_rank import Floats

_CELLS: Final = 500_000  # of the boards ranked at once


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A board of n rows without one row or one metric; rows keep their numbers.

    first: the rows with the smallest average rank; among several, the tie-breaks decide the
    `leader`. swapped: pairs of rows, the smaller number first, whose average ranks are in the
    opposite order to the whole board; equal averages are not a swap.
    """

    first: tuple[int, ...]
    leader: int
    swapped: tuple[tuple[int, int], ...]


def entries_left_out(values: "Floats", names: Sequence[str]) -> tuple[LeftOut, ...]:
    """The board without each of its rows, in their order. `values` (n, metrics) as for `order`.

    Raises ValueError for fewer than two rows: nothing would be left.
    """
    import numpy as np

    n = len(values)
    if n < 2:
        raise ValueError(f"{n} rows: without one of them there is no board; give 2 or more")
    whole = order(values, names)
    found: list[LeftOut] = []
    for rows in _chunks(n, values.size):
        # A row without values ranks below all others, so the other ranks are as without it.
        boards = np.repeat(values[np.newaxis], len(rows), axis=0)
        boards[np.arange(len(rows)), rows] = np.nan
        found += _compared(whole, order(boards, names), gone=rows)
    return tuple(found)


def metrics_left_out(values: "Floats", names: Sequence[str]) -> tuple[LeftOut, ...]:
    """The board without each of its metrics, in their order. `values` (n, metrics) as for `order`.

    Raises ValueError for fewer than two metrics.
    """
    import numpy as np

    metrics = values.shape[1]
    if metrics < 2 or not len(values):
        raise ValueError(f"{metrics} metrics, {len(values)} rows; give 2 metrics or more and a row")
    boards = np.stack([np.delete(values, column, axis=1) for column in range(metrics)])
    return tuple(_compared(order(values, names), order(boards, names)))


def _chunks(n: int, cells: int) -> Iterator[list[int]]:
    step = max(1, _CELLS // max(1, cells))
    for begin in range(0, n, step):
        yield list(range(begin, min(n, begin + step)))


def _compared(whole: Order, boards: Order, gone: Sequence[int] | None = None) -> Iterator[LeftOut]:
    """Each board of a stack against the whole one; `gone` is the row that each lacks."""
    import numpy as np

    gap = whole.average - whole.average[:, np.newaxis]
    # Without one entry a rank, and so an average rank, decreases by 1 at most.
    ahead, behind = np.nonzero((gap > 0) & (gap < (1 if gone is not None else np.inf)))
    for number, (average, best_first) in enumerate(zip(boards.average, boards.order, strict=True)):
        if gone is not None:
            average[gone[number]] = np.nan  # no effect on the order
        swap = average[ahead] > average[behind]
        pairs = np.sort(np.column_stack([ahead[swap], behind[swap]]), axis=1)
        yield LeftOut(
            first=tuple(np.flatnonzero(average == np.nanmin(average)).tolist()),
            leader=int(best_first[~np.isnan(average[best_first])][0]),
            swapped=tuple(sorted((a, b) for a, b in pairs.tolist())),
        )
