"""The admin's page: the sign-in, then one tab at a time."""

import streamlit as st

from core.errors import MedVidBenchError
from core.ui.admin import (
    audit,
    community,
    health,
    inbox,
    official,
    rescore,
    settings,
    submissions,
)
from core.ui.admin.acts import perform, show_dialog, show_outcomes
from core.ui.admin.session import AdminSession, Context, admin_session, door
from core.ui.admin.sign_in import SIGN_OUT, rerun_when_idle, show_door, signed_in
from core.ui.frame import error_panel, page_header
from core.ui.navigation import came_from_elsewhere
from core.ui.session import current_services
from core.usecases.inbox import waiting
from core.usecases.rescore import stale_entries
from core.usecases.server_state import troubles

PART = "part"
TABS = {
    "Inbox": inbox.show,
    "Official board": official.show,
    "Community": community.show,
    "Submissions": submissions.show,
    "Re-scoring": rescore.show,
    "Settings": settings.show,
    "Health": health.show,
    "Audit": audit.show,
}


def show_page(session: AdminSession) -> None:
    services = current_services()
    way_in = door(services.settings)
    if not signed_in(services, way_in, session):
        show_door(services, way_in, session)
        return
    context = Context(services, way_in, services.store.read(), session.login.actor)
    if perform(context, session):
        context = Context(services, way_in, services.store.read(), session.login.actor)
    # In its own container, so that the elements below are not recreated when a line changes.
    with st.container():
        show_outcomes(session)
    with st.container(horizontal=True, vertical_alignment="center"):
        tab = _chosen_tab(context)
        st.button(
            "Sign out",
            icon=":material/logout:",
            type="tertiary",
            on_click=session.acts.asks(SIGN_OUT),
        )
    session.turn_to(tab, came=came_from_elsewhere())
    TABS[tab](context, session)
    show_dialog(context, session)
    rerun_when_idle(way_in, session)


def _chosen_tab(context: Context) -> str:
    """The chosen tab, with the number of waiting items on each; the address has it as `part`.

    Not bound to the address by Streamlit, which would include the counts.
    """
    counts = {
        "Inbox": waiting(context.services, context.state).count,
        "Submissions": sum(not job.done for job in context.services.jobs.list()),
        "Re-scoring": len(stale_entries(context.services)),
        "Health": len(troubles(context.services)),
    }
    asked = st.query_params.get(PART, "")
    chosen = st.segmented_control(
        "Part",
        tuple(TABS),
        default=asked if asked in TABS else next(iter(TABS)),
        required=True,
        format_func=lambda name: f"{name} ({counts[name]:,})" if counts.get(name) else name,
        key="admin_tab",
        label_visibility="collapsed",
        width="stretch",
        wrap=True,
    )
    tab = str(chosen)
    if asked != tab:
        st.query_params[PART] = tab
    return tab


page_header("Admin", "Entries, submissions, settings, and the state of the server.")
try:
    show_page(admin_session())
except MedVidBenchError as error:
    error_panel(
        "This page is not available.",
        "Nothing was changed.",
        "See the details. Fix the problem, then reload the page.",
        error,
    )
