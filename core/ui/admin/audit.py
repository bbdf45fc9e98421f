"""The Audit tab: every change with actor, time, before and after; filter, download, undo."""

from dataclasses import dataclass

import streamlit as st

from core.publish import dates
from core.publish.numbers import DASH, count
from core.ui import times
from core.ui.acts import Outcome
from core.ui.admin.parts import cell, compare, dialog_button, line, page_of
from core.ui.admin.session import AdminSession, Context, Dialog, DialogAct, Typed
from core.usecases import audit, audit_export, undo
from core.usecases.audit import Record
from core.usecases.audit_export import Filter
from core.usecases.audit_words import (
    SIGN_INS,
    in_one_line,
    in_words,
    kind_words,
    what_was_done,
)


def show(context: Context, session: AdminSession) -> None:
    """Draw the tab *Audit*."""
    root = context.services.settings.root
    every = audit.with_failures(audit.records(context.services.store), root)
    if not every:
        st.info("Nothing has been changed yet.", icon=":material/history:")
        return
    wanted, sign_ins = _filter(context, every)
    if not sign_ins:
        every = tuple(record for record in every if record.kind not in SIGN_INS)
    found = audit_export.chosen(every, wanted)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{len(found):,} of {count(len(every), 'change')}", width="stretch")
        st.download_button(
            "CSV",
            lambda: audit_export.csv_file(found),
            "audit.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "JSON",
            lambda: audit_export.to_json(found).encode(),
            "audit.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
        )
    shown = page_of(found, "audit_page")
    with st.container(gap="xxsmall"):
        for record in shown:
            _row(context, session, record)


def _filter(context: Context, every: tuple[Record, ...]) -> tuple[Filter, bool]:
    """The search text, and whether sign-ins are listed too."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="audit_text", icon=":material/search:", width=220, live=True
        )
        kinds = st.multiselect(
            "Kind",
            sorted({record.kind for record in every}, key=kind_words),
            format_func=kind_words,
            key="audit_kinds",
            width=220,
        )
        actors = st.multiselect(
            "Actor",
            sorted({record.actor for record in every}),
            format_func=context.door.who,
            key="audit_actors",
            width=220,
        )
        since = st.date_input("From", value=None, key="audit_since", format="YYYY-MM-DD", width=150)
        until = st.date_input("To", value=None, key="audit_until", format="YYYY-MM-DD", width=150)
        sign_ins = st.toggle("Sign-ins", key="audit_sign_ins") or bool(SIGN_INS & set(kinds))
    if since and until and since > until:
        st.caption("No day is between “From” and “To”: “From” is the later one.")
    day = str(since or ""), str(until or "")
    return Filter(frozenset(kinds), frozenset(actors), text, *day), sign_ins


def _row(context: Context, session: AdminSession, record: Record) -> None:
    with line(f"audit_{record.change_id}"):
        when = dates.parse(record.time)
        moment = when[0].astimezone(times.local_zone()) if when else None
        cell(f"{dates.day(moment)}, {moment:%H:%M}" if moment else DASH, 142)
        cell(context.door.who(record.actor), 110)
        cell(what_was_done(record), 170)
        cell(record.subject, 200)
        if told := in_one_line(record):
            cell(told, "stretch")
        else:
            st.space("stretch")
        if record.undone_by:
            st.badge("undone", color="orange")
        if not record.effect:
            st.badge("refused" if record.refused else "no effect", color="orange")
        if record.changes:
            details = BeforeAndAfter(record)
            dialog_button(session, "Details", ":material/difference:", details, record.change_id)
        if record.undoable:
            undo = UndoChange(record)
            dialog_button(session, "Undo", ":material/undo:", undo, f"audit_{record.change_id}")


@dataclass(frozen=True, slots=True)
class BeforeAndAfter(Dialog):
    """What a change changed, read-only."""

    record: Record

    title = "What was changed"

    def about(self, context: Context) -> str:
        return self.record.subject

    def show(self, context: Context, session: AdminSession) -> None:
        if self.record.why_not:
            st.text(self.record.why_not)
        compare([in_words(change) for change in dict.fromkeys(self.record.changes)])


@dataclass(frozen=True, slots=True)
class UndoChange(DialogAct):
    """Undo a change of the audit log, after showing what that changes."""

    record: Record

    title = "Undo a change"
    verb = "Undo it"

    def about(self, context: Context) -> str:
        return _told(self.record)

    def show(self, context: Context, session: AdminSession) -> None:
        undo.refuse(context.services, self.record.change_id)
        st.markdown(f"Changed {times.local(self.record.time)}.")
        changes = map(in_words, dict.fromkeys(self.record.changes))
        compare([(what, new, old) for what, old, new in changes])

    def act(self, context: Context, typed: Typed) -> Outcome:
        undo.undo(context.services, self.record.change_id, context.actor)
        done = audit.as_undo(self.record, of=self.record)
        return Outcome(_told(done), undid=self.record.change_id)


def _told(record: Record) -> str:
    """A change and its subject: "Undone: Hidden: Aster-72B"."""
    of = record.subject if record.subject != "settings" else ""  # the kind names it
    return f"{what_was_done(record)}: {of}".removesuffix(": ")
