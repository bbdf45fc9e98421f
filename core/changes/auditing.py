"""Acts recorded only for the audit: sign-ins and acts on jobs."""

from typing import Any

from core.changes.act import Act, At, Change, change
from core.model.state import State


class _Recorded(Act, frozen=True, kw_only=True):
    """Changes nothing."""

    for_the_record = True

    def apply(self, state: State, at: At) -> State:
        return state


class SignIn(_Recorded, frozen=True, kw_only=True, tag="sign_in"):
    """An admin signed in. `address` is a keyed hash of the network address."""

    address: str


class SignInFailed(_Recorded, frozen=True, kw_only=True, tag="sign_in_failed"):
    """A wrong password, as recorded by earlier versions (now in core.access.failed_sign_ins)."""

    address: str


class SignOut(_Recorded, frozen=True, kw_only=True, tag="sign_out"):
    """An admin signed out."""


class Acted(_Recorded, frozen=True, kw_only=True, tag="acted"):
    """An act on a job: one phrase ("cancel job"), its subject, and details."""

    act: str
    subject: str
    details: dict[str, Any] = {}

    def about(self) -> str:
        return f"{self.act}: {self.subject}"


ACTS = (SignIn, SignInFailed, SignOut, Acted)


def signed_in(actor: str, address: str) -> Change:
    """An admin signed in. `address` is a keyed hash of the network address."""
    return change(SignIn(address=address), actor)


def signed_out(actor: str) -> Change:
    """An admin signed out."""
    return change(SignOut(), actor)


def acted(act: str, subject: str, actor: str, **details: Any) -> Change:
    """An act on a job as one phrase ("cancel job") and its subject."""
    return change(Acted(act=act, subject=subject, details=details), actor)
