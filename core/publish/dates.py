"""Times for readers: the date, and how long ago it was."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import humanize


def parse(text: str | None) -> tuple[datetime, bool] | None:
    """An ISO date or time, and whether it includes a time of day; None if it is neither.

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


def iso_day(text: str | None) -> str:
    """The day of an ISO date or time, as YYYY-MM-DD; "" if it is neither."""
    read = parse(text)
    return f"{read[0]:%Y-%m-%d}" if read else ""


def zone(name: str | None) -> tzinfo:
    """The reader's time zone by its IANA name; UTC if unknown."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def day(moment: datetime) -> str:
    """The date in words, independent of the locale: 15 Apr 2026."""
    return f"{moment.day} {moment:%b %Y}"


def ago(moment: datetime, now: datetime) -> str:
    """As "3 minutes ago", rounded; "just now" below ten seconds and for times in the future."""
    gone = now - moment
    return humanize.naturaltime(gone) if gone.total_seconds() >= 10 else "just now"


def when(text: str | None, now: datetime, where: tzinfo = UTC) -> str | None:
    """Date, time of day if there is one, and how long ago; None without a date.

    A date without a time is described to the day only.
    """
    read = parse(text)
    if read is None:
        return None
    moment, has_time = read
    if has_time:
        local = moment.astimezone(where)
        return f"{day(local)}, {local:%H:%M} ({ago(moment, now)})"
    gone = now.date() - moment.date()
    return f"{day(moment)} ({humanize.naturaltime(gone) if gone.days >= 1 else 'today'})"
