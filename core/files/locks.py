"""Holding a lock, and messages for when the disk refuses it or it is never released."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import BaseFileLock, SoftFileLock, Timeout

from core.files import atomic


@contextmanager
def held(lock: BaseFileLock) -> Iterator[None]:
    """Hold a lock. Raises its Timeout, and StoreError when its file cannot be opened."""
    try:
        lock.acquire()
    except Timeout:
        raise
    except OSError as error:
        raise atomic.store_error(
            error, "Cannot lock", Path(lock.lock_file), "Nothing was changed."
        ) from error
    try:
        yield
    finally:
        lock.release()


def stale_advice(lock: BaseFileLock) -> str:
    """Which file to delete, and when; empty where the system releases a dead process's lock.

    On a disk without flock (some network and FUSE mounts) the lock is the file itself: it remains
    when its holder is killed, unless that was on this machine. With flock, deleting the file would
    let two processes hold the lock.
    """
    if not isinstance(lock, SoftFileLock):
        return ""
    return (
        "This disk has no flock, so the lock is the file itself and remains when its holder is "
        "killed. Stop all servers, jobs and commands on this data folder, on every machine; only "
        f"then, if it still exists, delete {lock.lock_file} and start again."
    )
