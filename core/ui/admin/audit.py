"""The Audit tab: every change with actor, time, before and after; filter, download, undo."""

from dataclasses import dataclass

import streamlit as st

from core.publish.numbers import count
from core.ui import times
from core.ui.admin.acts import UNDO
from core.ui.admin.parts import compare, dialog_button, page_of, row
from core.ui.admin.session import AdminSession, Context, Dialog
from core.usecases import audit, audit_export
from core.usecases.audit import Record
from core.usecases.audit_export import Filter


def show(context: Context, session: AdminSession) -> None:
    root = context.services.settings.root
    every = audit.with_failures(audit.records(context.services.store), root)
    if not every:
        st.info("Nothing has been changed yet.", icon=":material/history:")
        return
    found = audit_export.chosen(every, _filter(context, every))
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
    for record in page_of(found, "audit_page"):
        _row(context, session, record)


def _filter(context: Context, every: tuple[Record, ...]) -> Filter:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Search", key="audit_text", icon=":material/search:", width=220)
        kinds = st.multiselect(
            "Kind", sorted({record.kind for record in every}), key="audit_kinds", width=220
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
    return Filter(frozenset(kinds), frozenset(actors), text, str(since or ""), str(until or ""))


def _row(context: Context, session: AdminSession, record: Record) -> None:
    what, buttons = row(f"audit_{record.change_id}")
    with what:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.badge(record.kind.replace("_", " "), color="gray")
            st.text(record.subject, width="content")
            if record.undone_by:
                st.badge("undone", color="orange")
            if not record.effect:
                st.badge("without effect", color="orange")
        when = times.local(record.time)
        st.text(f"{context.door.who(record.actor)} · {when}")
    with buttons:
        if record.changes:
            dialog_button(
                session,
                "Before and after",
                ":material/difference:",
                BeforeAndAfter(record),
                record.change_id,
            )
        if record.undoable:
            st.button(
                "Undo",
                key=f"audit_undo_{record.change_id}",
                icon=":material/undo:",
                type="tertiary",
                on_click=session.acts.asks(UNDO, (record.change_id,)),
            )


@dataclass(frozen=True, slots=True)
class BeforeAndAfter(Dialog):
    """What a change changed; only to be read."""

    record: Record

    title = "Before and after"

    def about(self, context: Context) -> str:
        return self.record.subject

    def show(self, context: Context, session: AdminSession) -> None:
        if self.record.why_not:
            st.text(self.record.why_not)
        compare(self.record.changes)
