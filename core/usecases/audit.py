"""The journal as an audit trail: who changed what and when, before and after. Pure but for
`records`, which reads a store. Keys and contacts show as "changed", never as what they are.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from core.changes.admin_changes import AUDIT_ONLY
from core.changes.touched import Item, touched
from core.changes.undo import UNDOABLE, why_not
from core.model.fields import FIELD_BY_KEY
from core.model.state import Operation
from core.store.replay import Step
from core.store.store import Store

Change = tuple[str, str, str]  # what, before, after; "—" is none
NONE: Final = "—"
_MOST_CHANGES, _MOST_TEXT = 40, 300
_PRIVATE = {"contact_ref": "contact", "key_hash": "submission key"}
# Of no interest beside what else a change says.
_SILENT = frozenset({"schema", "at", "position"})
_PLACES = {"trash": "trash", "submissions": "submission", "reports": "report", "policy": "setting"}


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the trail. `subject` is what it is about, in words.

    `effect` is False for a change that was refused where the journal has it (another
    machine was first). `undone_by` is the operation that took it back, "" when none did.
    `why_not` says of a change that no undo takes back why, and what to do instead.
    """

    op_id: str
    time: str
    actor: str
    kind: str
    subject: str
    changes: tuple[Change, ...]
    effect: bool
    undoable: bool
    undone_by: str
    why_not: str = ""


def records(store: Store) -> tuple[Record, ...]:
    """The whole trail, newest first. Raises StoreError; kept until the journal grows."""
    return _records(store, store.revision())


@lru_cache(maxsize=2)
def _records(store: Store, _revision: str) -> tuple[Record, ...]:
    return tuple(reversed(trail(store.steps())))


def trail(steps: Iterable[Step]) -> list[Record]:
    """The steps of a journal as records, in their order."""
    found: list[Record] = []
    undone: dict[str, str] = {}  # operation -> the last one that took it back
    for step in steps:
        effect = step.before is not step.after
        if step.op.kind == "undo" and effect:
            undone[str(step.op.payload.get("undoes"))] = step.op.id
        found.append(_record(step, effect))
    gone = _still_undone(found, undone)
    return [
        replace(record, undoable=False, undone_by=gone[record.op_id])
        if record.op_id in gone
        else record
        for record in found
    ]


def _still_undone(found: list[Record], undone: Mapping[str, str]) -> dict[str, str]:
    """Which operations are undone at the end: an undo that is itself undone counts no more."""
    gone: dict[str, str] = {}
    for record in reversed(found):  # an undo stands behind what it takes back
        undo = undone.get(record.op_id)
        if undo and undo not in gone:
            gone[record.op_id] = undo
    return gone


def _record(step: Step, effect: bool) -> Record:
    op = step.op
    items = touched(step.before, step.after) if effect else []
    return Record(
        op_id=op.id,
        time=op.time,
        actor=op.actor,
        kind=op.kind,
        subject=_subject(op, items),
        changes=tuple(_changes(items)) or tuple(_details(op)),
        effect=effect or op.kind in AUDIT_ONLY,
        undoable=effect and op.kind in UNDOABLE,
        undone_by="",
        why_not=why_not(op.kind, items) if items else "",
    )


def _subject(op: Operation, items: list[Item]) -> str:
    if op.kind == "acted":
        return f"{op.payload.get('act')}: {op.payload.get('subject')}"[:_MOST_TEXT]
    names = dict.fromkeys(name for item in items if (name := _name(item)))
    if len(names) > 1:
        first, *rest = names
        return first if len(rest) == 1 and op.kind == "edit" else f"{first} and {len(rest)} more"
    if names:
        return next(iter(names))
    return "settings" if op.kind == "set_policy" else ""


def _name(item: Item) -> str:
    row = item.before or item.after or {}
    entry = row.get("entry", row)
    name = entry.get("model_name") or (row.get("entry_id") if item.place == "reports" else "")
    return str(name or "")


def _changes(items: list[Item]) -> Iterator[Change]:
    found = (change for item in items for change in _of(item))
    for count, change in enumerate(found):
        if count == _MOST_CHANGES:
            yield ("more", NONE, "not shown")
            return
        yield change


def _of(item: Item) -> Iterator[Change]:
    """What differs in one thing: where it is, or its fields."""
    where = _PLACES.get(item.place, "")
    if item.before is None or item.after is None:
        yield _moved(item)
        return
    old, new = dict(_flat(item.before)), dict(_flat(item.after))
    for key in {**old, **new}:
        before, after = old.get(key, NONE), new.get(key, NONE)
        last = key.rpartition(".")[2]
        if before == after or key in _SILENT:
            continue
        if last in _PRIVATE:
            yield (_PRIVATE[last], "changed", "changed")
        else:
            yield (f"{where} {key}".strip(), before, after)


def _moved(item: Item) -> Change:
    what = _PLACES.get(item.place) or f"{item.place.capitalize()} board"
    there = _name(item) or item.key
    return (what, there, NONE) if item.after is None else (what, NONE, there)


def _details(op: Operation) -> Iterator[Change]:
    """Of an operation that changes nothing: what it says."""
    details = op.payload.get("details")
    said = details if isinstance(details, dict) else op.payload if "address" in op.payload else {}
    for key, value in list(said.items())[:_MOST_CHANGES]:
        yield (str(key), NONE, _text(value))


def _flat(row: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in row.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{name}.")
        else:
            yield name, _text(value)


def _text(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(_listed(value))[:_MOST_TEXT]
    return str(value)[:_MOST_TEXT]


def _listed(value: list[Any]) -> Iterator[str]:
    """The parts of a list: tracks in words, other records as their number."""
    records = [part for part in value if isinstance(part, dict)]
    if not records:
        yield ", ".join(map(str, value))
    elif all("required" in part and "name" in part for part in records):
        yield from map(_track, records)
    else:
        yield f"{len(records)} item{'s' * (len(records) != 1)}"


def _track(row: Mapping[str, Any]) -> str:
    """A track in words: "Spring: 2026-11-01 to no end, requires Team and Authors"."""
    fields = [FIELD_BY_KEY[key].label for key in row["required"] if key in FIELD_BY_KEY]
    requires = f", requires {' and '.join(fields)}" if fields else ""
    opens, closes = (str(row.get(key) or "")[:10] for key in ("opens", "closes"))
    return f"{row['name']}: {opens or 'no beginning'} to {closes or 'no end'}{requires}"
