"""The admin's page: the sign-in, then one tab at a time."""

import streamlit as st

from core.errors import MedVidBenchError
from core.ui.admin import (
    admin_audit_tab,
    admin_community,
    admin_health,
    admin_official,
    admin_policy,
    admin_rescoring,
    admin_runs,
)
from core.ui.admin.admin_acts import do_what_was_asked, show_ask, show_done
from core.ui.admin.admin_desk import Desk, Place, desk, door
from core.ui.admin.admin_sign_in import show_door, signed_in, watch_idle
from core.ui.desk import services
from core.ui.frame import error_panel, page_header

TABS = {
    "Official board": admin_official.show,
    "Community": admin_community.show,
    "Submissions": admin_runs.show,
    "Re-scoring": admin_rescoring.show,
    "Settings": admin_policy.show,
    "Health": admin_health.show,
    "Audit": admin_audit_tab.show,
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
