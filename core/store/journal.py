"""The journal: one JSON line per operation, in the order in which they happened.

The order of the file is the total order. Every line carries its own hash and
the hash of the same writer's line before it, so a changed or missing line is
found by `problems`. Lines are only ever added at the end.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from core.errors import EntryError, StoreError
from core.files import atomic
from core.files.json_text import dumps
from core.files.schema import Step, upgraded
from core.model.state import Operation

SCHEMA = 1
_STEPS: tuple[Step, ...] = ()
ADVICE = "Restore the file from a backup, or update this program if a newer one wrote it."


@dataclass(frozen=True, slots=True)
class Line:
    """One line as read, and the bytes it takes: `start` up to, not including, `end`."""

    op: Operation
    writer: str
    prev: str
    hash: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Position:
    """How far a journal has been read: the last line, and what the next one is chained to.

    `tails` maps a writer to the hash of its last line.
    """

    end: int = 0
    lines: int = 0
    last_start: int = 0
    last_op: str = ""
    last_hash: str = ""
    tails: Mapping[str, str] = field(default_factory=dict)

    def after(self, lines: list[Line]) -> "Position":
        """The position behind `lines`, which follow this one."""
        if not lines:
            return self
        tails = {**self.tails, **{line.writer: line.hash for line in lines}}
        last = lines[-1]
        return Position(last.end, self.lines + len(lines), last.start, last.op.id, last.hash, tails)


START = Position()


def encode(op: Operation, writer: str, prev: str) -> bytes:
    """One line with its newline. `op` must be canonical (core.changes.operations.canonical)."""
    record = {"schema": SCHEMA, "op": msgspec.to_builtins(op), "writer": writer, "prev": prev}
    return _canonical({**record, "hash": _digest(record)}) + b"\n"


def decode(data: bytes, start: Position, path: Path) -> tuple[list[Line], bytes]:
    """The whole lines of `data`, which begins at `start`, and the rest behind the last newline.

    Raises StoreError naming the line that is not a journal line. A last line that
    is not one belongs to the rest: a power cut may leave its newline but not its text.
    """
    whole, _, rest = data.rpartition(b"\n")
    texts = whole.split(b"\n") if whole else []
    lines: list[Line] = []
    end = start.end
    for number, text in enumerate(texts, start=start.lines + 1):
        try:
            lines.append(_line(text, end))
        except _NotJsonError as error:
            if number == start.lines + len(texts):
                return lines, text + b"\n" + rest
            raise StoreError(f"{path}, line {number}: {error} {ADVICE}") from error
        except EntryError as error:
            raise StoreError(f"{path}, line {number}: {error} {ADVICE}") from error
        end = lines[-1].end
    return lines, rest


def continues(data: bytes, position: Position) -> bool:
    """True when `data`, read from the last line of `position`, still begins with that line."""
    if not position.lines:
        return True
    length = position.end - position.last_start
    # Keys are sorted, so a line begins with its hash.
    return data[:length].startswith(b'{"hash":"' + position.last_hash.encode()) and (
        data[length - 1 : length] == b"\n"
    )


def append(path: Path, line: bytes, size: int) -> None:
    """Add one line to a journal of `size` bytes and sync it.

    Raises StoreError; the journal then has its old size again, or a torn end
    that the next transaction cuts off.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        try:
            try:
                atomic.write_fully(handle, line)
            except BaseException:
                os.ftruncate(handle, size)
                os.fsync(handle)
                raise
        finally:
            os.close(handle)
        if size == 0:
            atomic.sync_folder(path.parent)
    except OSError as error:
        raise atomic.store_error(
            error, "Cannot add to", path, "Nothing was changed; the old files stand."
        ) from error


def read(path: Path, start: int, end: int | None = None) -> bytes:
    """Bytes from `start` to `end` (the file's end by default); empty when there is no file."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read() if end is None else file.read(max(0, end - start))
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise atomic.store_error(error, "Cannot read", path, "Nothing was changed.") from error


def cut(path: Path, size: int) -> None:
    """Cut off a torn end: bytes that were never acknowledged to anybody."""
    try:
        os.truncate(path, size)
    except OSError as error:
        raise atomic.store_error(
            error, "Cannot cut the torn end of", path, "Nothing was changed."
        ) from error


def problems(data: bytes) -> list[str]:
    """Every line of a whole journal that was changed, removed or put elsewhere; empty when none.

    What a hash chain cannot show: lines missing at the very end (head.json can).
    """
    found: list[str] = []
    tails: dict[str, str] = {}
    for number, text in enumerate(data.split(b"\n")[:-1], start=1):
        try:
            line = _line(text, 0)
        except EntryError as error:
            found.append(f"line {number}: {error}")
            continue
        record = json.loads(text)
        record.pop("hash")
        if _digest(record) != line.hash:
            found.append(f"line {number}: its text was changed, the hash does not fit.")
        if line.prev != tails.get(line.writer, ""):
            found.append(
                f"line {number}: does not follow the line before it of writer {line.writer}; "
                "a line is missing, changed or out of order."
            )
        tails[line.writer] = line.hash
    if data and not data.endswith(b"\n"):
        found.append("the last line is torn; the next change cuts it off.")
    return found


def upgrade(record: dict[str, Any]) -> dict[str, Any]:
    """A record of an older schema in today's form. There is one so far, so no step.

    Raises EntryError for one from the future.
    """
    return upgraded(record, _STEPS)


class _NotJsonError(EntryError):
    """A line that was not written to its end, or was damaged."""


def _line(text: bytes, start: int) -> Line:
    """One line, its newline taken off. Raises EntryError when it is not a journal line."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _NotJsonError("this is not JSON.") from error
    if not isinstance(record, dict):
        raise EntryError("expected an object.")
    try:
        return msgspec.convert(
            {**upgrade(record), "start": start, "end": start + len(text) + 1}, Line
        )
    except msgspec.ValidationError as error:
        raise EntryError(f"{error}.") from error


def _digest(record: dict[str, Any]) -> str:
    return hashlib.sha256(_canonical(record)).hexdigest()


def _canonical(record: dict[str, Any]) -> bytes:
    return dumps(record, canonical=True).encode()
