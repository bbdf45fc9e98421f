"""One metric of a board: intervals, sets of ranks within it, tiers. Pure; unrounded.

Sets by step-down (core.ranking.step_down) on the paired t of every pair. To make pairs with
different degrees of freedom comparable, each t is transformed to the normal scale with half its
own; the draws are normal, with the jackknife's covariance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from core.ranking.average_rank import metric_ranks
from core.ranking.columns import Columns
from core.ranking.differences import SAME, detectable
from core.ranking.intervals import Intervals, intervals
from core.ranking.jackknife import Jackknife
from core.ranking.stacks import Stack, stack, values
from core.ranking.step_down import holding, rank_sets, tiers
from core.ranking.tails import normal_beyond, t_tail

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from core.ranking.average_rank import Floats, Integers

FREEDOM: Final = 0.5  # simulated (docs/statistics.md): at 1, sets of few units are too small
# A published value has three decimals: what is further from it was computed from other scores.
_OFF: Final = 0.0006

NOT_SAMPLED: Final = "No interval: this entry has no sample scores for it."
OTHER_SCORES: Final = (
    "No interval: its sample scores give a different value than the published one."
)


@dataclass(frozen=True, eq=False)
class MetricFigures:
    """One metric of a board's n rows, arrays of (n,); NaN or 0 if missing.

    value: unrounded from its columns, else the published one. low, high: the interval; error: the
    standard error; freedom: its degrees of freedom. units, records: with a score. measured:
    whether the value has columns; otherwise the published value is used, without a set. sets
    (n, 2): best and worst rank within the metric. tier: from 1. reason: why there is no interval,
    "" if there is one, or no value. detectable: the median smallest detectable difference of
    neighbours, NaN without any. joined: sources with a single unit, each with the one that it was
    merged with.
    """

    key: str
    value: "Floats"
    low: "Floats"
    high: "Floats"
    error: "Floats"
    freedom: "Floats"
    units: "Integers"
    records: "Integers"
    measured: "npt.NDArray[np.bool_]"
    sets: "Integers"
    tier: "Integers"
    reason: tuple[str, ...]
    detectable: float
    joined: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Measured:
    """The models with values from columns, and their jackknife if there are enough units."""

    stack: Stack
    jackknife: Jackknife | None

    def freedom(self, rows: int) -> "Floats":
        """Degrees of freedom of the difference of every two rows of a board, (pairs,); NaN if
        neither was measured or they never differ."""
        import numpy as np

        a, b = np.triu_indices(rows, 1)
        if self.jackknife is None:
            either = np.isin(a, self.stack.rows) | np.isin(b, self.stack.rows)
            return np.where(either, max(1, len(self.stack.units) - 1), np.nan)
        return on_rows(self.jackknife, self.stack.rows, rows).differences(a, b)[1]


def on_rows(jackknife: Jackknife, places: "Integers", rows: int) -> Jackknife:
    """The jackknife of `rows` rows, with its models at `places`; the others, and models with
    unknown deviations, have zero deviations."""
    import numpy as np

    deviations = np.zeros((len(jackknife.deviations), rows))
    deviations[:, places] = np.nan_to_num(jackknife.deviations)
    return replace(jackknife, deviations=deviations)


def metric_figures(
    key: str,
    models: Sequence[Columns | None],
    published: "Floats",
    how: tuple[int, float],
    rng: "np.random.Generator",
) -> tuple[MetricFigures, Measured | None]:
    """A metric's figures, and the models with values from columns.

    published (n,): the values that count, else NaN; how: draws and alpha.
    """
    import numpy as np

    n = len(published)
    measured, reason = measured_stack(key, models, published)
    low, high, error, freedom = np.full((4, n), np.nan)
    units, records, tier = np.zeros((3, n), dtype=np.int64)
    found = MetricFigures(
        key=key,
        value=published.copy(),
        low=low,
        high=high,
        error=error,
        freedom=freedom,
        units=units,
        records=records,
        measured=np.zeros(n, dtype=np.bool_),
        sets=np.zeros((n, 2), dtype=np.int64),
        tier=tier,
        reason=tuple(reason),
        detectable=np.nan,
    )
    if measured is None:
        return found, None
    one = intervals(measured, how[1])
    for name in ("value", "low", "high", "error", "freedom", "units", "records"):
        getattr(found, name)[measured.rows] = getattr(one, name)
    found.measured[measured.rows] = True
    for row, why in zip(measured.rows.tolist(), one.reason, strict=True):
        reason[row] = why
    found = replace(found, reason=tuple(reason))
    if one.jackknife is None:
        return found, Measured(measured, None)
    _fill_sets(found, published, (measured.rows, one.known, one.jackknife), how, rng)
    typical = _typical(one, one.jackknife, how[1])
    found = replace(found, detectable=typical, joined=one.jackknife.joined)
    return found, Measured(measured, one.jackknife)


def measured_stack(
    key: str, models: Sequence[Columns | None], published: "Floats"
) -> tuple[Stack | None, list[str]]:
    """The stack of models whose columns give the published value; why others are left out."""
    import numpy as np

    reason = ["" if np.isnan(value) else NOT_SAMPLED for value in published]
    shown = [one if why else None for one, why in zip(models, reason, strict=True)]
    found = stack(key, shown)
    if found is None:
        return None, reason
    off = ~(np.abs(values(found)[0] - published[found.rows]) <= _OFF)
    if off.any():
        for row in found.rows[off].tolist():
            reason[row], shown[row] = OTHER_SCORES, None
        found = stack(key, shown)
    return found, reason


def matching(columns: Columns, published: Mapping[str, float]) -> Columns:
    """The columns that give the published value of their metric; others, as after an edit by hand,
    are of other scores. NaN: no published value."""
    import numpy as np

    return {
        key: one
        for key, one in columns.items()
        if measured_stack(key, [columns], np.array([published[key]]))[0] is not None
    }


def _fill_sets(
    found: MetricFigures,
    published: "Floats",
    of_rows: tuple["Integers", "npt.NDArray[np.bool_]", Jackknife],
    how: tuple[int, float],
    rng: "np.random.Generator",
) -> None:
    """Fill in sets and tiers. of_rows: which rows were measured, whether their deviations are
    known, and their jackknife."""
    import numpy as np

    draws, alpha = how
    measured, known, jackknife = of_rows
    rows = np.flatnonzero(~np.isnan(published))
    place = np.searchsorted(rows, measured)
    spread = on_rows(jackknife, place, len(rows))
    open_to_all = np.zeros(len(rows), dtype=bool)
    open_to_all[place] = ~known
    moves = found.measured[rows]
    a, b = np.triu_indices(len(rows), 1)
    error, freedom = spread.differences(a, b)
    value = found.value[rows]
    gap = np.abs(value[a] - value[b])
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = t_tail(gap / error, FREEDOM * freedom)
    # Without a spread, the sign test decides; two values without columns count as different.
    alike = 0.5 ** len(spread.deviations)
    tail = np.where(error > 0, tail, np.where(moves[a] | moves[b], alike, 0.0))
    statistic = normal_beyond(tail)
    statistic[(gap < SAME) | open_to_all[a] | open_to_all[b]] = 0.0
    # Same covariance as the deviations, with at most as many rows as models.
    root = np.linalg.qr(spread.deviations, mode="r")
    drawn = rng.standard_normal((draws, len(root))) @ root
    sets = rank_sets(value, statistic, error, drawn, alpha)
    sets = holding(sets, metric_ranks(published[rows, None])[:, 0])
    found.tier[rows] = tiers(sets)
    found.sets[measured] = sets[place]


def _typical(one: Intervals, jackknife: Jackknife, alpha: float) -> float:
    """The median smallest detectable difference of neighbours by value, NaN without any."""
    import numpy as np

    shown = np.flatnonzero(one.known)
    order = shown[np.argsort(-one.value[shown], kind="stable")]
    error, freedom = jackknife.differences(order[:-1], order[1:])
    least = detectable(error, freedom, alpha)[error > 0]
    return float(np.median(least)) if len(least) else np.nan
