"""The pages, which one runs, and the navigation bar at the top.

A session that starts on the board gets the bar right after the first rows, since a
browser needs as long to draw it as to draw them. The menu in Home.py reserves its space.
"""

from contextvars import copy_context
from typing import Final, Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from core import settings
from core.benchmark import NAME
from core.errors import SettingsError
from core.publish.address import PAGES
from core.settings import REPOSITORY
from core.ui.refresh import run_again_when_reconnected
from core.ui.session import turn_page
from core.ui.visitor import forget_if_taken_over

_LATE: Final = "navigation_late"  # True until the bar is drawn, then False
_SHOWN: Final = "page_shown"  # the page of the run before, then of this one
_CAME: Final = "page_came"  # whether this run shows another page than the one before


def run() -> None:
    """Run the page that the address names; without a name, the board."""
    forget_if_taken_over()
    pages = _pages()
    late = st.session_state.setdefault(_LATE, True)
    page = st.navigation(pages, position="hidden" if late else "top")
    # Readers tell tabs apart by the title, and find the page in their history.
    st.set_page_config(page_title=f"{page.title} · {NAME}")
    st.session_state[_CAME] = st.session_state.get(_SHOWN) != page.url_path
    st.session_state[_SHOWN] = page.url_path
    if came_from_elsewhere():
        turn_page()
    if page != pages[0]:
        show_bar()
    try:
        page.run()
    finally:
        show_bar()
    run_again_when_reconnected()


def began_with_board() -> bool:
    """Whether this is the first run of a session that started on the board."""
    return bool(st.session_state.get(_LATE))


def came_from_elsewhere() -> bool:
    """Whether this is the first run of a visit to this page: nothing of it is drawn yet."""
    return bool(st.session_state.get(_CAME))


def show_bar() -> None:
    """Show the bar if this session has none yet. The board calls it after its first rows."""
    if st.session_state.get(_LATE):
        st.session_state[_LATE] = False
        # In a copy of the context: st.navigation sets the entry script as the one that draws. It
        # must remain the page, or its widgets get other ids in this run than in the next one, and
        # what the reader types in between is lost. test_browser_leaderboard.py checks this.
        copy_context().run(st.navigation, _pages(), position="top")


def judge_link(entry_id: str, label: str = "Run the caption judge") -> None:
    """A link to a model's judge run that keeps the session, so that its key is known there."""
    st.page_link(
        st.Page(REPOSITORY / "pages" / "judge_status.py"),
        label=label,
        icon=":material/gavel:",
        query_params={"model": entry_id},
    )


def model_link(entry_id: str) -> None:
    """A link to a model's page that keeps the session."""
    st.page_link(
        st.Page(REPOSITORY / "pages" / "model.py"),
        label="See its page",
        icon=":material/article:",
        query_params={"id": entry_id},
    )


def _pages() -> list[StreamlitPage]:
    return [
        *(
            st.Page(
                f"pages/{address.removeprefix('./') or 'leaderboard'}.py",
                title=title,
                default=address == "./",
            )
            for title, address in PAGES.items()
        ),
        # Reached by links; their address names what they show.
        st.Page("pages/model.py", title="Model", visibility="hidden"),
        st.Page("pages/compare.py", title="Compare", visibility="hidden"),
        # core/web/addresses.py redirects unknown addresses here.
        st.Page("pages/no_page.py", title="No such page", visibility="hidden"),
        # Always available by its address; in the bar only if sign-in is possible.
        st.Page("pages/admin.py", title="Admin", visibility=_admin_visibility()),
    ]


def _admin_visibility() -> Literal["visible", "hidden"]:
    try:
        found = settings.load()
    except SettingsError:
        return "hidden"  # the page shows the error itself
    return "visible" if found.admin_password or found.admins else "hidden"
