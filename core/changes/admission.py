"""Whether a submission is allowed now: open, within the quota, accepted by the track. Pure."""

from datetime import UTC, datetime
from typing import Final

from core.changes.quota import allowance
from core.changes.quota import problem as quota_problem
from core.errors import RefusedError
from core.model.entries import Entry
from core.model.fields import FIELD_BY_KEY, TRACK_FIELD, Form
from core.model.policy import Policy, Track, deadline_text
from core.model.state import State, now

QUOTA_FIELD: Final = "quota"
CLOSED_FIELD: Final = "closed"
CLOSED_TITLE: Final = "Submissions are closed."
CLOSED: Final = "Submissions are closed at the moment. You can still check files here."


def closed(policy: Policy) -> str | None:
    """The message while submissions are closed; None if they are open."""
    return None if policy.accept_submissions else policy.closed_message or CLOSED


def open_tracks(policy: Policy, moment: str) -> tuple[Track, ...]:
    """The tracks that are open at this time (UTC, ISO 8601)."""
    return tuple(track for track in policy.tracks if track.accepts(moment))


def refuse(state: State, submitter: str | None, without: str = "") -> None:
    """Raise RefusedError when this submitter may not start an evaluation now.

    Called with the store's lock held: of two at the same moment, one gets the last try.
    `without` is a submission that is run again and does not count against itself.
    """
    found = _now_problems(state, submitter, without)
    if found:
        raise RefusedError(found)


def problems(state: State, form: Form, submitter: str | None) -> dict[str, str]:
    """Every problem with submitting this form now, by field name."""
    return _now_problems(state, submitter) | track_problems(state.policy, form, now())


def _now_problems(state: State, submitter: str | None, without: str = "") -> dict[str, str]:
    told = closed(state.policy)
    if told:  # programs read only this
        return {CLOSED_FIELD: told if told == CLOSED else f"{CLOSED_TITLE} {told}"}
    spent = quota_problem(allowance(state, submitter, datetime.now(UTC), without))
    return {QUOTA_FIELD: spent} if spent else {}


def track_problems(policy: Policy, form: Form, moment: str) -> dict[str, str]:
    """The chosen track's requirements that the form does not meet."""
    if not form.track:
        return {}
    track = track_named(policy, form.track)
    if track is None or not track.accepts(moment):
        return {
            TRACK_FIELD: f"The track “{form.track:.80}” takes no submissions now. Choose another."
        }
    found = required_problems(track, form)
    if form.evaluate_only:
        found[TRACK_FIELD] = (
            f"An entry of the track “{track.name}” must be published. Untick “evaluate only”, or "
            "choose no track."
        )
    return found


def track_named(policy: Policy, name: str | None) -> Track | None:
    """The track of this name; None if it does not exist."""
    return next((one for one in policy.tracks if one.name == name), None)


def required_problems(track: Track, form: Form) -> dict[str, str]:
    """The fields that a track requires and the form leaves empty, by name."""
    return {
        key: f"{FIELD_BY_KEY[key].label} is required by the track “{track.name}”."
        for key in track.required
        if key in FIELD_BY_KEY and not str(getattr(form, key)).strip()
    }


def version_problem(policy: Policy, entry: Entry, moment: str) -> str | None:
    """Why an entry's track does not accept a new version of it now; None if it does."""
    if not entry.track:
        return None
    track = track_named(policy, entry.track)
    if track is not None and track.accepts(moment):
        return None
    why = "no longer exists"
    if track is not None:
        opens = f" from {deadline_text(track.opens)}" if track.opens else ""
        closes = f" until {deadline_text(track.closes)}" if track.closes else ""
        why = f"only takes submissions{opens}{closes}"
    return (
        f"This entry is in the track “{entry.track:.80}”, which {why}. Its scores stay "
        "unchanged. Submit the file as a new entry, under another name, or ask the maintainers to "
        "remove this one from the track."
    )
