"""The files made from the journal: boards, submissions, and head.json with their position."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from core.errors import EntryError, StoreError
from core.files import atomic
from core.files.ids import is_id, new_id
from core.files.json_text import dumps
from core.files.schema import upgraded
from core.model.state import now
from core.store import journal
from core.store.legacy import COMMUNITY, OFFICIAL

SCHEMA = 1
SUBMISSIONS, HEAD = "submissions.json", "head.json"
HIDDEN, TRASH, POLICY, REPORTS = "hidden.json", "trash.json", "policy.json", "reports.json"
FILES = (COMMUNITY, OFFICIAL, HIDDEN, SUBMISSIONS, TRASH, POLICY, REPORTS)
KEPT = "private/kept"
NO_FILE = "none"  # the mark of a missing file


class Head(msgspec.Struct, frozen=True, kw_only=True, rename={"last_change": "last_op"}):
    """The moment that the files show: byte `journal_bytes` of the journal, after `last_change`.

    `built` changes when the files change without a change in the journal (erased personal data,
    another base); `base` is the digest of the base, empty without one; `files` maps each file to
    its SHA-256 when written.
    """

    schema: int
    journal_bytes: int
    last_change: str
    last_hash: str
    built: str
    base: str
    files: dict[str, str]


def make_head(
    position: journal.Position, built: str, base: str, digests: Mapping[str, str]
) -> Head:
    """The head for files that show the journal up to `position`; `digests` by file name."""
    return Head(
        schema=SCHEMA,
        journal_bytes=position.end,
        last_change=position.last_id,
        last_hash=position.last_hash,
        built=built,
        base=base,
        files=dict(digests),
    )


def head_bytes(head: Head) -> bytes:
    """The content of head.json."""
    return formatted(msgspec.to_builtins(head))


def read_head(root: Path) -> Head | None:
    """head.json; None before the first change. Raises StoreError when it is damaged."""
    path = root / HEAD
    try:
        record = json.loads(path.read_bytes())
        return msgspec.convert(upgraded(record), Head)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise atomic.store_error(error, "Cannot read", path, "Nothing was changed.") from error
    except (ValueError, AttributeError, EntryError) as error:
        raise StoreError(
            f"{path}: damaged ({error!s:.100}). Delete it: the next start recreates it and the "
            "boards from journal.jsonl."
        ) from error


def read_current(root: Path, name: str) -> bytes | None:
    """A file's current content; None when there is none."""
    try:
        return (root / name).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise atomic.store_error(
            error, "Cannot read", root / name, "Nothing was changed."
        ) from error


def foreign(head: Head | None, name: str, current: bytes) -> bool:
    """True if a file is not as this program last wrote it, because it was edited or is older."""
    return head is None or head.files.get(name) != digest(current)


def mark(path: Path) -> str:
    """A mark that changes with the file."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return NO_FILE
    return f"{stat.st_ino}.{stat.st_mtime_ns}.{stat.st_size}"


def writer_id(root: Path) -> str:
    """The writer id of this data folder in the journal, created once."""
    path = root / "writer.id"
    text = (read_current(root, path.name) or b"").decode("ascii", "replace").strip()
    if not is_id(text):
        text = new_id()
        atomic.write(path, text.encode("ascii") + b"\n")
    return text


def keep_aside(root: Path, name: str, data: bytes) -> None:
    """Keep a copy of a file that somebody else wrote before replacing it. It may have contacts."""
    folder = root / KEPT
    atomic.make_folder(folder)
    stamp = now().translate({ord(char): None for char in "-:."})
    atomic.write(folder / f"{name}.{stamp}.{digest(data)[:8]}", data)


def digest(data: bytes | memoryview) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def formatted(value: Any) -> bytes:
    """Readable JSON: indented by two spaces, with a final newline."""
    return msgspec.json.format(dumps(value).encode(), indent=2) + b"\n"
