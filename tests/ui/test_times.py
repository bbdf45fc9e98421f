"""Dates and how long ago they were, in the reader's time zone."""

from datetime import UTC, datetime, timedelta

import pytest

from core.publish import dates

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=9), "just now"),
        (timedelta(seconds=45), "45 seconds ago"),
        (timedelta(minutes=1), "a minute ago"),
        (timedelta(minutes=3, seconds=50), "4 minutes ago"),
        (timedelta(hours=23, minutes=10), "23 hours ago"),
        (timedelta(days=1), "a day ago"),
        (timedelta(days=45), "a month ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_how_long_ago_is_said_in_words(past: timedelta, said: str) -> None:
    assert dates.ago(NOW - past, NOW) == said


def test_a_time_is_shown_in_the_readers_zone() -> None:
    where = dates.zone("Asia/Tokyo")
    assert dates.when("2026-11-24T11:57:00Z", NOW, where) == "24 Nov 2026, 20:57 (3 minutes ago)"


def test_a_time_without_a_zone_is_utc() -> None:
    assert dates.when("2026-11-24T11:00:00", NOW) == "24 Nov 2026, 11:00 (an hour ago)"


def test_a_date_is_described_to_the_day() -> None:
    assert dates.when("2026-11-24", NOW) == "24 Nov 2026 (today)"
    assert dates.when("2026-11-23", NOW) == "23 Nov 2026 (a day ago)"
    assert dates.when("2026-11-22", NOW.replace(hour=23)) == "22 Nov 2026 (2 days ago)"


@pytest.mark.parametrize("text", [None, "", "soon", "2026-13-40"])
def test_an_invalid_date_is_none(text: str | None) -> None:
    assert dates.when(text, NOW) is None


@pytest.mark.parametrize("name", [None, "Nowhere/Land", "../../etc/passwd"])
def test_an_unknown_zone_is_utc(name: str | None) -> None:
    assert dates.zone(name) is UTC
