"""How much of a metric's questions stands behind its value, and what follows when it is little.

Whoever answers only what is easy gets a high mean over few records. Pure.
"""

from collections.abc import Mapping

import msgspec

from core.changes.policy import Policy
from core.entries import Entry

Values = Mapping[str, float | None]


def share(coverage: Mapping[str, object], key: str) -> float | None:
    """Scored / records of a metric, 0 to 1; None where it is not known."""
    found = coverage.get(key)
    if not isinstance(found, Mapping):
        return None
    scored, records = found.get("scored"), found.get("records")
    if not isinstance(scored, int) or not isinstance(records, int) or not 0 < scored <= records:
        return None
    return scored / records


def low(metrics: Values, coverage: Mapping[str, object], policy: Policy) -> dict[str, float]:
    """The metrics that have a value from too few of their records, with the share."""
    shares = {key: share(coverage, key) for key, value in metrics.items() if value is not None}
    return {
        key: found
        for key, found in shares.items()
        if found is not None and found < policy.min_coverage
    }


def counted(
    metrics: Values, coverage: Mapping[str, object], policy: Policy
) -> dict[str, float | None]:
    """The metrics as they rank: with the minimum enforced, those below it count as missing."""
    left_out = low(metrics, coverage, policy) if policy.enforce_min_coverage else {}
    return {**metrics, **dict.fromkeys(left_out)}


def as_counted(entry: Entry, policy: Policy) -> Entry:
    """The entry with the metrics as they rank."""
    if not policy.enforce_min_coverage:
        return entry
    return msgspec.structs.replace(entry, metrics=counted(entry.metrics, entry.coverage, policy))


def percent(found: float) -> str:
    """A share in words, rounded down: 100 % is said only where nothing is left out."""
    return f"{int(found * 1000 + 1e-9) / 10:g} %"
