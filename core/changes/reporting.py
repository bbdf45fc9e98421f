"""Readers' reports of problems with an entry, and closing them."""

from dataclasses import replace

import msgspec

from core.changes.act import Act, At, Change, change
from core.changes.rules import on_boards
from core.errors import RefusedError
from core.files.ids import new_id
from core.model.reports import Report
from core.model.state import State, now


class FileReport(Act, frozen=True, kw_only=True, tag="report"):
    """Reports a problem with an entry on a board."""

    report: Report

    instead = "a reader's report stays on record. Close the report instead."

    def apply(self, state: State, at: At) -> State:
        if self.report.report_id in state.reports_by_id:
            return state
        on_boards(state, self.report.entry_id)
        return _with_report(state, self.report)


class CloseReport(Act, frozen=True, kw_only=True, tag="close_report"):
    """Closes a report."""

    report_id: str
    note: str | None = None

    undoable = True

    def apply(self, state: State, at: At) -> State:
        if self.report_id not in state.reports_by_id:
            raise RefusedError({"report_id": f"There is no report {self.report_id[:80]!r}."})
        report = state.reports_by_id[self.report_id]
        if report.state == "closed":
            return state
        closed = msgspec.structs.replace(
            report, state="closed", closed=at.time, closed_note=self.note
        )
        return _with_report(state, closed)


ACTS = (FileReport, CloseReport)


def report(entry_id: str, reason: str, actor: str, contact_ref: str | None = None) -> Change:
    """Report a problem with an entry on a board. `reason` is one of the page's choices.

    Pass the reader's text and address to Store.add_personal as {"text", "contact"}; `contact_ref`
    is the reference.
    """
    told = Report(
        report_id=new_id(),
        entry_id=entry_id,
        created=now(),
        reason=reason,
        contact_ref=contact_ref,
    )
    return change(FileReport(report=told), actor)


def close_report(report_id: str, actor: str, note: str | None = None) -> Change:
    """Close a report."""
    return change(CloseReport(report_id=report_id, note=note), actor)


def _with_report(state: State, report: Report) -> State:
    known = state.reports_by_id.with_record(report.report_id, report)
    return replace(state, reports_by_id=known)
