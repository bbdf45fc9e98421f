"""The journal: one JSON line per change, in the order in which they happened.

A line holds who asked for what (`act`), what it is `about`, and its `effects`; reading it needs
no rule. The order of the file is the total order. Every line carries its own hash and the hash of
the same writer's line before it, so a changed or missing line is found by `problems`. Lines are
only ever added at the end.
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
    """How far a journal has been read: the last line, and what the next one is chained to.

    `tails` maps a writer to the hash of its last line.
    """

    end: int = 0
    lines: int = 0
    last_start: int = 0
    last_id: str = ""
    last_hash: str = ""
    tails: Mapping[str, str] = field(default_factory=dict)

    def after(self, lines: Sequence[Line], whole: bytes) -> "Position":
        """The position behind `lines`, which follow this one; `whole` is their text without the
        last newline."""
        if not lines:
            return self
        tails = {**self.tails, **{line.writer: line.hash for line in lines}}
        last, last_start = lines[-1], self.end + whole.rfind(b"\n") + 1
        end, count = self.end + len(whole) + 1, self.lines + len(lines)
        return Position(end, count, last_start, last.id, last.hash, tails)


START: Final = Position()


@dataclass(frozen=True, slots=True)
class Decoded:
    """Lines, the position behind them, and what stands behind the last newline."""

    lines: list[Line]
    position: Position
    rest: bytes


def decode(data: bytes, start: Position, path: Path) -> Decoded:
    """The whole lines of `data`, which begins at `start`.

    Raises StoreError naming the line that is not a journal line. A last line that is not JSON
    belongs to the rest: a power cut may leave its newline but not its text.
    """
    whole, _, rest = data.rpartition(b"\n")
    lines = read_lines(whole) if whole else []
    if lines is None or (whole and len(lines) != whole.count(b"\n") + 1):
        lines, texts, rest = _one_by_one(whole.split(b"\n"), start, path, rest)
        whole = b"\n".join(texts)
    return Decoded(lines, start.after(lines, whole), rest)


def continues(data: bytes, position: Position) -> bool:
    """True when `data`, read from the last line of `position`, still begins with that line."""
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
            line = read_line(text)
        except EntryError as error:
            found.append(f"line {number}: {error}")
            continue
        if not intact(text, line):
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


def _one_by_one(
    texts: list[bytes], start: Position, path: Path, rest: bytes
) -> tuple[list[Line], list[bytes], bytes]:
    """Lines, with an error that names the one that is none."""
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
