"""Compares two models metric by metric on the same recordings. Pure.

A paired t test whose standard error is the jackknife's, clustered by recording
(core.ranking.jackknife); over the metrics p is corrected by Holm 1979, Scandinavian Journal of
Statistics 6, 65-70. Smallest detectable difference: Bloom 1995, Evaluation Review 19
(doi 10.1177/0193841X9501900504), with 80 % power at two-sided alpha, uncorrected.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from core.ranking.columns import Columns
from core.ranking.intervals import ALPHA, too_few
from core.ranking.jackknife import jackknife
from core.ranking.stacks import Stack, stack, values
from core.ranking.tails import t_beyond, t_tail

if TYPE_CHECKING:
    from core.ranking.average_rank import Floats

POWER: Final = 0.8
Verdict = Literal["better", "worse", "open"]

MISSING: Final = "Not compared: only entries with sample scores are compared."
TOO_FEW: Final = "No interval: its records are from too few independent recordings."
CONSTANT: Final = "No interval: the difference is the same on every recording."
RESTS_ON_ONE: Final = "No interval: without one of the recordings, one of the two has no value."
# Values and differences closer than this are equal.
SAME: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric of a against b, a - b; None with a `reason` if there is none.

    error: the standard error. p: two-sided, corrected over the metrics. detectable: the smallest
    difference that is detected with 80 % power. wins, ties, losses: records of a against b, of
    those scored for both.
    """

    difference: float | None = None
    low: float | None = None
    high: float | None = None
    error: float | None = None
    p: float | None = None
    detectable: float | None = None
    verdict: Verdict = "open"
    wins: int | None = None
    ties: int | None = None
    losses: int | None = None
    reason: str = ""


def compare(a: Columns, b: Columns, alpha: float = ALPHA) -> dict[str, Difference]:
    """Every metric that either has, a against b, unrounded. Both must be scored on one truth."""
    from statsmodels.stats.multitest import multipletests

    found = {key: _compared(stack(key, (a, b)), alpha) for key in {**a, **b}}
    tested = {key: one.p for key, one in found.items() if one.p is not None}
    if not tested:
        return found
    corrected = multipletests(list(tested.values()), alpha, method="holm")[1]
    for key, p in zip(tested, corrected.tolist(), strict=True):
        verdict: Verdict = "better" if (found[key].difference or 0.0) > 0 else "worse"
        found[key] = replace(found[key], p=p, verdict=verdict if p <= alpha else "open")
    return found


def _compared(both: Stack | None, alpha: float) -> Difference:
    import numpy as np

    if both is None or len(both.rows) < 2:
        return Difference(reason=MISSING)
    difference = float(np.subtract(*values(both)[0]))
    if np.isnan(difference):
        return Difference(reason=MISSING)
    difference = 0.0 if abs(difference) < SAME else difference
    told = Difference(difference, None, None, None, None, None, "open", *_records(both))
    if too_few(both):
        return replace(told, reason=TOO_FEW)
    errors, freedoms = jackknife(both).differences(np.array([0]), np.array([1]))
    error, freedom = float(errors[0]), float(freedoms[0])
    if np.isnan(error):
        return replace(told, reason=RESTS_ON_ONE)
    p = float(p_values(np.array([difference]), errors, freedoms, len(both.units))[0])
    if error == 0:
        return replace(told, error=error, p=p, reason=CONSTANT)
    half = float(t_beyond(alpha / 2, freedom)) * error
    return replace(
        told,
        low=difference - half,
        high=difference + half,
        error=error,
        p=p,
        detectable=float(detectable(errors, freedoms, alpha)[0]),
    )


def _records(both: Stack) -> tuple[int, int, int]:
    """Wins, ties and losses of the first model over the records that both have scored."""
    import numpy as np

    first, second = both.index
    _, a, b = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    gap = both.scores[0][a] - both.scores[1][b]
    wins, losses = int((gap > SAME).sum()), int((gap < -SAME).sum())
    return wins, len(gap) - wins - losses, losses


def p_values(differences: "Floats", errors: "Floats", freedoms: "Floats", units: int) -> "Floats":
    """Two-sided p of differences; 1 for no difference.

    If all units show the same difference there is no spread: then p is the sign test's,
    2 / 2^units.
    """
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * t_tail(np.abs(differences) / errors, freedoms)
    p = np.where(errors == 0, 2.0 ** (1 - units), p)
    found: Floats = np.where(np.abs(differences) < SAME, 1.0, p)
    return found


def detectable(errors: "Floats", freedoms: "Floats", alpha: float = ALPHA) -> "Floats":
    """The smallest true differences detected with 80 % power at these standard errors."""
    found: Floats = (t_beyond(alpha / 2, freedoms) + t_beyond(1 - POWER, freedoms)) * errors
    return found
