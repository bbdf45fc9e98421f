"""Agreement of two judge runs on the distinct pairs that both scored. Pure.

Every aspect of every pair is one value; a pair counts once, even if it is used often.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.benchmark import JUDGE_ASPECTS
from core.model.contracts.judge import Agreement
from evaluation.judge.pairs import TASKS
from evaluation.judge.scores import Score

Values = NDArray[np.float64]


def by_task(a: Mapping[str, Score], b: Mapping[str, Score]) -> dict[str, Agreement]:
    """Task -> agreement, for tasks with a pair in both, and "all" for all of them.

    `a` and `b` map a pair's key to its scores.
    """
    both = [(one, b[key]) for key, one in a.items() if key in b]
    tasks = [task for task in TASKS if any(one.task == task for one, _ in both)]
    found = {}
    for task in (*tasks, "all"):
        of_task = [pair for pair in both if task in ("all", pair[0].task)]
        rows = [[one.scores[key] for one, _ in of_task for key in JUDGE_ASPECTS]]
        rows += [[other.scores[key] for _, other in of_task for key in JUDGE_ASPECTS]]
        found[task] = agreement(*rows)
    return found


def agreement(a: Sequence[int], b: Sequence[int]) -> Agreement:
    """Compares two equally long sequences of scores from 1 to 5; None where undefined."""
    if not a:
        return Agreement(0, math.nan, math.nan, math.nan, None, None)
    x, y = np.asarray(a, np.float64), np.asarray(b, np.float64)
    gap = y - x
    # Quadratic weighted kappa: 1 - observed / expected squared difference.
    chance = _chance(x, y)
    kappa = 1 - float((gap**2).mean()) / chance if chance > 0 else None
    return Agreement(
        len(x),
        float(gap.mean()),
        float((gap == 0).mean()),
        float((abs(gap) <= 1).mean()),
        kappa,
        _correlation(_ranks(x), _ranks(y)),
    )


def _chance(x: Values, y: Values) -> float:
    """Mean squared difference of independent draws, without building all pairs."""
    return float((x**2).mean() + (y**2).mean() - 2 * x.mean() * y.mean())


def _ranks(values: Values) -> Values:
    """Ranks from 1; ties get their mean rank."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    ranks: Values = (last - (count - 1) / 2)[place]
    return ranks


def _correlation(x: Values, y: Values) -> float | None:
    x, y = x - x.mean(), y - y.mean()
    scale = math.sqrt(float((x**2).sum()) * float((y**2).sum()))
    return float((x * y).sum()) / scale if scale > 0 else None
