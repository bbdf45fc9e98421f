"""The lock of all writers of one data folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import BaseFileLock, FileLock, Timeout

from core.errors import StoreError
from core.files import atomic
from core.files.locks import stale_advice

LOCK_TIMEOUT_S: Final = 30.0
_LOCK_POLL_S: Final = 0.005


def lock_of(root: Path) -> BaseFileLock:
    """A lock for `locked`, to be kept: making one takes a third of the time of holding it.

    Each thread holds it for itself.
    """
    path = root / "store.lock"
    return FileLock(path, timeout=LOCK_TIMEOUT_S, poll_interval=_LOCK_POLL_S, mode=0o600)


@contextmanager
def locked(lock: BaseFileLock) -> Iterator[None]:
    """Keep other writers out. Raises StoreError after 30 s, or when the disk refuses."""
    path = Path(lock.lock_file)
    atomic.make_folder(path.parent)
    try:
        lock.acquire()
    except Timeout as error:
        look = "look for a hanging process, or for too many changes at once."
        raise StoreError(
            f"{path}: other processes held the lock for "
            f"{LOCK_TIMEOUT_S:g} s. Nothing was changed. Try again; if this persists: "
            f"{stale_advice(lock) or look}"
        ) from error
    except OSError as error:
        raise atomic.store_error(error, "Cannot lock", path, "Nothing was changed.") from error
    try:
        yield
    finally:
        lock.release()
