"""The visitor's identity for the quota, and the proofs of ownership.

The account if the visitor is signed in; else the address from the configured header, if any; else
the browser, by Streamlit's token. The last is weak: clearing the cookies gives a new identity
(docs/integrity.md).
"""

import binascii
import secrets
from typing import Final

import streamlit as st

from core.access import submitter
from core.access.submission_keys import UNPROVED, Proof
from core.access.submitter import account_of, address_of
from core.settings import Settings
from core.ui.session import VisitorSession

_COOKIE: Final = "_streamlit_xsrf"
_SESSION: Final = "visitor"
_BOUND: Final = "bound_to"


def submitting(settings: Settings) -> str:
    """The identity that this visitor's tries count for. Raises StoreError if it cannot be made."""
    key = submitter.secret(settings.root)
    account = account_of(st.user)
    if account:
        return submitter.submitter(key, "account", account)
    if settings.proxy_header:
        # Repeated headers form one list; the nearest proxy added the last value.
        values = st.context.headers.get_all(settings.proxy_header)
        address = address_of(values[-1] if values else None)
        if address:
            return submitter.submitter(key, "address", address)
    return submitter.submitter(key, "browser", _browser())


def proof(settings: Settings, session: VisitorSession) -> Proof:
    """The keys of this session, and the account it is signed in with.

    Empty if another browser has taken over the session.
    """
    if taken_over():
        return UNPROVED
    account = account_of(st.user)
    mine = submitter.submitter(submitter.secret(settings.root), "account", account or "")
    return Proof(tuple(session.keys), mine if account else None)


def _browser() -> str:
    """An identity that is constant for a browser; without cookies, for this session."""
    token = token_of(st.context.cookies.get(_COOKIE, ""))
    if token:
        return token
    found: str = st.session_state.setdefault(_SESSION, secrets.token_urlsafe(16))
    return found


def forget_if_taken_over() -> None:
    """Empty this session if it is now used by another browser than the one that started it.

    Anyone who knows a session's id can connect to it, and the id is part of upload addresses and
    so appears in the logs of proxies. The session's rights are therefore bound to the browser's
    cookie, or, without one, to the connection.
    """
    if taken_over():
        st.session_state.clear()
    st.session_state.setdefault(_BOUND, _connection())


def taken_over() -> bool:
    """Whether another browser started this session. For fragments, which run on their own."""
    bound = st.session_state.get(_BOUND)
    return bound is not None and bound != _connection()


def _connection() -> str:
    """A value that no one else can send: the browser's token, else this connection's random key."""
    token = token_of(st.context.cookies.get(_COOKIE, ""))
    return token or st.context.headers.get("Sec-WebSocket-Key") or ""


def token_of(cookie: str) -> str:
    """The token in Streamlit's cookie, which each page masks differently; "" for none.

    Its format is 2|mask|masked token|time, all in hexadecimal.
    """
    try:
        _, mask_hex, masked_hex, _ = cookie.strip("\"'").split("|")
        mask, masked = binascii.a2b_hex(mask_hex), binascii.a2b_hex(masked_hex)
        return bytes(b ^ mask[i % len(mask)] for i, b in enumerate(masked)).hex()
    except (ValueError, ZeroDivisionError):
        return ""
