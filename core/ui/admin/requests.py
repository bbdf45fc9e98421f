"""What waits for the admin: problems that readers reported, entries whose owners ask something."""

from dataclasses import dataclass

import streamlit as st

from core.errors import RefusedError
from core.model.entries import BoardName, Entry, Verification
from core.model.reports import Report
from core.model.state import State
from core.ui import times
from core.ui.acts import Outcome
from core.ui.admin.edit import SetVerification
from core.ui.admin.parts import dialog_button, row, text_field
from core.ui.admin.session import AdminSession, Context, DialogAct, Typed
from core.usecases import moderate

_WAITING = ("asked", "contacted", "running")
_BOARDS: tuple[BoardName, ...] = ("community", "official")


@dataclass(frozen=True, slots=True)
class CloseReport(DialogAct):
    """Say that a report is dealt with."""

    report_id: str

    title = "Close a report"
    verb = "Close it"

    def about(self, context: Context) -> str:
        return _name(context.state, _report(context.state, self.report_id).entry_id)

    def show(self, context: Context, session: AdminSession) -> None:
        st.text(_report(context.state, self.report_id).reason)
        text_field(session, "note", "What was done about it (kept with the report)")

    def act(self, context: Context, typed: Typed) -> Outcome:
        note = str(typed.get("note") or "")
        change_id = moderate.close_report(context.services, self.report_id, context.actor, note)
        return Outcome("Closed a report.", change_id)


def show_requests(context: Context, session: AdminSession) -> None:
    """Open reports and verifications; nothing when there are none."""
    reports = [report for report in context.state.reports if report.state == "open"]
    asked = [
        (board, entry, entry.verification)
        for board in _BOARDS
        for entry in context.state.board(board)
        if entry.verification and entry.verification.state in _WAITING
    ]
    if reports:
        st.subheader("Reported problems", anchor=False)
        for report in reports:
            _report_row(context, session, report)
    if asked:
        st.subheader("Verification asked for", anchor=False)
        for board, entry, verification in asked:
            _asked_row(context, session, board, entry, verification)
    if reports or asked:
        st.subheader("Entries", anchor=False)


def _report_row(context: Context, session: AdminSession, report: Report) -> None:
    what, buttons = row(f"report_{report.report_id}")
    with what:
        st.text(_name(context.state, report.entry_id))
        st.text(f"{report.reason} · {_when(report.created)}")
        said = context.services.store.personal(report.contact_ref)
        if said.get("text"):
            st.text(said["text"])
        if said.get("contact"):
            st.text(f"From: {said['contact']}")
    with buttons:
        ask = CloseReport(report.report_id)
        dialog_button(session, "Close", ":material/check:", ask, report.report_id)


def _asked_row(
    context: Context,
    session: AdminSession,
    board: BoardName,
    entry: Entry,
    verification: Verification,
) -> None:
    what, buttons = row(f"asked_{entry.entry_id}")
    with what:
        st.text(entry.model_name)
        st.text(f"{verification.state} · {_when(verification.dates.get(verification.state))}")
        contact = context.services.store.with_contact(entry).contact
        if contact:
            st.text(f"Contact: {contact}")
    with buttons:
        ask = SetVerification(board, entry.entry_id)
        dialog_button(session, "Set state", ":material/verified:", ask, entry.entry_id)


def _when(text: str | None) -> str:
    return times.local(text) or "no date"


def _report(state: State, report_id: str) -> Report:
    for report in state.reports:
        if report.report_id == report_id:
            return report
    raise RefusedError({"report": "This report is not there any more."})


def _name(state: State, entry_id: str) -> str:
    there, gone = state.find(entry_id), state.find_trashed(entry_id)
    if there:
        return there[1].model_name
    return gone.entry.model_name if gone else "an entry that is gone"
