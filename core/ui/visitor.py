"""The visitor's identity for the quota, and the proofs of ownership.

The account when somebody is signed in; else the address from the configured header, if any; else
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
    """What a try of this visitor counts for. Raises StoreError when the secret cannot be kept."""
    key = submitter.secret(settings.root)
    account = account_of(st.user)
    if account:
        return submitter.submitter(key, "account", account)
    if settings.proxy_header:
        # Repeated headers are one list; the last value is what the nearest proxy added.
        values = st.context.headers.get_all(settings.proxy_header)
        address = address_of(values[-1] if values else None)
        if address:
            return submitter.submitter(key, "address", address)
    return submitter.submitter(key, "browser", _browser())


def proof(settings: Settings, session: VisitorSession) -> Proof:
    """The keys that this session holds, and the account it is signed in with.

    Nothing for who has taken over somebody else's session.
    """
    if taken_over():
        return UNPROVED
    account = account_of(st.user)
    mine = submitter.submitter(submitter.secret(settings.root), "account", account or "")
    return Proof(tuple(session.keys), mine if account else None)


def _browser() -> str:
    """What stays the same for a browser; for one without cookies, for this session."""
    token = token_of(st.context.cookies.get(_COOKIE, ""))
    if token:
        return token
    found: str = st.session_state.setdefault(_SESSION, secrets.token_urlsafe(16))
    return found


def forget_if_taken_over() -> None:
    """Empty this session if another browser has it now than the one that began it.

    Whoever knows a session's id may connect to it, and the id stands in upload addresses, hence
    in the logs of proxies. What the session may do stays with the browser, by its cookie; with
    the connection where the browser has none.
    """
    if taken_over():
        st.session_state.clear()
    st.session_state.setdefault(_BOUND, _connection())


def taken_over() -> bool:
    """Whether another browser began this session. For fragments, which run by themselves."""
    bound = st.session_state.get(_BOUND)
    return bound is not None and bound != _connection()


def _connection() -> str:
    """What nobody else can send: the browser's token, else the random key of this connection."""
    token = token_of(st.context.cookies.get(_COOKIE, ""))
    return token or st.context.headers.get("Sec-WebSocket-Key") or ""


def token_of(cookie: str) -> str:
    """The token in Streamlit's cookie, which is masked anew with every page; "" for none.

    Its form is 2|mask|masked token|time, the parts in hexadecimal.
    """
    try:
        _, mask_hex, masked_hex, _ = cookie.strip("\"'").split("|")
        mask, masked = binascii.a2b_hex(mask_hex), binascii.a2b_hex(masked_hex)
        return bytes(b ^ mask[i % len(mask)] for i, b in enumerate(masked)).hex()
    except (ValueError, ZeroDivisionError):
        return ""
