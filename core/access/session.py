"""The admin's session: signing in and out, and the idle timeout.

A session is in the server's memory, one per browser tab.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from core.access import failed_sign_ins, password, submitter
from core.access.throttle import Throttle, Ticket
from core.access.turns import Turns
from core.settings import Settings

LOG = logging.getLogger(__name__)
IDLE_S: Final = 30 * 60.0
ADMIN: Final = "admin"  # the actor for a sign-in by password
_TURNS = Turns()  # an attempt needs memory and must be counted before the next


@dataclass(slots=True)
class Session:
    """The sign-in of one browser tab. `actor` is empty while nobody is signed in."""

    actor: str = ""
    seen: float = 0.0
    ticket: Ticket = field(default_factory=Ticket)

    def open(self, actor: str, now: float) -> None:
        self.actor, self.seen = actor, now

    def close(self) -> None:
        self.actor = ""

    def idle(self, now: float) -> bool:
        """Whether somebody is signed in but has been idle for half an hour."""
        return bool(self.actor) and not 0 <= now - self.seen < IDLE_S


@dataclass(frozen=True, slots=True)
class Verdict:
    """`wait_s`: not checked; try again then. Otherwise `right` is the result."""

    right: bool
    wait_s: float = 0.0


class Door:
    """Sign-in to the admin page of one data folder."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._clock = clock
        self._throttle = Throttle(attempts_file(settings.root), clock)

    @property
    def admins(self) -> tuple[str, ...]:
        """E-mails and account ids of admins."""
        return self._settings.admins

    def closed(self) -> str | None:
        """Why nobody can sign in with a password, and what to do; None if it works."""
        return password.problem(self._settings.admin_password)

    def visitor(self, header: str | None) -> str:
        """A keyed hash of the address in the trusted proxy's header; empty without one."""
        found = submitter.address_of(header)
        return self._keyed("address", found) if found else ""

    def try_password(self, session: Session, typed: str, visitor: str) -> Verdict:
        """Check a password, unless this visitor has to wait; opens the session if correct.

        Raises StoreError when the attempt cannot be counted; then it is not checked.
        """
        if early := self._throttle.wait(visitor, session.ticket):
            return Verdict(right=False, wait_s=early)  # does not take a turn
        with _TURNS.turn(visitor, trusted=self._throttle.trusts(visitor)):
            wait = self._throttle.wait(visitor, session.ticket)
            if wait > 0:
                return Verdict(right=False, wait_s=wait)
            self._throttle.charge(visitor, session.ticket)
            if not password.matches(typed, self._settings.admin_password):
                LOG.warning("admin page: a wrong password")
                return Verdict(right=False)
            self._throttle.succeeded(visitor, session.ticket)
        session.open(ADMIN, self._clock())
        return Verdict(right=True)

    def note_failure(self, visitor: str) -> None:
        """Count a wrong password for the audit. Raises StoreError."""
        failed_sign_ins.note(self._settings.root, visitor, self._clock())

    def admit(self, session: Session, user: Mapping[str, Any]) -> bool:
        """Open the session for a signed-in account that is configured as an admin."""
        name = admin_name(user, self._settings.admins)
        if name is None or self.too_old(user):
            return False
        session.open(self.actor_of(name), self._clock())
        return True

    def too_old(self, user: Mapping[str, Any]) -> bool:
        """Whether an account signed in more than half an hour ago, so that its cookie is not
        enough.

        Streamlit keeps that cookie for 30 days; the account has to sign in with the provider again.
        """
        issued = user.get("iat")
        return isinstance(issued, int | float) and self._clock() - issued >= IDLE_S

    def actor_of(self, name: str) -> str:
        """The actor in the journal for a named admin: stable, without personal data."""
        account = self._keyed("account", name.casefold())
        return f"{ADMIN}:{account.partition('-')[2][:16]}"

    def _keyed(self, kind: submitter.Kind, value: str) -> str:
        return submitter.submitter(submitter.secret(self._settings.root), kind, value)

    def who(self, actor: str) -> str:
        """An actor as shown: the name of an admin who is still configured."""
        names = {self.actor_of(name): name for name in self._settings.admins}
        return names.get(actor, actor)

    def touch(self, session: Session) -> bool:
        """Record activity of the admin; False, closing the session, if it has expired."""
        now = self._clock()
        if session.idle(now):
            session.close()
            return False
        session.seen = now
        return bool(session.actor)

    def is_idle(self, session: Session) -> bool:
        return session.idle(self._clock())

    def failures(self) -> int:
        """Wrong passwords of about the last hour, from all addresses."""
        return self._throttle.failures()


def attempts_file(root: Path) -> Path:
    """The storage of failed sign-ins."""
    return root / "admin_attempts.json"


def admin_name(user: Mapping[str, Any], admins: Sequence[str]) -> str | None:
    """Which of `admins` a signed-in account is; None if it is not an admin.

    Its e-mail counts only if the provider has verified it: otherwise anybody could claim any
    address. The account is the provider's id (`sub`), which never changes.
    """
    if user.get("is_logged_in") is not True:
        return None
    mine = {str(user["sub"])} if user.get("sub") else set()
    if user.get("email") and user.get("email_verified") is True:
        mine.add(str(user["email"]).casefold())
    for name in admins:
        if name in mine or ("@" in name and name.casefold() in mine):
            return name
    return None
