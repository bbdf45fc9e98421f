"""The files made from the journal: boards, submissions, and head.json that dates them."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from core.changes.operations import State, now
from core.changes.payloads import plain
from core.errors import EntryError, StoreError
from core.files import atomic
from core.files.ids import is_id, new_id
from core.files.json_text import dumps
from core.model.entries import BOARD_NAMES, BoardName, entry_to_row
from core.ranking.board import shown_board
from core.store import journal
from core.store.legacy import COMMUNITY, OFFICIAL

SCHEMA = 1
SUBMISSIONS, HEAD = "submissions.json", "head.json"
HIDDEN, TRASH, POLICY, REPORTS = "hidden.json", "trash.json", "policy.json", "reports.json"
KEPT = "private/kept"


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Which moment the files show: byte `journal_bytes` of the journal, after `last_op`.

    `built` is renewed when the files changed without an operation (erased
    personal data, another base); `base` is the digest of the base, empty for
    none; `files` maps each file to the SHA-256 it was written with.
    """

    schema: int
    journal_bytes: int
    last_op: str
    last_hash: str
    built: str
    base: str
    files: dict[str, str]


def render(state: State, before: State | None = None) -> dict[str, bytes]:
    """The content of every file that shows the state, by name; the same state, the same bytes.

    With `before`, only of the files that differ from those of that state.
    """
    files = {}
    # With a minimum of coverage the policy decides ranks too.
    ranks = before is not None and state.policy is not before.policy
    if before is None or ranks or state.community is not before.community:
        files[COMMUNITY] = _json(_rows(state, "community"))
    if before is None or ranks or state.official is not before.official:
        files[OFFICIAL] = _json(_rows(state, "official"))
    if before is None or (
        state.community is not before.community or state.official is not before.official
    ):
        files[HIDDEN] = _json({"schema": SCHEMA, **_hidden(state)})
    if before is None or state.submissions is not before.submissions:
        found = [msgspec.to_builtins(submission) for submission in state.submissions.values()]
        files[SUBMISSIONS] = _json({"schema": SCHEMA, "submissions": found})
    if before is None or state.trash is not before.trash:
        gone = [{**plain(t), "entry": entry_to_row(t.entry, rank=0)} for t in state.trash]
        files[TRASH] = _json({"schema": SCHEMA, "entries": gone})
    if before is None or state.policy is not before.policy:
        files[POLICY] = _json({"schema": SCHEMA, **plain(state.policy)})
    if before is None or state.reports is not before.reports:
        files[REPORTS] = _json({"schema": SCHEMA, "reports": plain(state.reports)})
    return files


def _hidden(state: State) -> dict[str, list[dict[str, Any]]]:
    """What stands on a board and is not shown: kept apart, so that no other program shows it."""
    return {
        board: [entry_to_row(entry, rank=0) for entry in state.board(board) if entry.hidden]
        for board in BOARD_NAMES
    }


def make_head(
    position: journal.Position, built: str, base: str, digests: Mapping[str, str]
) -> Head:
    """The head of files that show the journal up to `position`; `digests` by file name."""
    return Head(
        schema=SCHEMA,
        journal_bytes=position.end,
        last_op=position.last_op,
        last_hash=position.last_hash,
        built=built,
        base=base,
        files=dict(digests),
    )


def head_bytes(head: Head) -> bytes:
    return _json(msgspec.to_builtins(head))


def read_head(root: Path) -> Head | None:
    """head.json; None before the first change. Raises StoreError when it is damaged."""
    path = root / HEAD
    try:
        record = json.loads(path.read_bytes())
        return msgspec.convert(journal.upgrade(record), Head)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise atomic.store_error(error, "Cannot read", path, "Nothing was changed.") from error
    except (ValueError, AttributeError, EntryError) as error:
        raise StoreError(
            f"{path}: damaged ({error!s:.100}). Delete it: the next start makes it, and the "
            "boards, again from journal.jsonl."
        ) from error


def read_current(root: Path, name: str) -> bytes | None:
    """A file as it is now; None when there is none."""
    try:
        return (root / name).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise atomic.store_error(
            error, "Cannot read", root / name, "Nothing was changed."
        ) from error


def foreign(head: Head | None, name: str, current: bytes) -> bool:
    """True when a file is not as this program wrote it last: it was edited or is older."""
    return head is None or head.files.get(name) != digest(current)


def mark(path: Path) -> str:
    """What tells that a file changed."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return "none"
    return f"{stat.st_ino}.{stat.st_mtime_ns}.{stat.st_size}"


def writer_id(root: Path) -> str:
    """The id under which this data folder writes the journal, made once."""
    path = root / "writer.id"
    text = (read_current(root, path.name) or b"").decode("ascii", "replace").strip()
    if not is_id(text):
        text = new_id()
        atomic.write(path, text.encode("ascii") + b"\n")
    return text


def keep_aside(root: Path, name: str, data: bytes) -> None:
    """Keep a file that somebody else wrote before it is replaced. It may hold contacts."""
    folder = root / KEPT
    atomic.make_folder(folder)
    stamp = now().translate({ord(char): None for char in "-:."})
    atomic.write(folder / f"{name}.{stamp}.{digest(data)[:8]}", data)


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def _rows(state: State, board: BoardName) -> list[dict[str, Any]]:
    entries = shown_board(state, board).entries
    return [entry_to_row(entry, rank) for rank, entry in enumerate(entries, start=1)]


def _json(value: Any) -> bytes:
    return msgspec.json.format(dumps(value).encode(), indent=2) + b"\n"
