"""The form with which any reader reports a problem with an entry."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from core.ui.faults import show_faults
from core.ui.session import VisitorSession, current_services, visitor_session
from core.ui.text import refusal
from core.ui.visitor import submitting
from core.usecases.report_problem import MOST_TEXT, REASONS, Complaint, send

_SEND = "send"


def show_report(entry_id: str) -> None:
    """The form, or a confirmation; a pending report is sent before it is drawn."""
    session = visitor_session()
    acts = session.report_acts
    if acts.pending == (_SEND, entry_id):
        acts.perform({_SEND: partial(_send, session)})
    if entry_id in session.reported:
        st.success("Thank you. The maintainers have your report.", icon=":material/check_circle:")
        return
    refused, keys = acts.refused(_SEND, entry_id), _keys(entry_id)
    with st.container():  # a fixed place, so that the form below is not recreated
        show_faults(acts, "report", "Not sent", refused, keys)
    with st.form(f"report_{entry_id}", enter_to_submit=False):
        st.selectbox(
            "What is it about?", REASONS, index=None, key=keys["reason"], placeholder="Choose"
        )
        _problem(refused, "reason")
        st.text_area(
            "What is wrong, and how do you know?",
            key=keys["text"],
            help=f"At most {MOST_TEXT:,} characters. Only the maintainers read it.",
        )
        _problem(refused, "text")
        st.text_input(
            "Your address, if you want an answer",
            key=keys["contact"],
            help="Never shown on a page.",
        )
        _problem(refused, "contact")
        st.form_submit_button(
            "Send the report", icon=":material/flag:", on_click=acts.asks(_SEND, entry_id)
        )
        for name in refused.keys() - keys:
            _problem(refused, name)
        if acts.failure and acts.troubles(entry_id):
            st.error("Not sent: the server failed. Try again in a minute.", icon=":material/error:")


def _keys(entry_id: str) -> dict[str, str]:
    """The widgets by field, in the order of the form."""
    return {name: f"report_{name}_{entry_id}" for name in ("reason", "text", "contact")}


def _problem(refused: Mapping[str, str], name: str) -> None:
    if name in refused:
        refusal(refused[name])


def _send(session: VisitorSession, entry_id: str) -> None:
    services = current_services()
    typed = {key: str(st.session_state.get(of) or "") for key, of in _keys(entry_id).items()}
    complaint = Complaint(entry_id, typed["reason"], typed["text"], typed["contact"])
    reporter = submitting(services.settings)
    if entry_id not in session.reported:
        send(services, complaint, reporter)
        session.reported.add(entry_id)
