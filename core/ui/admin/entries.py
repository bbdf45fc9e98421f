"""A board as the admin sees it: a row per entry with its acts, hidden ones too, and the trash."""

from collections.abc import Callable, Sequence
from typing import Final, Literal

import streamlit as st

from core.model.entries import BoardName, Entry
from core.model.state import State, Trashed
from core.publish.numbers import DASH
from core.ranking.board import shown_board
from core.ui import cached, times
from core.ui.admin.acts import RUN
from core.ui.admin.entry_acts import Purge, Restore
from core.ui.admin.parts import dialog_button, page_of, row
from core.ui.admin.session import AdminSession, Context, DialogAct
from core.ui.board import table
from core.ui.board.table import team

_COLORS: Final[dict[str, Literal["orange", "green", "blue"]]] = {
    "hidden": "orange",
    "stale": "orange",
    "verified": "green",
}
Acts = Callable[[Entry], Sequence[tuple[str, str, DialogAct]]]  # label, icon, act


def show_board(context: Context, session: AdminSession, name: BoardName, acts: Acts) -> None:
    """Search field, then the entries in rank order, the hidden ones last."""
    if not context.state.board(name):
        st.info("No entry is on this board.", icon=":material/inbox:")
        return
    wanted = st.text_input(
        "Search by name or organization", key=f"{name}_search", icon=":material/search:", width=320
    )
    rows = [row for row in _rows(context.state, name) if wanted.casefold() in _searched(row[1])]
    if not rows:
        st.info("No entry matches the search.", icon=":material/search_off:")
    for rank, entry in page_of(rows, f"{name}_page"):
        what, buttons = row(f"row_{entry.entry_id}")
        with what:
            _head(context, rank, entry)
        with buttons:
            for label, icon, ask in acts(entry):
                dialog_button(session, label, icon, ask, entry.entry_id)


def _rows(state: State, name: BoardName) -> list[tuple[int | None, Entry]]:
    shown = list[tuple[int | None, Entry]](enumerate(shown_board(state, name).entries, start=1))
    return [*shown, *((None, entry) for entry in state.board(name) if entry.hidden)]


def _searched(entry: Entry) -> str:
    return f"{entry.model_name}\n{team(entry)}".casefold()


def _head(context: Context, rank: int | None, entry: Entry) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f"**{rank}**" if rank else ":gray[—]", width=28)
        st.text(entry.model_name, width="content")
        for label in badges(context, entry):
            st.badge(label, color=_COLORS.get(label, "gray"))
    details = [team(entry)]
    date = times.parse(entry.verified_date or entry.date)
    if date:
        details.append(times.day(date[0]))
    st.text(" · ".join(filter(None, details)))


def badges(context: Context, entry: Entry) -> list[str]:
    """What is special about an entry, as badges: what readers see, and what only the admin."""
    demo, truth = context.services.settings.demo, cached.truth_sha256()
    found = [label for label, _meaning in table.badges(entry, demo, truth)]
    if entry.hidden:
        found.insert(0, "hidden")
    if entry.verification and entry.verification.state != "verified":
        found.append(f"verification {entry.verification.state}")
    return found


def show_trash(context: Context, session: AdminSession, name: BoardName) -> None:
    """Deleted entries of a board, until when they are kept, and the two ways out."""
    gone = [found for found in context.state.trash if found.board == name]
    if not gone:
        return
    st.subheader("Trash", anchor=False)
    st.markdown(":small[Kept for 30 days with all that belongs to it; its name stays taken.]")
    for found in reversed(gone):
        _trash_row(session, found)


def _trash_row(session: AdminSession, gone: Trashed) -> None:
    what, buttons = row(f"trash_{gone.entry.entry_id}")
    with what:
        st.text(gone.entry.model_name)
        deleted, last = times.local(gone.time), times.local_day(gone.until) or DASH
        st.markdown(f":small[Deleted {deleted}, kept until {last}.]")
        if gone.reason:
            st.text(f"Reason: {gone.reason}")
    with buttons:
        st.button(
            "Restore",
            key=f"restore_{gone.entry.entry_id}",
            icon=":material/restore_from_trash:",
            type="tertiary",
            on_click=session.acts.asks(RUN, Restore(gone.entry.entry_id)),
        )
        purge = Purge(gone.entry.entry_id)
        dialog_button(session, "Purge", ":material/delete_forever:", purge, gone.entry.entry_id)
