"""The form by which any reader reports a problem with an entry."""

import streamlit as st

from core.errors import MedVidBenchError, RefusedError
from core.ui.session import NO_ACT, Desk, desk, services
from core.ui.text import refusal
from core.ui.visitor import submitting
from core.usecases.report_problem import MOST_TEXT, REASONS, Complaint, send

REPORT = "report"


def show_report(entry_id: str) -> None:
    """The form, or the thanks; what was asked for is done before it is drawn."""
    mine = desk()
    if mine.act == (REPORT, entry_id):
        _send(mine, entry_id)
    if entry_id in mine.reported:
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
            "Send the report", icon=":material/flag:", on_click=mine.ask, args=(REPORT, entry_id)
        )
        for told in mine.refused(REPORT, entry_id).values():
            refusal(told)
        if mine.trouble and mine.last == (REPORT, entry_id):
            st.error("Not sent: the server failed. Try again in a minute.", icon=":material/error:")


def _send(mine: Desk, entry_id: str) -> None:
    mine.refusals, mine.trouble = {}, ""
    try:
        place = services()
        told = Complaint(
            entry_id,
            str(st.session_state.get(f"report_reason_{entry_id}") or ""),
            str(st.session_state.get(f"report_text_{entry_id}") or ""),
            str(st.session_state.get(f"report_contact_{entry_id}") or ""),
        )
        reporter = submitting(place.settings)
        if entry_id not in mine.reported:
            send(place, told, reporter)
            mine.reported.add(entry_id)
    except RefusedError as error:
        mine.refusals = error.problems
    except MedVidBenchError as error:
        mine.trouble = str(error)
    mine.last, mine.act = (REPORT, entry_id), NO_ACT
