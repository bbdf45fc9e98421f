"""Versions of an entry: its earlier scores, and whether its scores are up to date. Pure."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from core.benchmark import SCORER_VERSION
from core.changes.rules import with_entry
from core.errors import RefusedError
from core.model.entries import Entry, Version
from core.model.state import State
from core.model.surplus import withheld

NEW_VERSION, RESCORED, OWN_RUN = "new version", "re-scored", "the maintainers' own run"
TAKEN_BACK: Final = "taken back"  # its owner went back to the previous version
KEPT_DAYS: Final = 30  # during which that is possible
# Fields that a new version keeps from the entry that it replaces.
_KEPT = ("entry_id", "status", "off_the_shelf", "organiser", "hidden", "verified_note",
         "verification", "extra", "organization", "contact_ref", "model_url", "declared",
         "model_name", "judge_history", "board", "arrived")  # fmt: skip


def as_version(entry: Entry, why: str, when: str) -> Version:
    """The entry's scores as an item of its public history."""
    return Version(
        replaced=when,
        why=why,
        submission_id=entry.upload_id,
        metrics=withheld(entry).metrics,
        date=entry.date,
        strict=entry.strict,
        coverage=entry.coverage,
        scorer_version=entry.scorer_version,
        ground_truth_sha256=entry.ground_truth_sha256,
        predictions_sha256=entry.predictions_sha256,
        judge=entry.judge,
    )


def new_version(state: State, entry_id: str, fresh: Entry, when: str) -> State:
    """The Community entry with the scores of `fresh`, and its old ones in its history.

    Name, organization, contact, link and declared data are kept: they are edited separately.
    Raises RefusedError when there is no such entry on the Community board.
    """
    old = replaceable(state, entry_id)
    kept = {key: getattr(old, key) for key in _KEPT}
    new = msgspec.structs.replace(
        fresh,
        **kept,
        track=fresh.track or old.track,
        submission_id=fresh.entry_id,
        history=(*old.history, as_version(old, NEW_VERSION, when)),
    )
    return with_entry(state, new)


def former(entry: Entry, when: str) -> Version | None:
    """The version that the entry's owner may go back to at the time `when` (UTC, ISO 8601): the
    one replaced by the current one, unless that is too long ago or it was re-scored since."""
    last = entry.history[-1] if entry.history and entry.board == "community" else None
    return last if last and last.why == NEW_VERSION and when <= kept_until(last) else None


def kept_until(version: Version) -> str:
    """Until when the owner may go back to a replaced version (UTC, ISO 8601)."""
    last = datetime.fromisoformat(version.replaced) + timedelta(days=KEPT_DAYS)
    return last.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def replaceable(state: State, entry_id: str) -> Entry:
    """The Community entry that a submission may become a new version of, or RefusedError."""
    found = state.find(entry_id)
    if found is None or found[0] != "community":
        raise RefusedError(
            {
                "submission": "The entry that this would be a new version of is not on the "
                "Community board. Submit the file as a new entry, under another name."
            }
        )
    return found[1]


def stale_reason(
    entry: Entry, truth_sha256: str | None, scorer_version: str = SCORER_VERSION
) -> str | None:
    """Why an entry's scores are not comparable with new ones; None if they are.

    `truth_sha256` is the current ground truth's, None if there is none. An entry that was not
    scored by this program (no scorer_version) is never stale.
    """
    if entry.scorer_version is None:
        return None
    if entry.scorer_version != scorer_version:
        return f"Scored by version {entry.scorer_version}; the scorer is now {scorer_version}."
    if truth_sha256 and entry.ground_truth_sha256 not in (None, truth_sha256):
        return "Scored against a different ground truth."
    return None
