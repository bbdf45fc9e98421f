"""Use cases of the sign-in: each is recorded in the audit log, or fails.

Wrong passwords are counted there per hour.
"""

from collections.abc import Mapping
from typing import Any

from core.access.session import Door, Session, Verdict
from core.changes import auditing
from core.errors import MedVidBenchError
from core.store.store import Store


def sign_in(store: Store, door: Door, session: Session, typed: str, header: str | None) -> Verdict:
    """Try a password. `header`: the value of the trusted proxy's header.

    Raises StoreError if it cannot be counted or recorded; nobody is signed in then.
    """
    visitor = door.visitor(header)
    verdict = door.try_password(session, typed, visitor)
    try:
        if verdict.right:
            store.commit(auditing.signed_in(session.actor, visitor))
        elif not verdict.wait_s:
            door.note_failure(visitor)
    except MedVidBenchError:
        session.close()
        raise
    return verdict


def enter(
    store: Store, door: Door, session: Session, user: Mapping[str, Any], header: str | None
) -> bool:
    """Open the page to a signed-in account that is listed as an admin."""
    if not door.admit(session, user):
        return False
    try:
        store.commit(auditing.signed_in(session.actor, door.visitor(header)))
    except MedVidBenchError:
        session.close()
        raise
    return True


def sign_out(store: Store, session: Session) -> None:
    """Close the session, even if that cannot be recorded (StoreError)."""
    actor, session.actor = session.actor, ""
    if actor:
        store.commit(auditing.signed_out(actor))
