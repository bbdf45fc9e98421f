"""Signing in with an account, where the operator configured it ([auth] in secrets.toml)."""

import streamlit as st

from core import settings


def configured() -> bool:
    """Whether [auth] is configured, so that Streamlit knows if somebody is signed in."""
    return "is_logged_in" in st.user


def show_account(purpose: str) -> None:
    """The account with a sign-out, or a sign-in with its purpose; nothing without [auth]."""
    if not configured():
        return
    user = st.user.to_dict()
    with st.container(horizontal=True, vertical_alignment="center"):
        if user.get("is_logged_in") is True:
            st.text(f"Signed in as {user.get('email') or user.get('name') or user.get('sub')}.")
            st.button("Sign out of the account", icon=":material/logout:", on_click=st.logout)
        else:
            sign_in_buttons()
            st.caption(f"{purpose} Signing in leaves this page.")


def sign_in_buttons() -> None:
    """A button for each provider in the secrets."""
    for name, label in _providers():
        st.button(
            label,
            key=f"login_{name}",
            icon=":material/account_circle:",
            on_click=st.login,
            args=(name,),
        )


def _providers() -> list[tuple[str, str]]:
    """Provider names for st.login, with the labels of their buttons."""
    section = settings.secrets_file().get("auth")
    named = [k for k, v in section.items() if isinstance(v, dict)] if section else []
    named = [name for name in named if name != "client_kwargs"]
    if section and (section.get("client_id") or not named):
        return [("default", "Sign in with your account")]
    return [(name, f"Sign in with {name.title()}") for name in named] or [
        ("default", "Sign in with your account")
    ]
