"""The quota: tries are counted from the submissions, so the count cannot drift.

Pure. A try is a submission whose scores somebody saw or will see: open, published,
evaluated, or cancelled after it had started. Refused, failed, interrupted and never
started runs do not count. A day is the last 24 hours, a month the last 30 days: a limit
by calendar day could be used twice around midnight.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.model.entries import Entry, Submission
from core.model.policy import Policy
from core.model.state import State

DAY = timedelta(hours=24)
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Allowance:
    """`left`: tries left now (None: no limit). `resets`: when there will be one more, None if no
    try counts. `day`, `month`: tries in the last 24 hours and 30 days."""

    left: int | None
    resets: datetime | None
    day: int
    month: int
    policy: Policy


def is_try(submission: Submission) -> bool:
    """Whether a submission counts as a try."""
    return submission.state != "released" or submission.spent


def opened(submission: Submission) -> datetime:
    """When the try was used: at the submission, or when it was last run again."""
    return moment(submission.opened or submission.created)


def moment(text: str) -> datetime:
    """A stored time; an invalid one is treated as long ago, and so does not count."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def taken_at(state: State, tries: Iterable[Submission], now: datetime) -> list[datetime]:
    """When each try was used, as of `now`.

    A time in the future, from a wrong clock, counts as now, or as the time of the next submission:
    otherwise it would count until then, possibly for years.
    """
    times = {one.submission_id: opened(one) for one in tries}
    if all(time <= now for time in times.values()):
        return list(times.values())
    latest = now
    for one in reversed(list(state.submissions.values())):
        if times.get(one.submission_id, now) > now:
            times[one.submission_id] = latest
        if (created := moment(one.created)) <= now:
            latest = created
    return list(times.values())


def allowance(state: State, submitter: str | None, now: datetime, without: str = "") -> Allowance:
    """What a submitter has left at `now`. `without` is a submission that does not count."""
    policy = state.policy
    mine = (
        one
        for one in state.submissions.values()
        if submitter and one.submitter == submitter and is_try(one) and one.submission_id != without
    )
    times = sorted(taken_at(state, mine, now))
    day = [time for time in times if time > now - DAY]
    month = [time for time in times if time > now - MONTH]
    windows = ((policy.quota_per_day, day, DAY), (policy.quota_per_month, month, MONTH))
    bounded = [(most - len(taken), taken, span) for most, taken, span in windows if most]
    if not bounded or not submitter:
        return Allowance(None, None, len(day), len(month), policy)
    left = max(0, min(rest for rest, _, _ in bounded))
    # One more try needs every window with the fewest tries left to move on.
    moves = [taken[max(0, -rest)] + span for rest, taken, span in bounded if taken and rest <= left]
    return Allowance(left, max(moves, default=None), len(day), len(month), policy)


def limits_text(policy: Policy) -> str:
    """The limits in words: "3 in 24 hours and 20 in 30 days"."""
    windows = ((policy.quota_per_day, "24 hours"), (policy.quota_per_month, "30 days"))
    return " and ".join(f"{most} in {span}" for most, span in windows if most) or "without limit"


def problem(found: Allowance) -> str | None:
    """Why there may be no further try now, as one sentence; None when there may."""
    if found.left is None or found.left > 0:
        return None
    when = f"{found.resets:%d %b %Y, %H:%M} UTC" if found.resets else "later"
    return (
        f"No try is left: the limit is {limits_text(found.policy)}, including “evaluate "
        f"only”. The next one is available on {when}. Checking a file here and scoring your own "
        "validation split on the command line do not count."
    )


def uploads(entry: Entry) -> tuple[str, ...]:
    """The submissions that an entry came from, the newest first."""
    return (entry.upload_id, *(old.submission_id for old in reversed(entry.history)))


def tries_by_entry(state: State, chains: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """The number of tries of each entry: its own versions, and all of its submitters.

    `chains` maps an entry to the submissions that it came from. Entries without a known
    submission (imported, or added by hand) are left out, and so are those whose submissions have
    no key: the program made them.
    """
    by_submitter: dict[str, set[str]] = {}
    for one in state.submissions.values():
        if one.submitter and is_try(one):
            by_submitter.setdefault(one.submitter, set()).add(one.submission_id)
    found = {}
    for entry_id, chain in chains.items():
        own = [state.submissions[name] for name in chain if name in state.submissions]
        if any(one.key_hash for one in own):
            tries = {one.submission_id for one in own}
            for one in own:
                tries |= by_submitter.get(one.submitter or "", set())
            found[entry_id] = len(tries)
    return found
