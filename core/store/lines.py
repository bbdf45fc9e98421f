"""One line of the journal as bytes and as a record.

Parts of effects that are also in the act are written once (`shared`), so that a line does not
repeat them.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from core.changes.effects import Effect
from core.errors import EntryError
from core.files.json_text import dumps

SCHEMA: Final = 2
EARLIER: Final = (
    "the journal has form 1, and this program reads form 2. With the server stopped, convert it: "
    "python -m core.store convert (docs/store.md)."
)
# The original journal of form 1 is kept under this name after conversion.
KEPT_AS: Final = "journal.form-1.jsonl"
START_OF_LINE: Final = b'{"hash":"'
Shared = tuple[int, str, str, str]  # number of the effect, side, field ("": several), path in act


@dataclass(frozen=True, slots=True)
class Draft:
    """A change with its effects, before it is chained: `act` as in the journal.

    `about` is the id and name of its subject; `refused` is why it has no effect.
    """

    id: str
    actor: str
    time: str
    act: dict[str, Any]
    effects: Sequence[Effect]
    about: tuple[str, str] = ("", "")
    refused: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One change as in the journal.

    `act` has its kind and the request; only a join of two journals reads it again. `about` is the
    id and name of its subject. `refused` is why it has no effect: another machine was faster.
    `shared` lists parts of effects that are also in the act, and is empty once read.
    """

    schema: int
    id: str
    actor: str
    time: str
    act: dict[str, Any]
    about: tuple[str, str]
    effects: tuple[Effect, ...]
    writer: str
    prev: str
    hash: str
    refused: str = ""
    shared: tuple[Shared, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of its act."""
        return str(self.act.get("kind"))


def encode(draft: Draft, writer: str, prev: str) -> bytes:
    """One line with its newline, after the same writer's line with the hash `prev`."""
    written, shared = _shared(draft.act, draft.effects)
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "id": draft.id,
        "actor": draft.actor,
        "time": draft.time,
        "act": draft.act,
        "about": draft.about,
        "effects": [msgspec.to_builtins(effect) for effect in written],
        "writer": writer,
        "prev": prev,
    }
    if draft.refused:
        record["refused"] = draft.refused
    if shared:
        record["shared"] = shared
    body = dumps(record, canonical=True).encode()[1:]
    return START_OF_LINE + _digest(body).encode() + b'",' + body + b"\n"


def is_form_1(path: Path) -> bool:
    """Whether a journal is from before lines had effects."""
    try:
        with path.open("rb") as file:
            return begins_with_form_1(file.readline(1 << 24))
    except OSError:
        return False


def begins_with_form_1(data: bytes) -> bool:
    """Whether the first line of a journal is from before lines had effects."""
    try:
        record = json.loads(data.partition(b"\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(record, dict) and record.get("schema") == 1


def read_lines(data: bytes) -> list[Line] | None:
    """Many complete lines at once; None if one of them is not a line of this form."""
    try:
        found: list[Line] = _LINE.decode_lines(data)
    except (msgspec.MsgspecError, RecursionError):
        return None
    if any(line.schema != SCHEMA for line in found):
        return None
    try:
        for line in found:
            if line.shared:
                _expand(line)
    except EntryError:
        return None
    return found


class NotJsonError(EntryError):
    """An incomplete or damaged line."""


def read_line(text: bytes) -> Line:
    """One line without its newline. Raises EntryError when it is not a journal line."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotJsonError("this is not JSON.") from error
    if not isinstance(record, dict):
        raise EntryError("expected an object.")
    schema = record.get("schema")
    if schema == 1:
        raise EntryError(EARLIER)
    if schema != SCHEMA:
        raise EntryError(
            f"schema {schema!r:.40} is unknown, expected {SCHEMA}. A newer version of this program "
            "may have written it."
        )
    try:
        line = msgspec.convert(record, Line)
    except msgspec.ValidationError as error:
        raise EntryError(f"{error}.") from error
    if line.shared:
        _expand(line)
    return line


def intact(text: bytes, line: Line) -> bool:
    """Whether a line without its newline matches its hash."""
    start = START_OF_LINE + line.hash.encode() + b'",'
    return text.startswith(start) and _digest(text[len(start) :]) == line.hash


def _shared(act: Mapping[str, Any], effects: Sequence[Effect]) -> tuple[list[Effect], list[Shared]]:
    """Effects without the parts that are also in the act, and where to find those."""
    parts = {n: v for n, v in act.items() if isinstance(v, dict | list) and "." not in n}
    for name, value in act.items():
        if isinstance(value, dict):
            inner = {f"{name}.{k}": v for k, v in value.items() if isinstance(v, dict | list)}
            parts |= {path: v for path, v in inner.items() if path.count(".") == 1}
    written, shared = list(effects), []
    for number, effect in enumerate(effects):
        sides = {"before": effect.before, "after": effect.after}
        for side, fields in sides.items():
            if not fields:
                continue
            left = dict(fields)
            for path, part in parts.items():
                if part and isinstance(part, dict) and _within(part, left):
                    left = {k: v for k, v in left.items() if k not in part}
                    shared.append((number, side, "", path))
                    continue
                for name, value in list(left.items()):
                    if part and _same(value, part):
                        del left[name]
                        shared.append((number, side, name, path))
            sides[side] = left
        written[number] = Effect(effect.table, effect.key, sides["before"], sides["after"])
    return written, shared


def _expand(line: Line) -> None:
    """Restore the shared parts in the effects of a line that was just decoded.

    Raises EntryError when a reference is invalid.
    """
    for number, side, name, path in line.shared:
        try:
            part: Any = line.act
            for step in path.split(".") if "." in path else (path,):
                part = part[step]
            fields = getattr(line.effects[number], side)
            fields.update(part if name == "" else {name: part})
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise EntryError(
                f"shared refers to {path[:80]!r} for {side[:20]!r} of effect {number}; there is "
                "no such part."
            ) from error


def _within(part: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    """Whether `fields` has everything that `part` has."""
    return part.items() <= fields.items() and _same(part, {name: fields[name] for name in part})


def _same(one: Any, other: Any) -> bool:
    """Whether two values are written the same way: 1, 1.0 and true are equal, but not the same."""
    return bool(one == other) and dumps(one, canonical=True) == dumps(other, canonical=True)


def _digest(body: bytes) -> str:
    return hashlib.sha256(b"{" + body).hexdigest()


_LINE: Final = msgspec.json.Decoder(Line)
