"""Other rules to aggregate the metrics, and how much their order differs from the board's. Pure.

For comparison only: the board's own rule is core.ranking.average_rank. Sources: Wiesenfarth et al.
2021 (Scientific Reports 11, 2369: ranks first, then their mean or median); Colombo et al. 2022
(arXiv 2202.03799: Borda against means of scores); Kendall 1945 (Biometrika 33, 239-251: tau-b).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.benchmark import METRICS
from core.ranking.average_rank import metric_ranks, order
from core.ranking.weights import places

if TYPE_CHECKING:
    from core.ranking.average_rank import Floats, Integers


@dataclass(frozen=True, slots=True)
class Scheme:
    """A rule: its name and what it does, for readers.

    scores: maps values (n, metrics) to a number for each row, (n,); the smallest ranks first.
    """

    key: str
    name: str
    what: str
    scores: "Callable[[Floats], Floats]"


@dataclass(frozen=True, slots=True)
class SchemeOrder:
    """The order of a board of n rows by a scheme.

    rank (n,): 1 to n, equal scores as on the board. tau: Kendall's tau-b of its scores with the
    ranks on the board, -1 to 1; NaN where they are all the same.
    """

    scheme: Scheme
    rank: "Integers"
    tau: float


def by_tasks(values: "Floats") -> "Floats":
    """Mean over tasks of the mean rank in the task's metrics."""
    import numpy as np

    ranks = metric_ranks(values)
    tasks = np.array([metric.task for metric in METRICS])
    means = [ranks[:, tasks == task].mean(axis=1) for task in dict.fromkeys(tasks.tolist())]
    found: Floats = np.mean(means, axis=0)
    return found


def median_rank(values: "Floats") -> "Floats":
    """Median of the ranks within the metrics."""
    import numpy as np

    found: Floats = np.median(metric_ranks(values), axis=1)
    return found


def borda(values: "Floats") -> "Floats":
    """Minus the Borda count: in each metric a point for each model beaten, half a point for each
    tie. Missing values lose to all others and tie with each other."""
    import numpy as np
    from scipy.stats import rankdata

    beaten = rankdata(np.nan_to_num(values, nan=-np.inf), axis=0) - 1
    found: Floats = -beaten.sum(axis=1)
    return found


def z_scores(values: "Floats") -> "Floats":
    """Minus the mean z-score: in each metric the distance from the models' mean, in their standard
    deviations (of the population).

    A missing value gets the metric's lowest score, just as it gets the last rank. A metric in
    which all are equal, or none has a value, is left out.
    """
    import numpy as np
    from scipy.stats import zscore

    parts = np.fmax.reduce(values, axis=0) > np.fmin.reduce(values, axis=0)
    if not parts.any():
        return np.zeros(len(values))
    scores = zscore(values[:, parts], axis=0, nan_policy="omit")
    lowest = np.nanmin(scores, axis=0)
    found: Floats = -np.where(np.isnan(scores), lowest, scores).mean(axis=1)
    return found


SCHEMES: Final = (
    Scheme("tasks", "tasks weighted equally", "mean rank per task, then over the tasks", by_tasks),
    Scheme("median", "median rank", "the median of the ranks instead of their mean", median_rank),
    Scheme("borda", "Borda count", "points for models beaten, half a point for ties", borda),
    Scheme("z", "z-scores", "differences between scores count, not only their order", z_scores),
)


def scheme_orders(values: "Floats", names: Sequence[str]) -> tuple[SchemeOrder, ...]:
    """The order by each of SCHEMES of a board's values (n, metrics of core.benchmark.METRICS)."""
    from scipy.stats import kendalltau

    board = order(values, names).rank
    found = []
    for scheme in SCHEMES:
        scores = scheme.scores(values).round(9)
        tau = float(kendalltau(board, scores).statistic) if len(board) > 1 else math.nan
        found.append(SchemeOrder(scheme, places(scores, board), tau))
    return tuple(found)
