"""Signing in to the admin page: with the password, or with an admin's account."""

import math
import time

import streamlit as st

from core.access.session import Door, admin_name
from core.errors import MedVidBenchError, RefusedError, StoreError
from core.ui import account
from core.ui.admin.session import PASSWORD, AdminSession
from core.ui.text import refusal
from core.usecases import sign_in
from core.usecases.services import Services

SIGN_IN, ENTER, SIGN_OUT = "sign in", "enter", "sign out"
_IDLE = "Signed out after 30 minutes without a click. Sign in again to continue."
_WRONG = "Wrong password. Every failed attempt is in the audit log."


def signed_in(services: Services, door: Door, session: AdminSession) -> bool:
    """Perform a sign-in or sign-out; return whether an admin is signed in in this tab."""
    leaving = session.acts.take({SIGN_OUT})
    if leaving:
        _sign_out(services, session, "Signed out.")
    elif session.login.actor and not door.touch(session.login):
        _sign_out(services, session, _IDLE)
    session.acts.perform(
        {
            SIGN_IN: lambda _subject: _try_password(services, door, session),
            ENTER: lambda _subject: _enter(services, door, session),
        }
    )
    return bool(session.login.actor)


def show_door(services: Services, door: Door, session: AdminSession) -> None:
    """The sign-in form, or a notice on how to enable the page."""
    closed = door.closed()
    accounts = account.configured() and bool(services.settings.admins)
    if closed and not accounts:
        st.info(f"**The admin page is closed.** {closed}", icon=":material/lock:")
        return
    if session.notice:
        st.info(session.notice, icon=":material/logout:")
    with st.container(width=420):
        if accounts:
            _account(door, session)
        if not closed:
            _password(session)


@st.fragment(run_every=20.0)
def rerun_when_idle(door: Door, session: AdminSession) -> None:
    """Clear the page when the session has ended. Does not prolong the session."""
    if not session.login.actor or door.is_idle(session.login):
        st.rerun()


def _password(session: AdminSession) -> None:
    with st.form("sign_in"):
        st.text_input("Password", type="password", key=PASSWORD, autocomplete="current-password")
        st.form_submit_button(
            "Sign in",
            icon=":material/login:",
            type="primary",
            on_click=session.acts.asks(SIGN_IN),
        )
        for text in session.acts.troubles():
            refusal(text)
        if session.wait_until > time.monotonic():
            _countdown(session)


@st.fragment(run_every=1.0)
def _countdown(session: AdminSession) -> None:
    left = math.ceil(session.wait_until - time.monotonic())
    st.markdown(
        f":orange[:material/hourglass_empty:] Too many wrong passwords, from here or elsewhere: "
        f"the next attempt is possible in **{left} s**."
        if left > 0
        else ":green[:material/check:] You can try again now."
    )


def _try_password(services: Services, door: Door, session: AdminSession) -> None:
    typed = str(st.session_state.get(PASSWORD) or "")
    session.notice = ""
    try:
        verdict = sign_in.sign_in(services.store, door, session.login, typed, _header(services))
    except MedVidBenchError as error:
        raise StoreError(f"The server could not check it: {error}") from error
    if verdict.wait_s:
        session.wait_until = time.monotonic() + verdict.wait_s
    elif not verdict.right:
        raise RefusedError({PASSWORD: _WRONG})


def _enter(services: Services, door: Door, session: AdminSession) -> None:
    user = st.user.to_dict()
    session.notice = ""
    try:
        sign_in.enter(services.store, door, session.login, user, _header(services))
    except MedVidBenchError as error:
        raise StoreError(f"The server could not record the sign-in: {error}") from error


def _sign_out(services: Services, session: AdminSession, notice: str) -> None:
    by_account = session.login.actor.startswith("admin:")
    try:
        sign_in.sign_out(services.store, session.login)
    except MedVidBenchError as error:
        notice = f"{notice} It could not be written to the audit log: {error}"
    session.leave(notice)
    if by_account and account.configured():
        st.logout()


def _header(services: Services) -> str | None:
    """The value of the trusted proxy's header; None when no proxy is trusted."""
    name = services.settings.proxy_header
    return ", ".join(st.context.headers.get_all(name)) if name else None


def _account(door: Door, session: AdminSession) -> None:
    user = st.user.to_dict()
    if user.get("is_logged_in") is not True or door.too_old(user):
        account.sign_in_buttons()
        return
    who = str(user.get("email") or user.get("name") or "")
    st.markdown("You are signed in with this account:")
    st.text(f"{who}\naccount id {user.get('sub') or 'unknown'}".strip())
    if admin_name(user, door.admins) is None:
        refusal(
            "It is not an admin. Add its id, or its e-mail if the provider verifies "
            "e-mails, to MEDVIDBENCH_ADMINS and restart the server."
        )
        st.button("Use another account", on_click=st.logout)
    else:
        st.button("Open the admin page", icon=":material/login:", on_click=session.acts.asks(ENTER))
    for text in session.acts.troubles():
        refusal(text)
