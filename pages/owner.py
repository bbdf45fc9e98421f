"""The owner's page: submissions, opened with a key or an account, and their acts."""

import streamlit as st

from core.errors import MedVidBenchError
from core.ui import times
from core.ui.account import show_account
from core.ui.acts import Acts, show_failure
from core.ui.frame import READABLE, error_panel, page_header
from core.ui.owner.acts import go_to_page, perform
from core.ui.owner.entry import show_holding, status
from core.ui.owner.keys import perform_on_keys, show_keys
from core.ui.session import VisitorSession, current_services, visitor_session
from core.ui.text import key_of
from core.ui.visitor import proof
from core.usecases.own_entries import Holding, owned


def label(found: Holding) -> str:
    """The label of a submission in the list; options are shown as plain text."""
    name = found.entry.model_name if found.entry else found.submission.model_name
    return f"{name or '(erased)'} · {times.local_day(found.submission.created)} · {status(found)}"


def choose(session: VisitorSession, found: list[Holding]) -> Holding:
    """The submission to show: the only one, or the chosen one."""
    if len(found) == 1:
        return found[0]
    ids = [one.submission.submission_id for one in found]
    labels = {one.submission.submission_id: label(one) for one in found}
    # The acts on an entry are at the version that counts.
    first = next((n for n, one in enumerate(found) if not (one.newer or one.taken_back)), 0)
    chosen = st.selectbox(
        f"Your {len(found)} submissions, newest first",
        ids,
        index=ids.index(session.owner_choice) if session.owner_choice in ids else first,
        format_func=lambda wanted: labels.get(wanted, ""),
        key=key_of("owner_choice", labels),
    )
    session.owner_choice = chosen
    return found[ids.index(chosen) if chosen in ids else 0]


def show_outcome(acts: Acts) -> None:
    """The result of the last act; also as a toast, since it is above the clicked button."""
    if acts.latest:
        if acts.first_sight():
            st.toast(acts.latest.text, icon=":material/check:")
        st.success(acts.latest.text, icon=":material/check_circle:")
    show_failure("Not done: the server failed. Nothing was changed.", acts)


def show_page() -> None:
    services, session = current_services(), visitor_session()
    go_to_page(session)
    perform_on_keys(session, services.store.read())
    perform(services, session, proof(services.settings, session))
    shown = proof(services.settings, session)
    found = owned(services, shown)
    # In its own container: otherwise a changed line above would reset the tabs.
    with st.container():
        show_outcome(session.owner_acts)
    show_account("Shows what you submitted with it, without a key.")
    if not found:
        with st.container(width=READABLE):
            st.markdown(
                "Enter the submission key that you were shown when you submitted. It opens your "
                "scores, ranks and logs here, and lets you correct, replace and withdraw the "
                "entry. If you have lost it, ask the maintainers for a new one."
            )
            show_keys(session)
        return
    show_holding(services, session, shown, choose(session, found))
    with st.expander("Keys", icon=":material/key:"):
        show_keys(session)


page_header("My submissions", "Their ranks and logs, and what you can change.")
try:
    show_page()
except MedVidBenchError as error:
    error_panel(
        "This page cannot be shown.",
        "Nothing is lost: earlier submissions are kept.",
        "Try again in a minute; if it fails again, tell the maintainers.",
        error,
    )
