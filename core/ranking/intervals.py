"""95 % intervals of metrics and of differences, from the jackknife. Pure.

Values: a t interval on the logit scale of the metric's range (delta method), which stays within
the range and holds its level near the ends, where the plain one does not: Brown, Cai, DasGupta
2001, Statistical Science 16 (doi 10.1214/ss/1009213286). Differences: a plain t interval.
Measured coverage: docs/statistics.md.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.benchmark import METRIC_BY_KEY
from core.ranking.jackknife import Jackknife, jackknife
from core.ranking.stacks import Stack, rule_of, values
from core.ranking.tails import t_beyond

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from core.ranking.average_rank import Floats, Integers

ALPHA: Final = 0.05
# With fewer, no interval keeps its level; nor with fewer in a source that counts as much as any.
LEAST_UNITS: Final = 6
LEAST_IN_SOURCE: Final = 4

TOO_FEW = (
    "No interval: its records are from {count} independent recordings, fewer than "
    f"{LEAST_UNITS}, too few to estimate its uncertainty."
)
FEW_IN_SOURCE = (
    f"No interval: {{source}} has fewer than {LEAST_IN_SOURCE} independent recordings and counts "
    "as much as any other source."
)
NO_SPREAD = (
    "No interval: all recordings have the same score, so its uncertainty cannot be estimated."
)
RESTS_ON_ONE = "No interval: without one of the recordings it has no value."


@dataclass(frozen=True, eq=False)
class Intervals:
    """A metric of the models of a stack, arrays of (models,); NaN if missing.

    units: recordings with a scored record; records: scored ones. error: the standard error;
    freedom: its degrees of freedom. reason: why there is no interval, "" if there is one.
    """

    value: "Floats"
    low: "Floats"
    high: "Floats"
    error: "Floats"
    freedom: "Floats"
    units: "Integers"
    records: "Integers"
    reason: tuple[str, ...]
    jackknife: Jackknife | None

    @property
    def known(self) -> "npt.NDArray[np.bool_]":
        """Whether each value has an uncertainty."""
        import numpy as np

        return (self.units >= LEAST_UNITS) & ~np.isnan(self.error)


def intervals(stack: Stack, alpha: float = ALPHA) -> Intervals:
    """The value of every model of a stack and its interval at level 1 - alpha."""
    import numpy as np

    units = (stack.counts.sum(axis=2) > 0).sum(axis=0)
    records = np.array([len(index) for index in stack.index])
    few = too_few(stack)
    if few:
        none = np.full(len(units), np.nan)
        why = tuple(few.replace("{count}", str(count)) for count in units.tolist())
        value = values(stack)[0]
        return Intervals(value, none, none, none, none, units, records, why, None)
    found = jackknife(stack)
    error, freedom = found.errors()
    reason = tuple(
        TOO_FEW.format(count=count)
        if count < LEAST_UNITS
        else RESTS_ON_ONE
        if np.isnan(spread)
        else NO_SPREAD
        if spread == 0
        else ""
        for count, spread in zip(units, error, strict=True)
    )
    metric = METRIC_BY_KEY[stack.key]
    low, high = logit_interval(found.value, error, freedom, (metric.low, metric.high), alpha)
    none = np.array([bool(why) for why in reason])
    low[none] = high[none] = np.nan
    return Intervals(found.value, low, high, error, freedom, units, records, reason, found)


def too_few(stack: Stack) -> str:
    """Why a stack has no jackknife, with “{count}” for a model's units; "" if it has one."""
    if len(stack.units) < LEAST_UNITS:
        return TOO_FEW
    rule = rule_of(stack.key)
    if rule.by_source and not rule.by_records:
        for source, part in stack.sources:
            if part.stop - part.start < LEAST_IN_SOURCE:
                return FEW_IN_SOURCE.format(source=source)
    return ""


def logit_interval(
    value: "Floats",
    error: "Floats",
    freedom: "Floats",
    bounds: tuple[float, float],
    alpha: float = ALPHA,
) -> tuple["Floats", "Floats"]:
    """Ends of the t interval on the logit scale of `bounds`; NaN without a spread."""
    import numpy as np
    from scipy import special

    least, most = bounds
    share = (value - least) / (most - least)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = special.logit(share)
        half = t_beyond(alpha / 2, freedom) * error / (most - least) / (share * (1 - share))
        low, high = special.expit(centre - half), special.expit(centre + half)
    return least + (most - least) * low, least + (most - least) * high
