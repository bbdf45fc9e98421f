"""Backup of a data folder to one file while servers and jobs run, and restore.

Copying files one by one during writes can give a `head.json` that is ahead of the journal, and such
a copy does not open. Here the journal and its boards are from one moment; other files are complete,
and at least as new. Files specific to a machine are left out: locks, its writer id, its mirror
state, a ground truth from the mirror.
"""

import io
import os
import shutil
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Final, cast

from core.errors import StoreError
from core.files import atomic
from core.store.board_files import FILES
from core.store.store import Store

JOURNAL: Final = "journal.jsonl"
# Created again in the restored folder.
_OWN: Final = frozenset({"head.json", "writer.id", "mirror.json", JOURNAL, *FILES})
_TRUTH: Final = Path("private", "truth")


def backup(store: Store, root: Path, target: Path) -> int:
    """Write a copy of the folder to `target`, a .tar.gz for its owner only; returns the file count.

    Raises StoreError, leaving an older file of this name unchanged.
    """
    if root.resolve() in target.resolve().parents:
        raise StoreError(f"{target}: is inside the data folder. Choose a file outside it.")
    snapshot = store.snapshot()
    begun = target.with_name(f"{target.name}.partial")
    count = 0
    try:
        handle = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, atomic.PRIVATE)
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
    except OSError as error:
        begun.unlink(missing_ok=True)
        raise atomic.store_error(error, "Cannot write", target, "No backup was made.") from error
    return count


def restore(store: Store, root: Path, source: Path) -> list[str]:
    """Restore a copy into a data folder without a journal; returns the problems found in it.

    Raises StoreError when the folder has a journal, or the file is not a backup.
    """
    if (root / JOURNAL).exists():
        raise StoreError(
            f"{root}: has a journal. Restore into an empty folder: stop the server and move this "
            "one aside, or set MEDVIDBENCH_DATA_DIR to another."
        )
    atomic.make_folder(root)
    try:
        with tarfile.open(source, "r:gz") as packed:
            if JOURNAL not in packed.getnames():
                raise StoreError(
                    f"{source}: is not a backup of a data folder: it has no {JOURNAL}."
                )
            members = [one for one in packed.getmembers() if one.isfile()]
            # The journal last: a partly restored folder has none, so the restore can be repeated.
            members.sort(key=lambda one: one.name == JOURNAL)
            for member in members:
                _take(packed, member, root)
    except (tarfile.TarError, EOFError) as error:
        raise StoreError(f"{source}: cannot be read as a backup ({error}).") from error
    except OSError as error:
        raise atomic.store_error(error, "Cannot restore", source, "Try again.") from error
    store.recover()
    return store.verify()


def _others(root: Path) -> Iterator[Path]:
    """Every file for a backup besides the journal and its boards."""
    for folder, _folders, names in os.walk(root):
        here = Path(folder)
        if here.relative_to(root).parts[:2] == _TRUTH.parts:
            continue
        for name in sorted(names):
            path = here / name
            own = here == root and name in _OWN
            if not own and path.suffix not in (".lock", ".tmp", ".partial") and path.is_file():
                yield path


def _take(packed: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    """Write a packed file with its modification time, for this user only.

    Not by extractall: its filters need Python 3.11.4, and Debian 12 has 3.11.2.
    Raises StoreError for a name that leads out of the folder.
    """
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts:
        raise StoreError(f"{member.name!r:.80}: leads out of the data folder. No backup has this.")
    path = root / name
    atomic.make_folder(path.parent)
    content = cast(IO[bytes], packed.extractfile(member))  # None only for what is no file
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, atomic.PRIVATE)
    with os.fdopen(handle, "wb") as file:
        shutil.copyfileobj(content, file)
    os.utime(path, (member.mtime, member.mtime))


def _put(packed: tarfile.TarFile, name: str, data: bytes, changed: float) -> None:
    """Add a file with its modification time: startup erases old files without a reference."""
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(data), atomic.PRIVATE, int(changed)
    packed.addfile(member, io.BytesIO(data))
