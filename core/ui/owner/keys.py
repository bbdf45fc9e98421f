"""What opens the owner's page: keys typed here, keys of this tab, the account."""

import streamlit as st

from core.access.submission_keys import Proof
from core.model.state import State
from core.publish.numbers import count
from core.ui.session import Desk
from core.ui.text import refusal
from core.usecases.submit import KEY_FIELD

OPEN, FORGET = "open", "forget"
_TYPED = "owner_key"


def show_keys(desk: Desk, proof: Proof) -> None:
    """The field for a key; several can be opened one after the other."""
    known = len(proof.keys)
    with st.form("owner_key_form"):
        st.text_input(
            "Submission key",
            key=_typed_key(desk),
            type="password",
            autocomplete="off",
            help="It was shown once, in the tab that submitted. It is kept in this tab only.",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.form_submit_button("Open", icon=":material/key:", on_click=desk.ask, args=(OPEN,))
            if known:
                st.caption(f"{count(known, 'key')} open in this tab.")
        for told in desk.refused(OPEN).values():
            refusal(told)
    if known:
        st.button("Forget the keys in this tab", on_click=desk.ask, args=(FORGET,))


def _typed_key(desk: Desk) -> str:
    """The field's key: an empty field after a key that opened something, the same after another."""
    return f"{_TYPED}_{len(desk.keys)}"


def open_key(desk: Desk, state: State) -> None:
    """Keep the typed key when it opens something."""
    typed = str(st.session_state.get(_typed_key(desk), "")).strip()
    if not typed:
        desk.refusals = {KEY_FIELD: "Paste the submission key you were shown when you submitted."}
        return
    opened = [one for one in state.submissions.values() if Proof((typed,)).opens(one)]
    desk.keys.update({one.submission_id: typed for one in opened})
    if not opened:
        desk.refusals = {
            KEY_FIELD: "No submission has this key. Check that it is whole: it begins with mvb- "
            "and has 36 characters. If it was replaced, the maintainers gave out a new one."
        }


def forget(desk: Desk) -> None:
    """Leave nothing that opens anything in this tab."""
    desk.keys.clear()
    desk.receipt = None
    desk.seen = {}
