"""Who is the admin, and for how long: signing in and out, and the end of an idle session.

A session lives in the server's memory, one per browser tab.
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
ADMIN: Final = "admin"  # the actor of whoever knows the password
_TURNS = Turns()  # a try costs memory and must be counted before the next


@dataclass(slots=True)
class Session:
    """One browser tab's sign-in. `actor` is empty while nobody is signed in."""

    actor: str = ""
    seen: float = 0.0
    ticket: Ticket = field(default_factory=Ticket)

    def open(self, actor: str, now: float) -> None:
        self.actor, self.seen = actor, now

    def close(self) -> None:
        self.actor = ""

    def idle(self, now: float) -> bool:
        """Whether somebody is signed in who did nothing for half an hour."""
        return bool(self.actor) and not 0 <= now - self.seen < IDLE_S


@dataclass(frozen=True, slots=True)
class Verdict:
    """`wait_s`: not looked at; try again then. Otherwise `right` tells."""

    right: bool
    wait_s: float = 0.0


class Door:
    """The way into the admin page of one data folder."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._clock = clock
        self._throttle = Throttle(attempts_file(settings.root), clock)

    @property
    def admins(self) -> tuple[str, ...]:
        """E-mails and account ids that are admins."""
        return self._settings.admins

    def closed(self) -> str | None:
        """Why no password opens the page, and what to do; None when one does."""
        return password.problem(self._settings.admin_password)

    def visitor(self, header: str | None) -> str:
        """A keyed hash of the address that the trusted proxy's header names; empty without."""
        found = submitter.address_of(header)
        return self._keyed("address", found) if found else ""

    def try_password(self, session: Session, typed: str, visitor: str) -> Verdict:
        """Look at a password, unless this visitor has to wait; opens the session if right.

        Raises StoreError when the try cannot be counted: it is not looked at then.
        """
        if early := self._throttle.wait(visitor, session.ticket):
            return Verdict(right=False, wait_s=early)  # takes nobody's turn
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
        """Open the session for a signed-in account that is named as an admin."""
        name = admin_name(user, self._settings.admins)
        if name is None or self.too_old(user):
            return False
        session.open(self.actor_of(name), self._clock())
        return True

    def too_old(self, user: Mapping[str, Any]) -> bool:
        """Whether an account's sign-in is of more than half an hour ago: its cookie is not enough.

        Streamlit keeps that cookie for 30 days; the provider has to be asked again.
        """
        issued = user.get("iat")
        return isinstance(issued, int | float) and self._clock() - issued >= IDLE_S

    def actor_of(self, name: str) -> str:
        """What the journal says for a named admin: no personal data, the same each time."""
        account = self._keyed("account", name.casefold())
        return f"{ADMIN}:{account.partition('-')[2][:16]}"

    def _keyed(self, kind: submitter.Kind, value: str) -> str:
        return submitter.submitter(submitter.secret(self._settings.root), kind, value)

    def who(self, actor: str) -> str:
        """An actor for the reader: the name of an admin who is still named in the settings."""
        names = {self.actor_of(name): name for name in self._settings.admins}
        return names.get(actor, actor)

    def touch(self, session: Session) -> bool:
        """Note that the admin did something; False, and the session closed, when too late."""
        now = self._clock()
        if session.idle(now):
            session.close()
            return False
        session.seen = now
        return bool(session.actor)

    def is_idle(self, session: Session) -> bool:
        return session.idle(self._clock())

    def failures(self) -> int:
        """Wrong passwords of the last hour or so, from everywhere."""
        return self._throttle.failures()


def attempts_file(root: Path) -> Path:
    return root / "admin_attempts.json"


def admin_name(user: Mapping[str, Any], admins: Sequence[str]) -> str | None:
    """Which of `admins` a signed-in account is; None when it is none of them.

    Its e-mail counts only when the provider says that it has checked it: elsewhere anybody
    may claim any address. The account is the provider's own id (`sub`), which never changes.
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
