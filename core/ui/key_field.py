"""The field for a submission key, which opens its owner's parts of the pages in this tab."""

import math
from collections.abc import Callable
from typing import Final

import streamlit as st

from core.access.key_tries import key_tries
from core.access.submission_keys import KEY_FIELD, Proof
from core.errors import RefusedError
from core.ui.session import VisitorSession, current_services
from core.ui.text import refusal
from core.ui.visitor import submitting

_OPEN: Final = "open"
_TOO_MANY: Final = (
    "Too many wrong keys were tried, here or elsewhere. This one was not checked: press the button "
    "again in {} s. Nothing is locked, and your key stays valid."
)


def keep_typed_key(session: VisitorSession, key: str, refuse: Callable[[Proof], object]) -> None:
    """Perform the request of the field's button. `refuse` raises RefusedError for a key that opens
    nothing here; `key` is the field's key in the session."""

    def keep(_subject: str) -> None:
        typed = str(st.session_state.get(key) or "").strip()
        if not typed:
            problem = "Paste the submission key you were shown when you submitted."
            raise RefusedError({KEY_FIELD: problem})
        settings = current_services().settings
        tries, visitor = key_tries(settings.root), submitting(settings)
        if wait := tries.begin(visitor, session.key_ticket):
            raise RefusedError({KEY_FIELD: _TOO_MANY.format(math.ceil(wait))})
        refuse(Proof((typed,)))
        tries.right(visitor, session.key_ticket)
        session.add_key(typed)

    if session.key_acts.pending == (_OPEN, key):
        session.key_acts.perform({_OPEN: keep})


def show_key_field(
    session: VisitorSession, key: str, caption: str = "", *, border: bool = True
) -> None:
    """The field, its button and a caption; below, why a key was refused."""
    with st.form(f"{key}_form", border=border, clear_on_submit=False):
        st.text_input(
            "Submission key",
            key=key,
            type="password",
            autocomplete="off",
            help="It was shown once, in the tab that submitted.",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.form_submit_button(
                "Open", icon=":material/key:", on_click=session.key_acts.asks(_OPEN, key)
            )
            if caption:
                st.caption(caption)
        for problem in session.key_acts.refused(_OPEN, key).values():
            refusal(problem)


def show_folded_key_field(session: VisitorSession, key: str) -> None:
    """The same, folded, for a page that also shows something without a key."""
    with st.expander("I have the submission key", icon=":material/key:"):
        show_key_field(session, key, border=False)
