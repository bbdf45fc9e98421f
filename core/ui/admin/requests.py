"""Readers' reports and owners' verification requests: one row each, with its act."""

from dataclasses import dataclass

from core.errors import RefusedError
from core.model.entries import BoardName, Entry
from core.model.reports import Report
from core.model.state import State
from core.publish.numbers import DASH
from core.ui import times
from core.ui.acts import Outcome
from core.ui.admin.edit import SetVerification
from core.ui.admin.parts import DAY, NAME, cell, dialog_button, facts, line, text_field
from core.ui.admin.session import AdminSession, Context, DialogAct, Typed
from core.usecases import moderate


@dataclass(frozen=True, slots=True)
class CloseReport(DialogAct):
    """Close a report."""

    report_id: str

    title = "Close a report"
    verb = "Close it"

    def about(self, context: Context) -> str:
        return _name(context.state, _report(context.state, self.report_id).entry_id)

    def show(self, context: Context, session: AdminSession) -> None:
        report = _report(context.state, self.report_id)
        said = context.services.store.personal(report.contact_ref)
        facts(
            [
                ("Problem", report.reason),
                ("Details", said.get("text") or ""),
                ("Contact", said.get("contact") or ""),
                ("Reported", times.local(report.created)),
            ]
        )
        text_field(session, "note", "What was done about it (kept with the report)")

    def act(self, context: Context, typed: Typed) -> Outcome:
        note = str(typed.get("note") or "")
        change_id = moderate.close_report(context.services, self.report_id, context.actor, note)
        return Outcome("Closed a report.", change_id)


def report_row(context: Context, session: AdminSession, report: Report) -> None:
    """A report: its entry, the reader's text, and its act."""
    said = context.services.store.personal(report.contact_ref)
    told = (report.reason, said.get("text"), said.get("contact") and f"from {said['contact']}")
    with line(f"report_{report.report_id}"):
        cell(_name(context.state, report.entry_id), NAME)
        cell(" · ".join(filter(None, told)), "stretch", wrap=True)
        cell(times.local_day(report.created) or DASH, DAY, number=True)
        ask = CloseReport(report.report_id)
        dialog_button(session, "Close", ":material/check:", ask, report.report_id)


def asked_row(context: Context, session: AdminSession, board: BoardName, entry: Entry) -> None:
    """An entry with a verification request: its state, the contact, and its act."""
    known = entry.verification
    contact = context.services.store.with_contact(entry).contact
    with line(f"asked_{entry.entry_id}"):
        cell(entry.model_name, NAME)
        told = (known.state if known else "", f"contact: {contact}" if contact else "no contact")
        cell(" · ".join(filter(None, told)), "stretch", wrap=True)
        when = known.dates.get(known.state) if known else None
        cell(times.local_day(when) or DASH, DAY, number=True)
        ask = SetVerification(board, entry.entry_id)
        dialog_button(session, "Set state", ":material/verified:", ask, entry.entry_id)


def _report(state: State, report_id: str) -> Report:
    for report in state.reports:
        if report.report_id == report_id:
            return report
    raise RefusedError({"report": "This report no longer exists."})


def _name(state: State, entry_id: str) -> str:
    there, gone = state.find(entry_id), state.find_trashed(entry_id)
    if there:
        return there[1].model_name
    return gone.entry.model_name if gone else "a deleted entry"
