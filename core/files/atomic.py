"""Atomic file replacement: after a crash a file is the old one or the new one.

A temporary file in the same folder is written and synced, then renamed over the
target, then the folder is synced. Several files of one folder can be prepared
first and published together, so that a full disk is detected before any change.
"""

import errno
import os
import secrets
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import StoreError

Data = bytes | memoryview
PRIVATE = 0o600  # boards have contacts: other users must not read these files
_PREFIX, _SUFFIX = ".new-", ".tmp"
# The participants' commands also run on Windows, which lacks these.
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)

_ADVICE = {
    errno.ENOSPC: "the disk is full. Free some space and try again",
    errno.EDQUOT: "the disk quota is used up. Free some space and try again",
    errno.EFBIG: "the file may not grow further (file-size limit). Raise the limit and try again",
    errno.EACCES: "permission denied. Give this program's user the right to write there",
    errno.EPERM: "not permitted. Give this program's user the right to write there",
    errno.EROFS: "the disk is read-only. Mount it writable or set MEDVIDBENCH_DATA_DIR elsewhere",
    errno.ENOENT: "no such file or folder. Check MEDVIDBENCH_DATA_DIR",
    errno.ENOTDIR: "a file exists where a folder is needed. Check MEDVIDBENCH_DATA_DIR",
    errno.EEXIST: "a file exists where a folder is needed. Check MEDVIDBENCH_DATA_DIR",
    errno.EMFILE: "too many open files. Restart the server",
}


def store_error(error: OSError, doing: str, path: Path, stands: str) -> StoreError:
    """Builds a message: what failed where, why, what to do, and what is unchanged."""
    reason = _ADVICE.get(error.errno or 0, f"{error.strerror or error}. Check the disk")
    return StoreError(f"{doing} {path}: {reason}. {stands}")


def refused_by_disk(error: OSError, folder: Path) -> StoreError:
    """A message for an error without an explanation, about its file or `folder`."""
    where = Path(str(error.filename or folder))
    return store_error(error, "Cannot use", where, "Existing files are unchanged.")


class Replacement:
    """New contents of files of one folder: all prepared, then all published.

    As a context manager it removes prepared files that were not published. Temporary files have
    `writer` in their names, so that a writer that holds the lock can distinguish leftovers of a
    killed process from files that another process is writing.
    """

    def __init__(self, folder: Path, writer: str = "") -> None:
        self._folder = folder
        self._writer = writer
        self._prepared: list[tuple[Path, Path]] = []  # temporary file, target
        self._unsynced: list[tuple[int, Path]] = []  # handle of the temporary file, target

    def prepare(self, name: str, data: bytes, mode: int | None = PRIVATE) -> None:
        """Write and sync a temporary file for `name`. Raises StoreError; targets are untouched."""
        self.write(name, data, mode)
        self.sync()

    def write(self, name: str, data: Data, mode: int | None = PRIVATE) -> None:
        """Like `prepare`, but without syncing: call `sync` when all are written."""
        target = self._folder / name
        try:
            path, handle = _begun(self._folder, data, mode, self._writer)
        except OSError as error:
            raise _unwritten(error, target) from error
        self._prepared.append((path, target))
        self._unsynced.append((handle, target))

    def sync(self) -> None:
        """Put what was written on disk. Raises StoreError; targets are untouched."""
        while self._unsynced:
            handle, target = self._unsynced.pop(0)
            try:
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
            except OSError as error:
                raise _unwritten(error, target) from error

    def publish(self) -> None:
        """Rename all into place in the order of preparation, then sync the folder."""
        try:
            while self._prepared:
                temporary, target = self._prepared[0]
                temporary.replace(target)
                del self._prepared[0]
            sync_folder(self._folder)
        except OSError as error:
            raise store_error(
                error,
                "Cannot replace files in",
                self._folder,
                "Every file is complete, old or new.",
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for handle, _ in self._unsynced:
            os.close(handle)
        for temporary, _ in self._prepared:
            temporary.unlink(missing_ok=True)


def write(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Replace or create one file. Raises StoreError, leaving the old file unchanged."""
    with Replacement(path.parent) as replacement:
        replacement.prepare(path.name, data, mode)
        replacement.publish()


def write_all(files: Iterable[tuple[Path, bytes, int | None]]) -> None:
    """Replace files in any folders (path, content, mode); none changes if the disk is too full.

    Mode None applies the umask. Raises StoreError.
    """
    with ExitStack() as stack:
        folders: dict[Path, Replacement] = {}
        for path, data, mode in files:
            if path.parent not in folders:
                folders[path.parent] = stack.enter_context(Replacement(path.parent))
            folders[path.parent].prepare(path.name, data, mode)
        for replacement in folders.values():
            replacement.publish()


def move(source: Path, target: Path, mode: int = PRIVATE) -> None:
    """Move a complete file of the same disk to the target. Raises StoreError."""
    try:
        with source.open("rb") as file:
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        source.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise store_error(error, "Cannot write", target, "The old file is unchanged.") from error


def make_folder(path: Path, mode: int = 0o700) -> None:
    """Create a folder and its parents, unless it exists. Raises StoreError."""
    try:
        if not path.is_dir():
            path.mkdir(mode=mode, parents=True, exist_ok=True)
            sync_folder(path.parent)
    except OSError as error:
        raise store_error(
            error, "Cannot create the folder", path, "Nothing was changed."
        ) from error


def sync_folder(folder: Path) -> None:
    """Sync a folder, so that renames and new files in it survive a power cut."""
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows: a folder cannot be opened, and renames are written through
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_leftovers(folder: Path, older_than_s: float = 3600, writer: str = "") -> None:
    """Remove temporary files left by killed writers; newer ones may still be in use.

    With `writer`, only those of this writer.
    """
    oldest = time.time() - older_than_s
    for path in folder.glob(f"{_PREFIX}{writer}*{_SUFFIX}"):
        try:
            if path.stat().st_mtime <= oldest:
                path.unlink()
        except FileNotFoundError:
            continue  # its writer has just finished
        except OSError as error:
            raise store_error(error, "Cannot remove", path, "Remove it by hand.") from error


def write_fully(handle: int, data: bytes) -> None:
    """Write all bytes and sync; a single os.write may write fewer."""
    _write_all(handle, data)
    os.fsync(handle)


def _write_all(handle: int, data: Data) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _unwritten(error: OSError, target: Path) -> StoreError:
    return store_error(error, "Cannot write", target, "The old file is unchanged.")


def _begun(folder: Path, data: Data, mode: int | None, writer: str) -> tuple[Path, int]:
    """A new temporary file with this content, still open; removed on failure."""
    path = folder / f"{_PREFIX}{writer}{secrets.token_hex(8)}{_SUFFIX}"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, mode or 0o666)
    try:
        if mode is not None and hasattr(os, "fchmod"):
            os.fchmod(handle, mode)  # regardless of the umask
        _write_all(handle, data)
    except BaseException:
        os.close(handle)
        path.unlink(missing_ok=True)
        raise
    return path, handle
