"""Whether somebody may submit now: submissions are open, a try is left, the track agrees. Pure."""

from datetime import UTC, datetime
from typing import Final

from core.changes.policy import Policy, Track
from core.changes.state import State, now
from core.errors import RefusedError
from core.forms import FIELD_BY_KEY, TRACK_FIELD, Form
from core.submit.quota import allowance
from core.submit.quota import problem as quota_problem

QUOTA_FIELD: Final = "quota"
CLOSED_FIELD: Final = "closed"
CLOSED: Final = "Submissions are closed at the moment. Files can be checked here all the same."


def closed(policy: Policy) -> str | None:
    """What to tell while no submissions are taken; None when they are."""
    return None if policy.accept_submissions else policy.closed_message or CLOSED


def open_tracks(policy: Policy, moment: str) -> tuple[Track, ...]:
    """The tracks that take a submission of this moment (UTC, ISO 8601)."""
    return tuple(track for track in policy.tracks if track.accepts(moment))


def refuse(state: State, submitter: str | None, without: str = "") -> None:
    """Raise RefusedError when this submitter may not begin an evaluation now.

    Called with the store's lock held: of two at the same moment one takes the last try.
    `without` names a submission that is run again and does not stand in its own way.
    """
    found = _now_problems(state, submitter, without)
    if found:
        raise RefusedError(found)


def problems(state: State, form: Form, submitter: str | None) -> dict[str, str]:
    """Everything that stands against submitting this form now, by field name."""
    return _now_problems(state, submitter) | track_problems(state.policy, form, now())


def _now_problems(state: State, submitter: str | None, without: str = "") -> dict[str, str]:
    told = closed(state.policy)
    if told:
        return {CLOSED_FIELD: told}
    spent = quota_problem(allowance(state, submitter, datetime.now(UTC), without))
    return {QUOTA_FIELD: spent} if spent else {}


def track_problems(policy: Policy, form: Form, moment: str) -> dict[str, str]:
    """What the chosen track asks for and the form does not have."""
    if not form.track:
        return {}
    track = next((one for one in policy.tracks if one.name == form.track), None)
    if track is None or not track.accepts(moment):
        return {
            TRACK_FIELD: f"The track “{form.track:.80}” takes no submissions now. Choose another."
        }
    found = {
        key: f"{FIELD_BY_KEY[key].label} is required by the track “{track.name}”."
        for key in track.required
        if key in FIELD_BY_KEY and not str(getattr(form, key)).strip()
    }
    if form.evaluate_only:
        found[TRACK_FIELD] = (
            f"An entry of the track “{track.name}” must be published. Untick “evaluate only”, or "
            "choose no track."
        )
    return found
