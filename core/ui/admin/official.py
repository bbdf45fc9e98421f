"""The Official board's tab: add, promote, edit, verify, mark, remove."""

from collections.abc import Sequence

import streamlit as st

from core.model.entries import BoardName, Entry
from core.ui.admin.add import Add
from core.ui.admin.edit import Edit, Marks, SetVerification
from core.ui.admin.entries import show_board, show_trash
from core.ui.admin.entry_acts import Remove, formless
from core.ui.admin.promote import Promote
from core.ui.admin.session import AdminSession, Context, DialogAct


def show(context: Context, session: AdminSession) -> None:
    """Draw the tab *Official board*."""
    with st.container(horizontal=True):
        st.button(
            "Promote a community entry",
            icon=":material/upgrade:",
            on_click=session.open,
            args=(Promote(),),
        )
        st.button("Add an entry", icon=":material/add:", on_click=session.open, args=(Add(),))
    show_board(context, session, "official", _acts)
    show_trash(context, session, "official")


def _acts(entry: Entry) -> Sequence[tuple[str, str, DialogAct]]:
    where: tuple[BoardName, str] = ("official", entry.entry_id)
    return [
        ("Edit", ":material/edit:", Edit(*where)),
        ("Verification", ":material/verified:", SetVerification(*where)),
        ("Marks", ":material/label:", Marks(*where)),
        *formless(where, entry),
        ("Remove", ":material/delete:", Remove(*where)),
    ]
