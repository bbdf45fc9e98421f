"""The journal: one JSON line per change, in the order in which they happened.

A line has the request (`act`), its subject (`about`) and its `effects`; reading it needs no rules.
The order of the file is the total order. Every line has its own hash and the hash of the same
writer's previous line, so `problems` finds a changed or missing line. The file is append-only.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.errors import EntryError, StoreError
from core.files import atomic
from core.store.lines import (
    START_OF_LINE,
    Line,
    NotJsonError,
    intact,
    read_line,
    read_lines,
)

ADVICE: Final = "Restore the file from a backup, or update this program if a newer one wrote it."


@dataclass(frozen=True, slots=True)
class Position:
    """A position in a journal: the last line, and the hashes for chaining the next one.

    `tails` maps a writer to the hash of its last line.
    """

    end: int = 0
    lines: int = 0
    last_start: int = 0
    last_id: str = ""
    last_hash: str = ""
    tails: Mapping[str, str] = field(default_factory=dict)

    def after(self, lines: Sequence[Line], whole: bytes) -> "Position":
        """The position after `lines`, which follow this one; `whole` is their text without the last
        newline."""
        if not lines:
            return self
        tails = {**self.tails, **{line.writer: line.hash for line in lines}}
        last, last_start = lines[-1], self.end + whole.rfind(b"\n") + 1
        end, count = self.end + len(whole) + 1, self.lines + len(lines)
        return Position(end, count, last_start, last.id, last.hash, tails)


START: Final = Position()


@dataclass(frozen=True, slots=True)
class Decoded:
    """Lines, the position after them, and the rest after the last newline."""

    lines: list[Line]
    position: Position
    rest: bytes


def decode(data: bytes, start: Position, path: Path) -> Decoded:
    """The complete lines of `data`, which starts at `start`.

    Raises StoreError with the line that is not a journal line. A last line that is not JSON
    belongs to the rest: a power cut may keep its newline but not its text.
    """
    whole, _, rest = data.rpartition(b"\n")
    lines = read_lines(whole) if whole else []
    if lines is None or (whole and len(lines) != whole.count(b"\n") + 1):
        lines, texts, rest = _one_by_one(whole.split(b"\n"), start, path, rest)
        whole = b"\n".join(texts)
    return Decoded(lines, start.after(lines, whole), rest)


def continues(data: bytes, position: Position) -> bool:
    """True if `data`, read from the last line of `position`, still starts with that line."""
    if not position.lines:
        return True
    length = position.end - position.last_start
    return data.startswith(START_OF_LINE + position.last_hash.encode()) and (
        data[length - 1 : length] == b"\n"
    )


def named(data: bytes, change_id: str, path: Path) -> Iterator[Line]:
    """The lines of a journal with this id, without decoding the others."""
    mark, at = b'"id":"' + change_id.encode() + b'"', 0
    while (at := data.find(mark, at)) >= 0:
        begin = data.rfind(b"\n", 0, at) + 1
        end = data.find(b"\n", at)
        if end < 0:
            return
        for line in decode(data[begin : end + 1], START, path).lines:
            if line.id == change_id:
                yield line
        at = end


def append(path: Path, line: bytes, size: int) -> None:
    """Append one line to a journal of `size` bytes and sync it.

    Raises StoreError; the journal then has its old size, or an incomplete last line that the next
    transaction removes.
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
        raise atomic.store_error(error, "Cannot append to", path, "Nothing was changed.") from error


def read(path: Path, start: int, end: int | None = None) -> bytes:
    """Bytes from `start` to `end` (by default the file's end); empty when there is no file."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read() if end is None else file.read(max(0, end - start))
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise atomic.store_error(error, "Cannot read", path, "Nothing was changed.") from error


def cut(path: Path, size: int) -> None:
    """Remove an incomplete last line, which was never acknowledged."""
    try:
        os.truncate(path, size)
    except OSError as error:
        raise atomic.store_error(
            error, "Cannot remove the incomplete last line of", path, "Nothing was changed."
        ) from error


def problems(data: bytes) -> list[str]:
    """Every line of a whole journal that was changed, removed or moved.

    A hash chain cannot show lines missing at the end; head.json can.
    """
    found: list[str] = []
    tails: dict[str, str] = {}
    for number, text in enumerate(data.split(b"\n")[:-1], start=1):
        try:
            line = read_line(text)
        except EntryError as error:
            found.append(f"line {number}: {error}")
            continue
        if not intact(text, line):
            found.append(f"line {number}: its text was changed: the hash does not match.")
        if line.prev != tails.get(line.writer, ""):
            found.append(
                f"line {number}: does not follow the previous line of writer {line.writer}; "
                "a line is missing, changed or out of order."
            )
        tails[line.writer] = line.hash
    if data and not data.endswith(b"\n"):
        found.append("the last line is incomplete; the next change removes it.")
    return found


def _one_by_one(
    texts: list[bytes], start: Position, path: Path, rest: bytes
) -> tuple[list[Line], list[bytes], bytes]:
    """Decodes lines; the error says which one is invalid."""
    lines: list[Line] = []
    for number, text in enumerate(texts, start=start.lines + 1):
        try:
            lines.append(read_line(text))
        except NotJsonError as error:
            if len(lines) == len(texts) - 1:
                return lines, texts[:-1], text + b"\n" + rest
            raise StoreError(f"{path}, line {number}: {error} {ADVICE}") from error
        except EntryError as error:
            raise StoreError(f"{path}, line {number}: {error} {ADVICE}") from error
    return lines, texts, rest
