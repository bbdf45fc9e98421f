"""The statistics of a board: intervals, sets of ranks, tiers. Pure; unrounded.

A set of average ranks is about the model's place by *expected* average rank over test sets of this
size and composition. All sets of a board hold simultaneously, and so do those of each metric.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.benchmark import METRIC_KEYS
from core.ranking.average_rank import metric_ranks
from core.ranking.columns import Columns
from core.ranking.differences import SAME
from core.ranking.draws import DRAWS, average_ranks
from core.ranking.intervals import ALPHA
from core.ranking.metric_figures import Measured, MetricFigures, metric_figures
from core.ranking.step_down import holding, rank_sets, tiers
from core.ranking.tails import normal_beyond, t_tail

if TYPE_CHECKING:
    import numpy as np

    from core.ranking.average_rank import Floats, Integers

# Simulated (docs/statistics.md): at 1, sets of tied models are too small, since models that are
# spread by chance change places less in draws than tied ones do.
FACTOR: Final = 1.25


@dataclass(frozen=True, eq=False)
class Figures:
    """The statistics of a board's n rows, in their order.

    sets (n, 2): best and worst place by average rank, 0 for a row without sample scores; tier
    (n,); may_be_first (n,): whether its set starts at 1. without: rows taken at their values.
    """

    metrics: dict[str, MetricFigures]
    sets: "Integers"
    tier: "Integers"
    may_be_first: tuple[bool, ...]
    without: tuple[int, ...]
    draws: int


def figures(
    models: Sequence[Columns | None],
    board: "Floats",
    *,
    seed: int,
    draws: int = DRAWS,
    alpha: float = ALPHA,
) -> Figures:
    """The statistics of a board. `models` are its rows, best first, None for one without sample
    scores; `board` (rows, metrics) are the published values that count, else NaN.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    exact = board.copy()
    found: dict[str, MetricFigures] = {}
    of_columns: list[tuple[int, Measured]] = []
    for column, key in enumerate(METRIC_KEYS):
        one, drawn = metric_figures(key, models, board[:, column], (draws, alpha), rng)
        found[key] = one
        exact[:, column] = one.value
        if drawn is not None:
            of_columns.append((column, drawn))
    measured = np.array([one.measured for one in found.values()]).any(axis=0)
    sets = np.zeros((len(board), 2), dtype=np.int64)
    if measured.any():
        sets = _average_rank_sets(exact, of_columns, (draws, alpha), rng)
    places = np.arange(1, len(board) + 1)
    sets = holding(sets, places)
    tier = tiers(sets)
    sets[~measured] = 0
    return Figures(
        found,
        sets,
        tier,
        tuple((sets[:, 0] == 1).tolist()),
        tuple(np.flatnonzero(~measured).tolist()),
        draws,
    )


def _average_rank_sets(
    exact: "Floats",
    of_columns: Sequence[tuple[int, Measured]],
    how: tuple[int, float],
    rng: "np.random.Generator",
) -> "Integers":
    """Step-down on differences of average rank over draws, centred on the unrounded averages.

    Each difference divided by its standard error is transformed to the normal scale with the
    harmonic mean of its metrics' degrees of freedom.
    """
    import numpy as np

    draws, alpha = how
    average = metric_ranks(exact).mean(axis=-1)
    drawn = average_ranks(exact, [(column, one.stack) for column, one in of_columns], draws, rng)
    a, b = np.triu_indices(len(average), 1)
    covariance = np.atleast_2d(np.cov(drawn, rowvar=False))
    variance = np.diag(covariance)[a] + np.diag(covariance)[b] - 2 * covariance[a, b]
    error = np.sqrt(np.where(variance > SAME, variance, 0.0))
    each = np.array([1 / one.freedom(len(average)) for _, one in of_columns])
    known = ~np.isnan(each)
    gap = np.abs(average[a] - average[b])
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = known.sum(axis=0) / np.where(known, each, 0.0).sum(axis=0)
        statistic = normal_beyond(t_tail(gap / error / FACTOR, freedom))
    statistic = np.where(error > 0, statistic, np.inf)
    statistic[(gap < SAME) | np.isnan(statistic)] = 0.0
    return rank_sets(-average, statistic, error, drawn - average, alpha)
