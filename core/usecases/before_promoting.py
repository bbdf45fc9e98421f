"""Warnings for an admin before promoting an entry, one sentence each. Pure."""

from core.benchmark import METRIC_BY_KEY, METRICS
from core.model.entries import Entry
from core.model.state import State
from core.model.surplus import held
from core.publish.numbers import count, percent
from core.ranking.coverage import low


def warnings(state: State, entry: Entry) -> list[str]:
    """Missing or held metrics, low coverage, open reports, no request for verification."""
    missing = [one.name for one in METRICS if entry.metrics.get(one.key) is None]
    few = low(entry.metrics, entry.coverage, state.policy)
    reports = [
        one for one in state.reports if one.entry_id == entry.entry_id and one.state == "open"
    ]
    found = []
    if missing:
        found.append(f"Missing metrics, ranked last: {', '.join(missing)}.")
    if entry.held:
        records = count(entry.held.flagged, "record")
        found.append(
            f"Caption scores are held: {records} with flagged captions. Review them first."
        )
    if surplus := held(entry):
        names = ", ".join(METRIC_BY_KEY[key].name for key in surplus)
        found.append(f"Held for surplus segments: {names}. Review them first.")
    if few:
        shares = ", ".join(f"{METRIC_BY_KEY[key].name} {percent(one)}" for key, one in few.items())
        found.append(f"Low coverage: {shares}.")
    if reports:
        found.append(f"{count(len(reports), 'open report')} about this entry.")
    if entry.verification is None:
        found.append("The owner never asked for verification.")
    elif entry.verification.state == "declined":
        found.append("Verification was declined before.")
    return found
