"""The admin's page: the sign-in, then one tab at a time."""

import streamlit as st

from core.errors import MedVidBenchError
from core.ui.admin import audit, community, health, official, rescore, settings, submissions
from core.ui.admin.acts import do_what_was_asked, show_ask, show_done
from core.ui.admin.session import Desk, Place, desk, door
from core.ui.admin.sign_in import show_door, signed_in, watch_idle
from core.ui.frame import error_panel, page_header
from core.ui.session import services

TABS = {
    "Official board": official.show,
    "Community": community.show,
    "Submissions": submissions.show,
    "Re-scoring": rescore.show,
    "Settings": settings.show,
    "Health": health.show,
    "Audit": audit.show,
}


def show_page(mine: Desk) -> None:
    found = services()
    way_in = door(found.settings)
    if not signed_in(found, way_in, mine):
        show_door(found, way_in, mine)
        return
    place = Place(found, way_in, found.store.read(), mine.session.actor)
    if do_what_was_asked(place, mine):
        place = Place(found, way_in, found.store.read(), mine.session.actor)
    # In a place of its own: what stands below is not made anew when a line comes or goes.
    with st.container():
        show_done(mine)
    with st.container(horizontal=True, vertical_alignment="center"):
        tab = st.segmented_control(
            "Part",
            tuple(TABS),
            default=next(iter(TABS)),
            required=True,
            key="part",
            bind="query-params",
            label_visibility="collapsed",
            width="stretch",
            wrap=True,
        )
        st.button(
            "Sign out", icon=":material/logout:", type="tertiary", on_click=mine.ask_to_sign_out
        )
    TABS[str(tab)](place, mine)
    show_ask(place, mine)
    watch_idle(way_in, mine)


page_header("Admin", "What stands on the boards, what runs, and how the server is doing.")
try:
    show_page(desk())
except MedVidBenchError as error:
    error_panel(
        "The page cannot work.",
        "Nothing was changed.",
        "The detail says what is wrong; when it is put right, load the page again.",
        error,
    )
