"""Average ranks on test sets resampled from the recordings of this one. Pure.

Rao and Wu 1988, Journal of the American Statistical Association 83 (doi 10.2307/2288945): of the
g units of a source g - 1 are drawn with replacement, each weighted by g / (g - 1), which keeps the
variance right in sources of few units. Every metric is computed by its definition, unrounded, and
the models are ranked as the board ranks them.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from core.ranking.average_rank import metric_ranks
from core.ranking.jackknife import strata
from core.ranking.stacks import Stack, values
from core.ranking.units import Unit

if TYPE_CHECKING:
    import numpy as np

    from core.ranking.average_rank import Floats

DRAWS: Final = 4000
_AT_ONCE: Final = 250  # draws; memory use grows with it


def weights(sizes: Sequence[tuple[str, int]], draws: int, rng: "np.random.Generator") -> "Floats":
    """Weights of the units of sources with these numbers of units, in order: (units, draws)."""
    import numpy as np

    stratum, _ = strata(sizes)
    order = np.argsort(stratum, kind="stable")
    count = np.bincount(stratum)
    found = np.empty((len(order), draws))
    for begin, g in zip(np.cumsum(count) - count, count, strict=True):
        if g == 1:  # the only unit there is
            found[order[begin]] = 1.0
            continue
        drawn = rng.integers(g, size=(draws, g - 1)) * draws + np.arange(draws)[:, None]
        times = np.bincount(drawn.ravel(), minlength=g * draws).reshape(g, draws)
        found[order[begin : begin + g]] = times * (g / (g - 1))
    return found


def average_ranks(
    board: "Floats", stacks: Sequence[tuple[int, Stack]], draws: int, rng: "np.random.Generator"
) -> "Floats":
    """The average rank of every row of a board in every draw, (draws, rows).

    board (rows, metrics): the values used where none are drawn; NaN is missing, in the draws too.
    stacks: the metrics whose values are drawn, by column.
    """
    import numpy as np

    boards = drawn_values(board, stacks, draws, rng)
    return np.concatenate([metric_ranks(one).mean(axis=-1) for one in boards])


def drawn_values(
    board: "Floats", stacks: Sequence[tuple[int, Stack]], draws: int, rng: "np.random.Generator"
) -> "Iterator[Floats]":
    """The boards of the draws, (some draws, rows, metrics), in batches."""
    import numpy as np

    units = sorted({unit for _, stack in stacks for unit in stack.units})
    at = {unit: n for n, unit in enumerate(units)}
    places = [np.array([at[unit] for unit in stack.units]) for _, stack in stacks]
    sizes = sizes_of(units)
    for begin in range(0, draws, _AT_ONCE):
        many = min(_AT_ONCE, draws - begin)
        drawn = np.repeat(board[None], many, axis=0)
        weight = weights(sizes, many, rng)
        for (column, stack), place in zip(stacks, places, strict=True):
            drawn[:, stack.rows, column] = values(stack, weight[place])
        yield drawn


def sizes_of(units: Sequence[Unit]) -> list[tuple[str, int]]:
    """Each source of sorted units with its number of units."""
    names = [unit.source for unit in units]
    return [(name, names.count(name)) for name in dict.fromkeys(names)]
