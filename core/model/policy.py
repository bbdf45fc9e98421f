"""The admin's settings for submissions: the policy and the tracks. Pure records."""

from datetime import UTC, datetime
from typing import Final

import msgspec

from core.model.fields import REQUIRABLE, text_problem


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """A challenge with its own dates. An entry of a track must be published.

    `opens` and `closes` are ISO 8601 (a date means its first moment, a time without a zone is
    UTC; None: no limit); `required` are keys of core.model.fields that a
    submission to it must fill in.
    """

    name: str
    opens: str | None = None
    closes: str | None = None
    required: tuple[str, ...] = ()

    def accepts(self, moment: str) -> bool:
        """Whether it is open at this time (ISO 8601).

        Compares times, not texts: one time can be written in many ways. With an invalid date
        the track is closed.
        """
        at = moment_of(moment)
        opens = moment_of(self.opens) if self.opens else at
        closes = moment_of(self.closes) if self.closes else None
        if at is None or opens is None or (self.closes and closes is None):
            return False
        return opens <= at and (closes is None or at < closes)


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that an admin can change at run time.

    A metric scored on less than `min_coverage` (0 to 1) of its records is marked; with
    `enforce_min_coverage` it does not count. Quotas are per submitter; 0 means no limit.
    """

    accept_submissions: bool = True
    closed_message: str = ""
    quota_per_day: int = 3
    quota_per_month: int = 20
    min_coverage: float = 0.95
    enforce_min_coverage: bool = False
    announcement: str = ""
    tracks: tuple[Track, ...] = ()


DEFAULT: Final = Policy()
_MOST_QUOTA, _MOST_TEXT, _MOST_TRACKS = 10_000, 500, 20


def problems(policy: Policy) -> dict[str, str]:
    """Every invalid value by field name; empty if all are valid."""
    found: dict[str, str] = {}
    for key, name in (("quota_per_day", "A day"), ("quota_per_month", "A month")):
        if not 0 <= getattr(policy, key) <= _MOST_QUOTA:
            found[key] = (
                f"{name}: expected 0 (no limit) to {_MOST_QUOTA}, got {getattr(policy, key)}."
            )
    if not 0 <= policy.min_coverage <= 1:
        found["min_coverage"] = f"Coverage: expected 0 to 1, got {policy.min_coverage:g}."
    for key, name in (("closed_message", "Message"), ("announcement", "Announcement")):
        if problem := _text_problem(name, getattr(policy, key)):
            found[key] = problem
    names = [track.name.strip().casefold() for track in policy.tracks]
    if len(names) > _MOST_TRACKS:
        found["tracks"] = f"Tracks: at most {_MOST_TRACKS}, got {len(names)}."
    if len(set(names)) < len(names):
        found["tracks"] = "Tracks: two have the same name. Use different names."
    for track in policy.tracks:
        if problem := track_problem(track):
            found["tracks"] = problem
    return found


def track_problem(track: Track) -> str | None:
    """Why a track is invalid, as one sentence; None if it is valid."""
    if not track.name.strip():
        return "A track needs a name."
    if problem := _text_problem("Track", track.name):
        return problem
    for moment in (track.opens, track.closes):
        if moment and not is_moment(moment):
            return f"Track “{track.name}”: {moment[:40]!r} is not a date. Write it like 2026-12-31."
    opens, closes = moment_of(track.opens or ""), moment_of(track.closes or "")
    if opens and closes and opens >= closes:
        return f"Track “{track.name}”: it closes before it opens. Correct the dates."
    unknown = [key for key in track.required if key not in REQUIRABLE]
    if unknown:
        return f"Track “{track.name}”: {unknown[0][:40]!r} is not a field that can be required."
    return None


def is_moment(text: str) -> bool:
    """Whether a text is a date or a time as ISO 8601."""
    return moment_of(text) is not None


def moment_of(text: str) -> datetime | None:
    """The time given as ISO 8601, in UTC; None if it is invalid."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # a time zone can shift it out of the calendar
        return None


def moment_text(text: str) -> str:
    """A stored time as shown: 2026-12-31, with the time (UTC) unless it is midnight."""
    found = moment_of(text)
    if found is None:
        return text
    return f"{found:%Y-%m-%d}" if not (found.hour or found.minute) else f"{found:%Y-%m-%d, %H:%M}"


def deadline_text(text: str) -> str:
    """A stored time to the minute: midnight begins a day, which “until” that day does not tell.

    >>> deadline_text("2026-12-31")
    '2026-12-31, 00:00 UTC'
    """
    found = moment_of(text)
    return f"{found:%Y-%m-%d, %H:%M} UTC" if found else text


def _text_problem(name: str, text: str) -> str | None:
    """Why a text is invalid, as a sentence that begins with its name; None if it is valid."""
    if len(text) > _MOST_TEXT:
        return f"{name}: {len(text)} characters; at most {_MOST_TEXT} are shown. Please shorten it."
    problem = text_problem(text)
    return f"{name} {problem}" if problem else None
