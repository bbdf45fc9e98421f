"""How far two judge runs agree on the pairs that both scored. Pure; values per aspect score."""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


class Agreement(msgspec.Struct, frozen=True):
    """n scores; mean of b - a; shares in [0, 1]; kappa and Spearman in [-1, 1], or NaN."""

    n: int
    mean_difference: float
    exact: float
    within_one: float
    kappa: float
    spearman: float


def agreement(a: Sequence[int], b: Sequence[int]) -> Agreement:
    """Compares two equally long rows of scores from 1 to 5; NaN where undefined."""
    if not a:
        return Agreement(0, math.nan, math.nan, math.nan, math.nan, math.nan)
    x, y = np.asarray(a, np.float64), np.asarray(b, np.float64)
    gap = y - x
    # Quadratic weighted kappa: 1 - observed / expected squared difference.
    chance = _chance(x, y)
    kappa = 1 - float((gap**2).mean()) / chance if chance > 0 else math.nan
    return Agreement(
        len(x),
        float(gap.mean()),
        float((gap == 0).mean()),
        float((abs(gap) <= 1).mean()),
        kappa,
        _correlation(_ranks(x), _ranks(y)),
    )


def _chance(x: Values, y: Values) -> float:
    """Mean squared difference of independent draws, without the table of all pairs."""
    return float((x**2).mean() + (y**2).mean() - 2 * x.mean() * y.mean())


def _ranks(values: Values) -> Values:
    """Ranks from 1, ties share their mean rank."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    ranks: Values = (last - (count - 1) / 2)[place]
    return ranks


def _correlation(x: Values, y: Values) -> float:
    x, y = x - x.mean(), y - y.mean()
    scale = math.sqrt(float((x**2).sum()) * float((y**2).sum()))
    return float((x * y).sum()) / scale if scale > 0 else math.nan
