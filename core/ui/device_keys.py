"""“Remember on this device”: off by default, with a way to forget.

The browser acts when it sees the ticket on the page (core/web/assets/site.js), and shows there
whether it succeeded.
"""

from typing import Final

import streamlit as st

from core.access.device_keys import TICKETS, Wish
from core.publish import facts
from core.ui.session import VisitorSession

_REMEMBER, _FORGET = "remember", "forget"
_KEY: Final = "remember_keys"  # site.css hides it in another site's frame, which has no cookies


def show_remember(session: VisitorSession) -> None:
    """The checkbox for the keys of this tab, and below it whether the browser succeeded."""
    remembered = bool(session.keys) and session.remembered.issuperset(session.keys)
    with st.container(key=_KEY, gap="xsmall"):
        st.checkbox(
            "Remember on this device",
            value=remembered,
            key=f"{_KEY}_{session.key_acts.round}",
            on_change=session.key_acts.asks(_FORGET if remembered else _REMEMBER, "device"),
            help="Keeps the keys of this tab in a cookie of this browser for a year. Only this "
            "server can read it. Leave it off on a computer that others use.",
        )
        show_device_note(session)


def show_device_note(session: VisitorSession) -> None:
    """The request to the browser, for site.js, which writes the outcome here."""
    if session.device_ticket:
        st.html(facts.styles_html() + facts.device_html(*session.device_ticket))


def perform_on_device(session: VisitorSession) -> None:
    """Have the keys of this tab remembered or forgotten, if requested."""

    def remember(_subject: str) -> None:
        keys = tuple(session.keys)
        session.device_ticket = (TICKETS.note(Wish(remember=keys)), "Remembered on this device.")
        session.remembered.update(keys)

    def forget(_subject: str) -> None:
        wish = Wish(forget=tuple(session.keys))
        session.device_ticket = (TICKETS.note(wish), "No longer remembered on this device.")
        session.remembered.difference_update(session.keys)

    session.key_acts.perform({_REMEMBER: remember, _FORGET: forget})


def forget_everything(session: VisitorSession) -> None:
    """Forget every key, in this tab and on this device."""
    session.keys.clear()
    session.remembered.clear()
    wish = Wish(everything=True)
    session.device_ticket = (TICKETS.note(wish), "No key is remembered on this device.")
