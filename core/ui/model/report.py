"""The form by which any reader reports a problem with an entry."""

from functools import partial

import streamlit as st

from core.ui.session import VisitorSession, current_services, visitor_session
from core.ui.text import refusal
from core.ui.visitor import submitting
from core.usecases.report_problem import MOST_TEXT, REASONS, Complaint, send

_SEND = "send"


def show_report(entry_id: str) -> None:
    """The form, or the thanks; what was asked for is done before it is drawn."""
    session = visitor_session()
    acts = session.report_acts
    if acts.pending == (_SEND, entry_id):
        acts.perform({_SEND: partial(_send, session)})
    if entry_id in session.reported:
        st.success("Thank you. The maintainers have your report.", icon=":material/check_circle:")
        return
    with st.form(f"report_{entry_id}", enter_to_submit=False):
        st.selectbox(
            "What is it about?",
            REASONS,
            index=None,
            key=f"report_reason_{entry_id}",
            placeholder="Choose",
        )
        st.text_area(
            "What is wrong, and how do you know?",
            key=f"report_text_{entry_id}",
            help=f"At most {MOST_TEXT:,} characters. Only the maintainers read it.",
        )
        st.text_input(
            "Your address, if you want an answer",
            key=f"report_contact_{entry_id}",
            help="Never shown on a page.",
        )
        st.form_submit_button(
            "Send the report", icon=":material/flag:", on_click=acts.asks(_SEND, entry_id)
        )
        for problem in acts.refused(_SEND, entry_id).values():
            refusal(problem)
        if acts.failure and acts.troubles(entry_id):
            st.error("Not sent: the server failed. Try again in a minute.", icon=":material/error:")


def _send(session: VisitorSession, entry_id: str) -> None:
    services = current_services()
    complaint = Complaint(
        entry_id,
        str(st.session_state.get(f"report_reason_{entry_id}") or ""),
        str(st.session_state.get(f"report_text_{entry_id}") or ""),
        str(st.session_state.get(f"report_contact_{entry_id}") or ""),
    )
    reporter = submitting(services.settings)
    if entry_id not in session.reported:
        send(services, complaint, reporter)
        session.reported.add(entry_id)
