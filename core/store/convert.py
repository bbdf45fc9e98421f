"""Converts a journal of form 1 to the current form: `python -m core.store convert`.

Form 1 stored requests, and reading it ran the rules over them. They are run here once more, by the
rules of this version, and the results are stored as effects. The boards must match the digests in
head.json, or nothing is changed. The old journal is kept.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from core.changes.about import about
from core.changes.act import Act, At, Done
from core.changes.acts import act_of, why_not
from core.changes.effects import applied, between
from core.errors import EntryError, RefusedError, StoreError
from core.files.json_text import dumps
from core.model.entries import BoardName, Submission, entry_from_row
from core.model.rows import entry_row, submission_row
from core.model.state import EMPTY, State
from core.store import board_files, journal, legacy
from core.store.lines import KEPT_AS, Draft, encode, read_line
from core.store.rendering import Renderer
from core.store.store import Store

# The files with the same content in both forms.
_COMPARED: Final = (legacy.COMMUNITY, legacy.OFFICIAL, board_files.HIDDEN)


@dataclass(frozen=True, slots=True)
class _Old:
    """One line of form 1."""

    id: str
    kind: str
    actor: str
    time: str
    payload: Mapping[str, Any]
    writer: str


def convert(store: Store, root: Path, base: State = EMPTY) -> int:
    """Convert the journal of a data folder; returns the number of changes.

    Raises StoreError when there is none, it is not of form 1, is damaged, or does not give the
    boards in head.json; then nothing is changed.
    """
    path = root / "journal.jsonl"
    old = journal.read(path, 0)
    lines = _read(old, path)
    if not lines:  # boards without a journal are the older application's, to be imported
        raise StoreError(f"{path}: there is no journal; nothing to convert. Nothing was changed.")
    data, state = converted(lines, base)
    _compare(root, state, store)
    store.install(data, old, KEPT_AS)
    return len(lines)


def converted(lines: list[_Old], base: State) -> tuple[bytes, State]:
    """The journal in the current form, and the state at its end. Pure."""
    state, data = base, bytearray()
    done: dict[str, Done] = {}
    tails: dict[str, str] = {}
    for old in lines:
        if old.id in done:
            continue
        act = act_from(old.kind, old.payload)
        at = At(old.id, old.actor, old.time, done.get)
        try:
            after, refused = act.apply(state, at), ""
        except RefusedError as error:
            after, refused = act.refused(state, at, str(error)), str(error)
        effects = between(state, after, forget=act.forgets)
        draft = Draft(
            old.id, old.actor, old.time, msgspec.to_builtins(act), effects,
            about(act, effects, state, after), refused,
        )  # fmt: skip
        text = encode(draft, old.writer, tails.get(old.writer, ""))
        line = read_line(text[:-1])
        data += text
        tails[old.writer] = line.hash
        state = applied(state, line.effects)
        if not refused:
            done[old.id] = Done(old.kind, line.effects, why_not(old.kind, line.effects))
    return bytes(data), state


def act_from(kind: str, payload: Mapping[str, Any]) -> Act:
    """The act of an operation of form 1. Raises EntryError if it cannot be read."""
    try:
        act = act_of({"kind": kind, **_FIELDS.get(kind, dict)(payload)})
    except (KeyError, TypeError, AttributeError, msgspec.ValidationError) as error:
        raise EntryError(f"an operation of kind {kind[:40]!r}: {error!s:.100}.") from error
    if act is None:
        raise EntryError(f"an operation of kind {kind[:40]!r} is not known.")
    return act


def _row(payload: Mapping[str, Any], board: BoardName) -> dict[str, Any]:
    return {**payload, "entry": entry_row(entry_from_row(payload["entry"], board))}


def _submit(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"submission": submission_row(msgspec.convert(payload["submission"], Submission))}


def _report(payload: Mapping[str, Any]) -> dict[str, Any]:
    said = ("text", "contact")
    return {"report": {k: v for k, v in payload["report"].items() if k not in said}}


def _undo(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"of": payload["undoes"]}


_FIELDS: Final[Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "submit": _submit,
    "add": lambda payload: _row(payload, "community"),
    "add_official": lambda payload: _row(payload, "official"),
    "report": _report,
    "undo": _undo,
    "import": lambda payload: {**payload, "checked": False},
}


def _read(data: bytes, path: Path) -> list[_Old]:
    """The lines of a journal of form 1, with verified hashes."""
    found: list[_Old] = []
    for number, text in enumerate(data.split(b"\n")[:-1], start=1):
        try:
            record = json.loads(text)
            claimed = record.pop("hash")
            if record["schema"] != 1:
                raise StoreError(f"{path}: this journal is not of form 1; nothing to convert.")
            canonical = dumps(record, canonical=True).encode()
            if hashlib.sha256(canonical).hexdigest() != claimed:
                raise ValueError("its text was changed: the hash does not match")
            found.append(_Old(**record["op"], writer=record["writer"]))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise StoreError(
                f"{path}, line {number}: {error!s:.100}. Nothing was changed. Restore the file "
                "from a backup."
            ) from error
    return found


def _compare(root: Path, state: State, store: Store) -> None:
    """Refuse a conversion that would give other boards than those in head.json."""
    head = board_files.read_head(root)
    if head is None:
        return
    made = Renderer(store.personal_files).files(state)
    for name in _COMPARED:
        current = board_files.read_current(root, name)
        if name not in head.files or current is None:
            continue
        if board_files.foreign(head, name, current):
            raise StoreError(
                f"{root / name}: was changed since the program wrote it. Nothing was changed. "
                "Start the earlier version once more, stop it, and try again."
            )
        if json.loads(current) != json.loads(made[name]):
            raise StoreError(
                f"{root}: the converted journal would give another {name} than head.json records. "
                "Nothing was changed. Keep the folder, and continue with the earlier version."
            )
