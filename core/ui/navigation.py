"""The pages, which one runs, and the bar on top that leads to them.

A session that begins on the board gets the bar right after the first rows, since a
browser takes as long to draw it as to draw them. The menu in Home.py keeps its place.
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
from core.ui.visitor import forget_if_taken_over

_LATE: Final = "navigation_late"  # True while the bar is yet to come, then False


def run() -> None:
    """Run the page that the address names; without a name, the board."""
    forget_if_taken_over()
    pages = _pages()
    late = st.session_state.setdefault(_LATE, True)
    page = st.navigation(pages, position="hidden" if late else "top")
    # By this readers tell tabs apart, and find the page again in their history.
    st.set_page_config(page_title=f"{page.title} · {NAME}")
    if page != pages[0]:
        show_bar()
    try:
        page.run()
    finally:
        show_bar()
    run_again_when_reconnected()


def began_with_board() -> bool:
    """Whether this is the first run of a session that began on the board."""
    return bool(st.session_state.get(_LATE))


def show_bar() -> None:
    """Show the bar if this session has none yet. The board calls it behind its first rows."""
    if st.session_state.get(_LATE):
        st.session_state[_LATE] = False
        # In a copy of the context: st.navigation makes the entry script the one that draws, which
        # the page must stay, or its widgets get other ids in this run than in the next one, and
        # what the reader types meanwhile is lost. test_browser_leaderboard.py fails when this does.
        copy_context().run(st.navigation, _pages(), position="top")


def judge_link(entry_id: str, label: str = "Run the caption judge") -> None:
    """A link to a model's judge run, within the session, so that its key is known there."""
    st.page_link(
        st.Page(REPOSITORY / "pages" / "judge_status.py"),
        label=label,
        icon=":material/gavel:",
        query_params={"model": entry_id},
    )


def model_link(entry_id: str) -> None:
    """A link to a model's page, within the session."""
    st.page_link(
        st.Page(REPOSITORY / "pages" / "model.py"),
        label="To its page",
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
        # Reached by links, with the address of what they show.
        st.Page("pages/model.py", title="Model", visibility="hidden"),
        st.Page("pages/compare.py", title="Compare", visibility="hidden"),
        # Where core/web/addresses.py leads from addresses that are no page's.
        st.Page("pages/no_page.py", title="No such page", visibility="hidden"),
        # Always there by its address; in the bar only when somebody can sign in.
        st.Page("pages/admin.py", title="Admin", visibility=_admin_visibility()),
    ]


def _admin_visibility() -> Literal["visible", "hidden"]:
    try:
        found = settings.load()
    except SettingsError:
        return "hidden"  # the page's own reading says what is wrong
    return "visible" if found.admin_password or found.admins else "hidden"
