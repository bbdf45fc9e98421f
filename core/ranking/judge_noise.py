"""How much a caption metric changes between judge runs. Pure.

The jackknife covers the sampling of recordings, but takes the grades as fixed: it does not include
a judge that grades all captions of a model slightly higher or lower. If models were graded more
than once on the same answers, the variance between those runs is pooled over the models and added,
with degrees of freedom by Satterthwaite 1946 (doi 10.2307/3002019).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import variance
from typing import NamedTuple

from core.benchmark import METRIC_BY_KEY
from core.ranking.intervals import ALPHA, logit_interval
from core.ranking.metric_figures import MetricFigures


class JudgeNoise(NamedTuple):
    """The variance of a metric between judge runs, its degrees of freedom, and the number of
    models that it was estimated from."""

    variance: float
    freedom: int
    models: int


def pooled(runs: Iterable[Sequence[float]]) -> JudgeNoise | None:
    """The noise of a metric; `runs` has each model's values in its independent judge runs. None
    if no model has two."""
    several = [values for values in runs if len(values) > 1]
    freedom = sum(len(values) - 1 for values in several)
    if not freedom:
        return None
    total = sum(variance(values) * (len(values) - 1) for values in several)
    return JudgeNoise(total / freedom, freedom, len(several))


def with_noise(found: MetricFigures, noise: JudgeNoise, alpha: float = ALPHA) -> MetricFigures:
    """A metric's figures with the noise added to standard errors and intervals. Sets of ranks
    are unchanged: a judge shared by all models moves them together."""
    import numpy as np

    sampling = found.error**2
    both = sampling + noise.variance
    freedom = both**2 / (sampling**2 / found.freedom + noise.variance**2 / noise.freedom)
    metric = METRIC_BY_KEY[found.key]
    error = np.sqrt(both)
    low, high = logit_interval(found.value, error, freedom, (metric.low, metric.high), alpha)
    none = np.isnan(found.low)
    low[none] = high[none] = np.nan
    return replace(found, error=error, freedom=freedom, low=low, high=high)
