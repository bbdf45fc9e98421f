"""Orders with other weights of the metrics: given ones, or many drawn at random. Pure.

Random weights: the shares of all possible weightings in which a model leads are the "first rank
acceptability" of SMAA (Lahdelma, Hokkanen, Salminen 1998, European Journal of Operational Research
106, 137-143; Lahdelma, Salminen 2001, Operations Research 49, 444-454).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.ranking.average_rank import metric_ranks, order

if TYPE_CHECKING:
    from core.ranking.average_rank import Floats, Integers

DRAWS: Final = 1000
_SEED: Final = 20260101  # fixed: the same board shows the same shares on every server
_UNITS: Final = 1e9  # averages are compared as whole billionths, like values


@dataclass(frozen=True, slots=True)
class Weighted:
    """A board's rows by weighted mean of their metric ranks.

    Shapes (n,), or (weightings, n) for a stack of weightings. average: 1 to n. rank: 1 to n without
    gaps; equal averages keep the board's order. order: row numbers, best first.
    """

    average: "Floats"
    rank: "Integers"
    order: "Integers"


@dataclass(frozen=True, slots=True)
class Acceptability:
    """The ranks of a board's n rows under random weightings, in arrays of shape (n,).

    leads: share of weightings, 0 to 1, in which the row has rank 1. best, worst: its ranks.
    """

    leads: "Floats"
    best: "Integers"
    worst: "Integers"


def weighted(values: "Floats", names: Sequence[str], weights: "Floats") -> Weighted:
    """Rank the rows of `values` (n, metrics) by `weights` (metrics,) or (weightings, metrics).

    Weights are relative, and at least 0. Ranks within metrics are those of the board, missing
    values last. Equal weights give the board's order. Raises ValueError if a weight is negative
    or none is above 0.
    """
    total = weights.sum(axis=-1, keepdims=True)
    if (weights < 0).any() or not (total > 0).all():
        raise ValueError("weights: expected none below 0 and some above 0 in each weighting")
    average = (weights / total) @ metric_ranks(values).T
    best_first = _best_first(average, order(values, names).rank)
    return Weighted(average, _rank(best_first), best_first)


def random_weights(values: "Floats", names: Sequence[str], draws: int = DRAWS) -> Acceptability:
    """The rows of `values` (n, metrics) under weightings drawn uniformly from the simplex:
    Dirichlet(1, …, 1)."""
    import numpy as np

    rng = np.random.default_rng(_SEED)
    weights = rng.dirichlet(np.ones(values.shape[1]), size=draws)
    rank = weighted(values, names, weights).rank
    return Acceptability((rank == 1).mean(axis=0), rank.min(axis=0), rank.max(axis=0))


def places(scores: "Floats", board: "Integers") -> "Integers":
    """Ranks 1 to n along the last axis, the smallest score first; ties by `board` (n,), the ranks
    on the board."""
    return _rank(_best_first(scores, board))


def _best_first(scores: "Floats", board: "Integers") -> "Integers":
    import numpy as np

    keys = np.rint(scores * _UNITS).astype(np.int64)
    found: Integers = np.lexsort([np.broadcast_to(board, keys.shape), keys])
    return found


def _rank(best_first: "Integers") -> "Integers":
    import numpy as np

    rank = np.empty_like(best_first)
    np.put_along_axis(rank, best_first, np.arange(1, best_first.shape[-1] + 1), axis=-1)
    return rank
