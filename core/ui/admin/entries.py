"""A board as the admin sees it: a row per entry, hidden ones too, with its acts; the trash."""

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from core.benchmark import SCORED_KEYS
from core.changes.quota import tries_by_entry, uploads
from core.model.entries import BoardName, Entry
from core.model.state import Trashed
from core.publish import dates
from core.publish.board import table
from core.publish.board.table import team
from core.publish.facts import Line, line_html
from core.publish.numbers import DASH, count, fixed, percent
from core.ranking.board import Standing
from core.ranking.coverage import share
from core.ui import cached, times
from core.ui.admin.acts import RUN
from core.ui.admin.entry_acts import Purge, Restore
from core.ui.admin.parts import NAME, cell, dialog_button, line, page_of
from core.ui.admin.session import AdminSession, Context, DialogAct

_TONES: Final = {"hidden": "warn", "stale": "warn", "verified": "good"}
Acts = Callable[[Entry], Sequence[tuple[str, str, DialogAct]]]  # label, icon, act


def show_board(context: Context, session: AdminSession, name: BoardName, acts: Acts) -> None:
    """Search field, then a line per entry in rank order, the hidden ones last."""
    if not context.state.board(name):
        st.info("No entry is on this board.", icon=":material/inbox:")
        return
    wanted = st.text_input(
        "Search by name or organization",
        key=f"{name}_search",
        icon=":material/search:",
        width=320,
        live=True,
    )
    rows = [row for row in _rows(context, name) if wanted.casefold() in _searched(row[1])]
    if not rows:
        st.info("No entry matches the search.", icon=":material/search_off:")
    shown = page_of(rows, f"{name}_page")
    with st.container(gap="xxsmall"):
        for standing, entry in shown:
            with line(f"row_{entry.entry_id}"):
                st.html(line_html(_line(context, standing, entry)))
                # A new key when a dialog opens, or the menu would stay open above it. At no other
                # time, or a menu opened just before would close by itself.
                key = f"actions_{entry.entry_id}_{session.opened}"
                with (
                    st.popover("Actions", type="tertiary", key=key),
                    st.container(gap="xxsmall"),
                ):
                    st.text(entry.model_name)  # whole, also by keyboard; the line may truncate it
                    for label, icon, ask in acts(entry):
                        dialog_button(session, label, icon, ask, entry.entry_id)


def _rows(context: Context, name: BoardName) -> list[tuple[Standing | None, Entry]]:
    board = cached.snapshot().board(name)
    hidden = [entry for entry in context.state.board(name) if entry.hidden]
    return [*((one, one.entry) for one in board.standings), *((None, entry) for entry in hidden)]


def _searched(entry: Entry) -> str:
    return f"{entry.model_name}\n{team(entry)}".casefold()


def _line(context: Context, standing: Standing | None, entry: Entry) -> Line:
    if standing:
        tries = standing.tries
    else:
        chain = {entry.entry_id: uploads(entry)}
        tries = tries_by_entry(context.state, chain).get(entry.entry_id)
    date = dates.parse(entry.verified_date or entry.date)
    return Line(
        rank=str(standing.rank) if standing else "",
        name=entry.model_name,
        team=team(entry),
        badges=[(label, _TONES.get(label, "")) for label in badges(context, entry)],
        average=f"avg {fixed(standing.average_rank, 2)}" if standing else "",
        coverage=_coverage(entry),
        judge=_judge(context, entry),
        tries=count(tries, "try", "tries") if tries is not None else f"{DASH} tries",
        contact=context.services.store.with_contact(entry).contact or "no contact",
        date=dates.day(date[0]) if date else "no date",
    )


def _coverage(entry: Entry) -> str:
    """The lowest coverage of its metrics, if known."""
    found = [
        share(entry.coverage, key) for key, value in entry.metrics.items() if value is not None
    ]
    known = [one for one in found if one is not None]
    return f"covers {percent(min(known))}" if known else f"covers {DASH}"


def _judge(context: Context, entry: Entry) -> str:
    if entry.held:
        return "held"
    if entry.judged:
        return "judged"
    return "not judged" if entry.upload_id in context.state.submissions else ""


def badges(context: Context, entry: Entry) -> list[str]:
    """What is special about an entry, as badges: for readers, and for the admin only.

    Without what the line or the board shows anyway.
    """
    demo, truth = context.services.settings.demo, cached.truth_sha256()
    found = [
        label
        for label, _meaning in table.badges(entry, demo, truth)
        if label != table.PENDING and (label, entry.board) != ("verified", "official")
    ]
    if entry.hidden:
        found.insert(0, "hidden")
    if entry.verification and entry.verification.state != "verified":
        found.append(f"verification {entry.verification.state}")
    # The line says whether captions are judged.
    missing = sum(entry.metrics[key] is None for key in SCORED_KEYS)
    if missing:
        found.append(f"{count(missing, 'metric')} missing")
    return found


def show_trash(context: Context, session: AdminSession, name: BoardName) -> None:
    """Deleted entries of a board, how long they are kept, and their acts: restore, purge."""
    gone = [found for found in context.state.trash if found.board == name]
    if not gone:
        return
    st.header(f"Trash ({len(gone):,})", anchor=False)
    st.caption("Kept for 30 days with everything that belongs to them. Their names stay taken.")
    with st.container(gap="xxsmall"):
        for found in reversed(gone):
            _trash_row(session, found)


def _trash_row(session: AdminSession, gone: Trashed) -> None:
    deleted, last = times.local_day(gone.time), times.local_day(gone.until) or DASH
    with line(f"trash_{gone.entry.entry_id}"):
        cell(gone.entry.model_name, NAME)
        cell(f"Reason: {gone.reason}" if gone.reason else "No reason was given.", "stretch")
        st.markdown(f":small[deleted {deleted}, kept until {last}]", width="content")
        st.button(
            "Restore",
            key=f"restore_{gone.entry.entry_id}",
            icon=":material/restore_from_trash:",
            type="tertiary",
            on_click=session.acts.asks(RUN, Restore(gone.entry.entry_id)),
        )
        purge = Purge(gone.entry.entry_id)
        dialog_button(session, "Purge", ":material/delete_forever:", purge, gone.entry.entry_id)
