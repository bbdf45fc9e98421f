"""Times in the time zone of the visitor's browser."""

from datetime import UTC, datetime, tzinfo

import streamlit as st

from core.publish.dates import day, parse, when, zone


def local(text: str | None) -> str:
    """The same for this reader, now and in their zone; empty without a date."""
    return when(text, datetime.now(UTC), local_zone()) or ""


def local_day(text: str | None) -> str:
    """The day of a stored time in this reader's zone; empty without a date."""
    read = parse(text)
    return day(read[0].astimezone(local_zone())) if read else ""


def local_zone() -> tzinfo:
    """The time zone that this visitor's browser reports."""
    return zone(st.context.timezone)
