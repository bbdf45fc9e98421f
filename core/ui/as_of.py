"""The day whose boards a page shows, from its address (`as_of`), and the notice about it."""

from datetime import UTC, date, datetime
from typing import Final
from urllib.parse import urlsplit

import streamlit as st

from core.errors import RefusedError, StoreError
from core.publish import dates
from core.publish.address import AS_OF
from core.publish.moment import Moment
from core.publish.text import markdown
from core.store.as_of import day_of, revision_now, state_at
from core.ui import cached
from core.ui.frame import error_panel

_TODAY: Final = (
    '<a href="./" target="_self" style="color: inherit" data-go="today" '
    f'data-set="{AS_OF}">Show today’s board</a>'
)


def boards_asked() -> cached.Snapshot:
    """The boards of the day that the address names, with a notice; without one, today's.

    Raises StoreError or SettingsError.
    """
    text = st.query_params.get(AS_OF, "")
    if not text:
        return cached.snapshot()
    try:
        day = day_of(text)
    except RefusedError as error:
        told = " ".join(error.problems.values())
        st.warning(f"{markdown(told)} Today’s boards are shown.", icon=":material/event_busy:")
        return cached.snapshot()
    try:
        found = cached.snapshot(day)
    except StoreError as error:
        error_panel(
            f"The boards of {day_in_words(day)} cannot be read.",
            "Today’s boards are shown.",
            "Try another day. If the problem persists, tell the maintainers.",
            error,
        )
        return cached.snapshot()
    with st.container(
        key="as_of", horizontal=True, vertical_alignment="center", border=True, gap="medium"
    ):
        st.markdown(
            f":material/history: **Board as of {day_in_words(day)}**, {_how_far(day)} (UTC)",
            width="content",
        )
        st.html(_TODAY, width="content")
    return found


def _how_far(day: date) -> str:
    return "the end of that day" if day < datetime.now(UTC).date() else "so far that day"


def day_in_words(day: date) -> str:
    """The day, as 15 Apr 2026."""
    return dates.day(datetime.combine(day, datetime.min.time()))


def base_url() -> str:
    """The app's address: from the settings, else from this reader's browser; "" if unknown."""
    return cached.settings().url or _above(st.context.url or "")


def _above(page: str) -> str:
    """The address of the app, from that of one of its pages; the board's page has the app's.

    >>> _above("https://x.org/lb"), _above("https://x.org/lb/model?id=1"), _above("http://x.org/")
    ('https://x.org/lb', 'https://x.org/lb', 'http://x.org')
    """
    here = urlsplit(page)
    path = here.path.rstrip("/").removesuffix("/model").removesuffix("/compare")
    return f"{here.scheme}://{here.netloc}{path}" if here.netloc else ""


def moment(snap: cached.Snapshot) -> Moment:
    """Which boards a file or a citation made from `snap` refers to. Raises StoreError."""
    settings = cached.settings()
    if not snap.day:
        today = datetime.now(UTC).date().isoformat()
        return Moment(today, revision_now(settings), base_url(), snap.demo)
    found = state_at(settings, date.fromisoformat(snap.day), snap.store.revision())
    return Moment(snap.day, found.revision, base_url(), snap.demo)
