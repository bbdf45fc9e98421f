"""The way into the admin page: the password, or the account that is named as an admin."""

import math
import time

import streamlit as st

from core.access.session import Door, admin_name
from core.errors import MedVidBenchError
from core.ui import account
from core.ui.admin.session import PASSWORD, Desk
from core.ui.text import refusal
from core.usecases import sign_in
from core.usecases.services import Services

_IDLE = "Signed out after 30 minutes without a click. Sign in again to go on."
_WRONG = "This is not the password. Every failed try is in the audit log."


def signed_in(services: Services, door: Door, desk: Desk) -> bool:
    """Do what was asked for at the door; whether this tab is an admin's now."""
    if desk.signing_out:
        _sign_out(services, desk, "Signed out.")
    elif desk.session.actor and not door.touch(desk.session):
        _sign_out(services, desk, _IDLE)
    if desk.signing_in:
        _try_password(services, door, desk)
    if desk.entering:
        _enter(services, door, desk)
    return bool(desk.session.actor)


def show_door(services: Services, door: Door, desk: Desk) -> None:
    """The sign-in, or the line that says how to open the page."""
    closed = door.closed()
    accounts = account.configured() and bool(services.settings.admins)
    if closed and not accounts:
        st.info(f"**The admin page is closed.** {closed}", icon=":material/lock:")
        return
    if desk.told:
        st.info(desk.told, icon=":material/logout:")
    with st.container(width=420):
        if accounts:
            _account(door, desk)
        if not closed:
            _password(desk)


@st.fragment(run_every=20.0)
def watch_idle(door: Door, desk: Desk) -> None:
    """Take the page off the screen when the session has ended. Is no sign of life itself."""
    if not desk.session.actor or door.is_idle(desk.session):
        st.rerun()


def _password(desk: Desk) -> None:
    with st.form("sign_in"):
        st.text_input("Password", type="password", key=PASSWORD, autocomplete="current-password")
        st.form_submit_button("Sign in", icon=":material/login:", on_click=desk.ask_to_sign_in)
        if desk.failure:
            refusal(desk.failure)
        if desk.wait_until > time.monotonic():
            _countdown(desk)


@st.fragment(run_every=1.0)
def _countdown(desk: Desk) -> None:
    left = math.ceil(desk.wait_until - time.monotonic())
    st.markdown(
        f":orange[:material/hourglass_empty:] Many wrong passwords, from here or elsewhere: the "
        f"next try is looked at in **{left} s**."
        if left > 0
        else ":green[:material/check:] The next try is looked at now."
    )


def _try_password(services: Services, door: Door, desk: Desk) -> None:
    """Reading the field may end this run; the next then begins here again."""
    typed = str(st.session_state.get(PASSWORD) or "")
    desk.failure, desk.told = "", ""
    try:
        verdict = sign_in.sign_in(services.store, door, desk.session, typed, _header(services))
        if verdict.wait_s:
            desk.wait_until = time.monotonic() + verdict.wait_s
        elif not verdict.right:
            desk.failure = _WRONG
    except MedVidBenchError as error:
        desk.failure = f"The server could not look at it: {error}"
    desk.signing_in = False


def _enter(services: Services, door: Door, desk: Desk) -> None:
    user = st.user.to_dict()
    desk.failure, desk.told = "", ""
    try:
        sign_in.enter(services.store, door, desk.session, user, _header(services))
    except MedVidBenchError as error:
        desk.failure = f"The server could not record the sign-in: {error}"
    desk.entering = False


def _sign_out(services: Services, desk: Desk, told: str) -> None:
    by_account = desk.session.actor.startswith("admin:")
    try:
        sign_in.sign_out(services.store, desk.session)
    except MedVidBenchError as error:
        told = f"{told} It could not be written to the audit log: {error}"
    desk.leave(told)
    if by_account and account.configured():
        st.logout()


def _header(services: Services) -> str | None:
    """The value of the trusted proxy's header; None when no proxy is trusted."""
    name = services.settings.proxy_header
    return ", ".join(st.context.headers.get_all(name)) if name else None


def _account(door: Door, desk: Desk) -> None:
    user = st.user.to_dict()
    if user.get("is_logged_in") is not True or door.too_old(user):
        account.sign_in_buttons()
        return
    who = str(user.get("email") or user.get("name") or "")
    st.markdown("You are signed in with this account:")
    st.text(f"{who}\naccount id {user.get('sub') or 'unknown'}".strip())
    if admin_name(user, door.admins) is None:
        refusal(
            "It is not named as an admin. Put its id, or its e-mail if the provider confirms "
            "e-mails, into MEDVIDBENCH_ADMINS and restart the server."
        )
        st.button("Use another account", on_click=st.logout)
    else:
        st.button("Open the admin page", icon=":material/login:", on_click=desk.ask_to_enter)
    if desk.failure:
        refusal(desk.failure)
