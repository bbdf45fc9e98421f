"""Backup of a data folder to one file while servers and jobs run, and restore.

Copying files one by one during writes can give a `head.json` that is ahead of the journal, and such
a copy does not open. Here the journal and its boards are from one moment; other files are complete,
and at least as new. Files specific to a machine are left out: locks, its writer id, its mirror
state, a ground truth from the mirror.
"""

import gzip
import io
import os
import shutil
import tarfile
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Final, cast

from core.errors import StoreError
from core.files import atomic
from core.store import journal
from core.store.board_files import FILES
from core.store.store import Store

JOURNAL: Final = "journal.jsonl"
# Created again in the restored folder.
_OWN: Final = frozenset({"head.json", "writer.id", "mirror.json", JOURNAL, *FILES})
_TRUTH: Final = Path("private", "truth")
_UNFINISHED: Final = ".partial"  # a backup that was killed; it can be deleted
_PIECE: Final = 1 << 20  # bytes
# What reading a damaged file raises; the first is an OSError, but not the disk's.
_DAMAGED: Final = (gzip.BadGzipFile, EOFError, zlib.error, tarfile.TarError, OverflowError)
_ELSEWHERE: Final = (
    "Nothing was restored. Restore into an empty folder: stop the server and move this one aside, "
    "or set MEDVIDBENCH_DATA_DIR to another."
)


def backup(store: Store, root: Path, target: Path) -> int:
    """Write a copy of the folder to `target`, a .tar.gz for its owner only; returns the file count.

    Raises StoreError, leaving an older file of this name unchanged.
    """
    if root.resolve() in target.resolve().parents:
        raise StoreError(f"{target}: is inside the data folder. Choose a file outside it.")
    if target.exists() and not target.is_file():
        raise StoreError(f"{target}: is not a file. No backup was made. Name a file to write.")
    snapshot = store.snapshot()
    begun, count = None, 0
    try:
        # A name of its own: two backups to one file, as of a slow scheduled one, both succeed.
        handle, name = tempfile.mkstemp(_UNFINISHED, f"{target.name}-", target.parent)
        begun = Path(name)
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as packed:
            for name, data in {JOURNAL: snapshot.journal, **snapshot.files}.items():
                _put(packed, name, data, time.time())
                count += 1
            for path in _others(root):
                try:
                    data, changed = path.read_bytes(), path.stat().st_mtime
                except FileNotFoundError:  # erased meanwhile
                    continue
                _put(packed, path.relative_to(root).as_posix(), data, changed)
                count += 1
            packed.close()
            file.flush()
            os.fsync(file.fileno())
        begun.replace(target)
        atomic.sync_folder(target.parent)
    except OSError as error:
        raise atomic.store_error(error, "Cannot write", target, "No backup was made.") from error
    finally:
        if begun:
            begun.unlink(missing_ok=True)
    return count


def restore(store: Store, root: Path, source: Path) -> list[str]:
    """Restore a copy into a data folder without a journal; returns the problems found in it.

    Raises StoreError, before anything is written, when the folder has a journal or other content
    in one of the files, or the copy is damaged or not a backup.
    """
    if (root / JOURNAL).exists():
        raise StoreError(f"{root}: has a journal. {_ELSEWHERE}")
    try:
        with gzip.open(source) as unpacked, tarfile.open(fileobj=unpacked, mode="r:") as packed:
            members = [one for one in packed.getmembers() if one.isfile()]
            while unpacked.read(_PIECE):  # to the end, where the checksum of the whole is
                continue
            if JOURNAL not in {one.name for one in members}:
                raise StoreError(
                    f"{source}: is not a backup of a data folder: it has no {JOURNAL}."
                )
            # The journal last: a partly restored folder has none, so the restore can be repeated.
            members.sort(key=lambda one: one.name == JOURNAL)
            for member in members:
                _check(packed, member, root)
            atomic.make_folder(root)
            for member in members:
                _take(packed, member, root)
    except _DAMAGED as error:
        raise StoreError(
            f"{source}: cannot be read as a backup ({error}). Nothing was restored. Use another "
            "backup."
        ) from error
    except OSError as error:
        raise atomic.store_error(error, "Cannot restore", source, "Try again.") from error
    # Before recovering, which would cut off an incomplete last line unsaid.
    damage = journal.problems(journal.read(root / JOURNAL, 0))
    store.recover()
    return [f"{source}, {JOURNAL}, {problem}" for problem in damage] or store.verify()


def _others(root: Path) -> Iterator[Path]:
    """Every file for a backup besides the journal and its boards."""
    for folder, _folders, names in os.walk(root):
        here = Path(folder)
        if here.relative_to(root).parts[:2] == _TRUTH.parts:
            continue
        for name in sorted(names):
            path = here / name
            own = here == root and name in _OWN
            if not own and path.suffix not in (".lock", ".tmp", _UNFINISHED) and path.is_file():
                yield path


def _check(packed: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    """Raises StoreError for a name that leads out of the folder, or a file that would be lost."""
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts:
        raise StoreError(f"{member.name!r:.80}: leads out of the data folder. No backup has this.")
    path = root / name
    if os.path.lexists(path):
        same = path.is_file() and path.stat().st_size == member.size
        if not same or not _equal(path, _content(packed, member)):
            raise StoreError(f"{path}: exists with other content than in the backup. {_ELSEWHERE}")


def _equal(path: Path, content: IO[bytes]) -> bool:
    with path.open("rb") as file:
        while piece := content.read(_PIECE):
            if file.read(len(piece)) != piece:
                return False
    return True


def _take(packed: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    """Write a packed file with its modification time, for this user only.

    Not by extractall: its filters need Python 3.11.4, and Debian 12 has 3.11.2. The file is
    complete or absent, so a restore that was killed can be repeated.
    """
    path = root / member.name
    atomic.make_folder(path.parent)
    begun = path.with_name(".new-restored.tmp")
    handle = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, atomic.PRIVATE)
    with os.fdopen(handle, "wb") as file:
        shutil.copyfileobj(_content(packed, member), file)
    os.utime(begun, (member.mtime, member.mtime))
    atomic.move(begun, path)


def _content(packed: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    return cast(IO[bytes], packed.extractfile(member))  # None only for what is no file


def _put(packed: tarfile.TarFile, name: str, data: bytes, changed: float) -> None:
    """Add a file with its modification time: startup erases old files without a reference."""
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(data), atomic.PRIVATE, int(changed)
    packed.addfile(member, io.BytesIO(data))
