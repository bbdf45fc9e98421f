"""Times as readers say them: the date, and how long ago it was."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_STEPS = (
    (60, 1, "second"),
    (3600, 60, "minute"),
    (86_400, 3600, "hour"),
    (86_400 * 30, 86_400, "day"),
    (86_400 * 365, 86_400 * 30, "month"),
)


def parse(text: str | None) -> tuple[datetime, bool] | None:
    """An ISO date or time, and whether it names a time of day; None when it is neither.

    A time without a zone is UTC.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment, len(text.strip()) > len("2026-01-31")


def zone(name: str | None) -> tzinfo:
    """The reader's time zone by its IANA name; UTC when it is unknown."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def day(moment: datetime) -> str:
    """The date in words, the same in every locale: 15 Apr 2026."""
    return f"{moment.day} {moment:%b %Y}"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, in one unit: "3 minutes ago"; "just now" below ten seconds."""
    seconds = (now - moment).total_seconds()
    if seconds < 10:
        return "just now"
    for limit, unit, name in _STEPS:
        if seconds < limit:
            return _count(int(seconds // unit), name)
    return _count(int(seconds // (86_400 * 365)), "year")


def when(text: str | None, now: datetime, where: tzinfo = UTC) -> str | None:
    """Date, time of day if there is one, and how long ago; None without a date.

    A date alone has no hour, so what is said of it is never finer than a day.
    """
    read = parse(text)
    if read is None:
        return None
    moment, has_time = read
    if has_time:
        local = moment.astimezone(where)
        return f"{day(local)}, {local:%H:%M} ({ago(moment, now)})"
    days = (now.date() - moment.date()).days
    return f"{day(moment)} ({'today' if days < 1 else ago(moment, now)})"


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'} ago"
