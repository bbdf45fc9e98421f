"""The ways into the owner's page: a typed key, keys of this tab, the account."""

from typing import Final

import streamlit as st

from core.access.submission_keys import KEY_FIELD, Proof
from core.errors import RefusedError
from core.model.state import State
from core.publish.numbers import count
from core.ui.device_keys import (
    forget_everything,
    perform_on_device,
    show_device_note,
    show_remember,
)
from core.ui.key_field import keep_typed_key, show_key_field
from core.ui.session import VisitorSession

_FORGET: Final = "forget"


def show_keys(session: VisitorSession) -> None:
    """The field for a key; several can be entered one after the other."""
    known = len(session.keys)
    show_key_field(session, _key(session), f"{count(known, 'key')} open in this tab." * bool(known))
    if known:
        show_remember(session)
        st.button(
            "Forget the keys",
            icon=":material/key_off:",
            on_click=session.owner_acts.asks(_FORGET),
            help="In this tab and on this device. Other open tabs keep theirs until they are "
            "closed or reloaded.",
        )
    else:
        show_device_note(session)


def perform_on_keys(session: VisitorSession, state: State) -> None:
    """Keep the typed key if it opens something, or forget all keys, if requested."""

    def refuse(typed: Proof) -> None:
        if not any(typed.opens(one) for one in state.submissions.values()):
            problem = (
                "No submission has this key. Check that it is complete: it starts with mvb- and "
                "has 36 characters. If it was replaced, ask the maintainers for the new one."
            )
            raise RefusedError({KEY_FIELD: problem})

    def forget(_subject: str) -> None:
        forget_everything(session)
        session.receipt, session.seen = None, {}

    perform_on_device(session)
    keep_typed_key(session, _key(session), refuse)
    session.owner_acts.perform({_FORGET: forget})


def _key(session: VisitorSession) -> str:
    """The field's key in the session: a new, empty field after a key that opened something."""
    return f"owner_key_{len(session.keys)}"
