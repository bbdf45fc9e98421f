"""The status of the mirror, for pages and the operator; read from disk, never the network."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from filelock import FileLock, Timeout

from core.errors import StoreError
from core.files.locks import held
from core.mirror import record as mirror_record
from core.mirror.paths import JOURNAL
from core.settings import Settings
from core.store import journal
from core.store.merge import waiting

OLD_S = 600.0
LOCAL_ONLY = "Kept on this machine only: no mirror is set up."


@dataclass(frozen=True, slots=True)
class MirrorStatus:
    """`configured` is false without repo and token. Times are UTC, ISO 8601; None is never.

    checked: when the repo last responded. synced: when nothing was waiting. error: what failed and
    what to do, empty if nothing; retry_at: the time of the next try.
    """

    configured: bool
    repo: str
    head: str
    checked: str | None
    synced: str | None
    waiting_changes: int
    error: str
    kind: str
    retry_at: str | None


def mirror_status(settings: Settings) -> MirrorStatus:
    """The status now. Cheap. Raises StoreError when the record cannot be read."""
    if not settings.mirrored:
        return MirrorStatus(False, settings.hub_repo, "", None, None, 0, "", "", None)
    record = mirror_record.load(settings.root, settings.hub_repo)
    behind = journal.read(settings.root / JOURNAL, record.journal_bytes)
    return MirrorStatus(
        configured=True,
        repo=record.repo,
        head=record.head,
        checked=_iso(record.checked),
        synced=_iso(record.synced),
        waiting_changes=waiting(behind, 0),
        error=record.error,
        kind=record.kind,
        retry_at=_iso(record.retry_at) if record.error else None,
    )


def retry_soon(settings: Settings) -> None:
    """Make the server's thread retry now instead of waiting after a failure.

    Has no effect on a running round. Raises StoreError.
    """
    if not settings.mirrored:
        return
    try:
        with held(FileLock(settings.root / "mirror.lock", timeout=0, mode=0o600)):
            record = mirror_record.load(settings.root, settings.hub_repo)
            mirror_record.save(settings.root, msgspec.structs.replace(record, retry_at=0.0))
    except Timeout:
        return


def note(settings: Settings) -> str | None:
    """One line for the pages: local only, or older than ten minutes; None when all is well."""
    if not settings.mirrored:
        return None if settings.demo else LOCAL_ONLY
    try:
        record = mirror_record.load(settings.root, settings.hub_repo)
    except StoreError:
        return None  # the page shows the error itself
    age = time.time() - record.checked
    if abs(age) <= OLD_S:
        return None
    if not record.checked or age < 0:  # the clock was set back since
        return "These boards have not been compared with the shared copy yet."
    return (
        f"These boards may be {int(age // 60)} minutes old: the shared copy does not respond. "
        "Changes made here are kept and sent later."
    )


def _iso(seconds: float) -> str | None:
    if not seconds:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
