"""The journal as an audit trail: who changed what and when, before and after. Pure, except for
`records`, which reads a store. Keys and contacts are shown only as "changed".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from core.access import failed_sign_ins
from core.changes.acts import ACTS, why_not
from core.changes.effects import Effect
from core.model.fields import FIELD_BY_KEY
from core.publish.numbers import count
from core.store.lines import Line
from core.store.store import Store

Change = tuple[str, str, str]  # what, before, after; "—" is none
NONE: Final = "—"
_MOST_CHANGES, _MOST_TEXT = 40, 300
_PRIVATE = {"contact_ref": "contact", "key_hash": "submission key"}
# Omitted if a change has other values.
_SILENT = frozenset({"schema", "arrived", "trash_since", "entry_id", "submission_id", "report_id"})
_MORE: Final = "more"  # stands for the changes beyond _MOST_CHANGES
_REPORT_CLOSED: Final = "report closed"  # when: the line itself has the time
_MINOR: Final = (
    "history", "judge.", "judge_history", "held.", "submission judging", "strict.", "coverage.",
    "by_dataset.", "surplus.", "predictions_sha256", "ground_truth_sha256", "scorer_version",
    "submission_id",
)  # fmt: skip
_ERASED = (
    ("entries", "the entry", "entries"),
    ("submissions", "the submission", "submissions"),
    ("reports", "the report", "reports"),
)
_TABLES = {"submissions": "submission", "reports": "report", "settings": "setting"}


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the trail. `subject` is its subject in words.

    `effect` is False for a change that was refused when journals were joined; `refused` says
    why. `undone_by` is the change that undid it, "" if none. `why_not` says why a change cannot
    be undone and what to do instead. Of an undo, `undid` is the kind of the change that it undid,
    or brought back if it is `again`: an undo of an undo.
    """

    change_id: str
    time: str
    actor: str
    kind: str
    subject: str
    changes: tuple[Change, ...]
    effect: bool
    undoable: bool
    undone_by: str
    why_not: str = ""
    refused: str = ""
    undid: str = ""
    again: bool = False


def records(store: Store) -> tuple[Record, ...]:
    """The whole trail, newest first, cached until the journal grows. Raises StoreError."""
    return _records(store, store.revision())


def with_failures(known: Sequence[Record], root: Path) -> tuple[Record, ...]:
    """The trail with the hourly counts of wrong passwords, which are not in the journal."""
    hours = map(_failures, failed_sign_ins.read(root))
    both = sorted((*known, *hours), key=lambda record: record.time, reverse=True)
    return tuple(both)


def _failures(hour: failed_sign_ins.Hour) -> Record:
    told = [
        (f"address {address}", NONE, str(n)) for address, n in hour.addresses.items() if address
    ]
    return Record(
        change_id=f"sign-in-failed-{hour.begins[:13]}",
        time=hour.begins,
        actor="unknown",
        kind="sign_in_failed",
        subject=f"{count(hour.count, 'wrong password')} within an hour",
        changes=tuple(told),
        effect=True,
        undoable=False,
        undone_by="",
    )


@lru_cache(maxsize=2)
def _records(store: Store, _revision: str) -> tuple[Record, ...]:
    return tuple(reversed(trail(store.lines())))


def trail(lines: Iterable[Line]) -> list[Record]:
    """The lines of a journal as records, in their order."""
    found: list[Record] = []
    known: dict[str, Record] = {}
    undone: dict[str, str] = {}  # change -> the last one that took it back
    for line in lines:
        record, of = _record(line), str(line.act.get("of"))
        if line.kind == "undo" and line.effects:
            undone[of] = line.id
        if line.kind == "undo" and of in known:
            record = as_undo(record, of=known[of])
        known[line.id] = record
        found.append(record)
    gone = _still_undone(found, undone)
    return [
        replace(record, undoable=False, undone_by=gone[record.change_id])
        if record.change_id in gone
        else record
        for record in found
    ]


def as_undo(record: Record, *, of: Record) -> Record:
    """With the kind of the change that it undoes or, as an undo of an undo, brings back."""
    return replace(record, undid=of.undid or of.kind, again=bool(of.undid) and not of.again)


def _still_undone(found: list[Record], undone: Mapping[str, str]) -> dict[str, str]:
    """The changes that are undone: an undo that is itself undone does not count."""
    gone: dict[str, str] = {}
    for record in reversed(found):  # an undo comes after the change that it undoes
        undo = undone.get(record.change_id)
        if undo and undo not in gone:
            gone[record.change_id] = undo
    return gone


def _record(line: Line) -> Record:
    act = ACTS.get(line.kind)
    effect = bool(line.effects) and not line.refused
    reason = why_not(line.kind, line.effects)
    return Record(
        change_id=line.id,
        time=line.time,
        actor=line.actor,
        kind=line.kind,
        subject=_subject(line),
        changes=tuple(_changes([_first_settings(line, one) for one in line.effects]))
        or tuple(_details(line)),
        effect=effect or (act is not None and act.for_the_record),
        undoable=effect and not reason,
        undone_by="",
        why_not=reason if line.effects else "",
        refused=line.refused,
    )


def _first_settings(line: Line, effect: Effect) -> Effect:
    """The first change of the settings stores all of them: show only the differences."""
    old = line.act.get("old")
    if effect.table != "settings" or effect.before is not None or not isinstance(old, dict):
        return effect
    return Effect(effect.table, effect.key, old, effect.after)


def _subject(line: Line) -> str:
    """The name of a change's subject, and the number of others."""
    names = {effect.key for effect in line.effects if effect.table in ("entries", "reports")}
    more = len(names - {line.about[0]})
    subject = line.about[1][:_MOST_TEXT]
    return f"{subject} and {more} more" if subject and len(names) > 1 and more else subject


def minor(what: str) -> bool:
    """Whether a change interests few: only programs use it, or it follows from another."""
    return ".dates" in what or what in (_MORE, _REPORT_CLOSED) or what.startswith(_MINOR)


def _changes(effects: Sequence[Effect]) -> list[Change]:
    """The first _MOST_CHANGES, the minor ones last: a judge run changes hundreds of them."""
    erased = {(e.table, e.key) for e in effects if e.before is None and e.after is None}
    found = list(_erasure(erased)) if erased else []
    # An erased row may be stored again, without what it held.
    found += [change for e in effects if (e.table, e.key) not in erased for change in _of(e)]
    found.sort(key=lambda change: minor(change[0]))
    left = len(found) - _MOST_CHANGES
    return [*found[:_MOST_CHANGES], (_MORE, NONE, f"{left:,} not shown")] if left > 0 else found


def _erasure(rows: Iterable[tuple[str, str]]) -> Iterator[Change]:
    """How many rows of each kind are gone for good."""
    tables = [table for table, _key in rows]
    for table, noun, plural in _ERASED:
        if number := tables.count(table):
            yield (
                (f"erased {plural}", NONE, f"{number:,}") if number > 1 else ("erased", NONE, noun)
            )


def _of(effect: Effect) -> Iterator[Change]:
    """The differences in one row: its place, or its fields."""
    if effect.table == "purged":
        return
    where = _TABLES.get(effect.table, "")
    if effect.before is None or effect.after is None:
        yield from _came_or_went(effect)
        return
    old, new = dict(_flat(effect.before)), dict(_flat(effect.after))
    yield from _moved(effect.before, effect.after)
    for key in {**old, **new}:
        before, after = old.get(key, NONE), new.get(key, NONE)
        last = key.rpartition(".")[2]
        if before == after or key in _SILENT or key.partition(".")[0] in ("board", "deleted"):
            continue
        if last in _PRIVATE:
            yield (_PRIVATE[last], "changed", "changed")
        else:
            yield (f"{where} {key.removeprefix('metrics.')}".strip(), before, after)


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """An entry's place: its board, and whether it is in the trash."""
    if "board" in before or "board" in after:
        yield ("board", _text(before.get("board")), _text(after.get("board")))
    if "deleted" in before or "deleted" in after:
        yield ("trash", _deletion(before.get("deleted")), _deletion(after.get("deleted")))


def _deletion(value: Any) -> str:
    if not isinstance(value, dict):
        return NONE
    return f"since {value.get('time', '')}" + (
        f": {value['reason']}" if value.get("reason") else ""
    )


def _came_or_went(effect: Effect) -> Iterator[Change]:
    row = effect.before or effect.after or {}
    what = _TABLES.get(effect.table) or f"{str(row.get('board') or 'a').capitalize()} board"
    if effect.table == "settings":
        old, new = ("the defaults", "set") if effect.before is None else ("set", "the defaults")
        yield ("settings", old, new)
        return
    names = ("reason",) if effect.table == "reports" else ("model_name", "entry_id")
    there = next((str(row[name]) for name in names if row.get(name)), effect.key)
    yield (what, there, NONE) if effect.after is None else (what, NONE, there)


def _details(line: Line) -> Iterator[Change]:
    """Why a change has no effect, or what it records."""
    if line.refused:
        yield ("refused", NONE, line.refused[:_MOST_TEXT])
        return
    details = line.act.get("details")
    said = details if isinstance(details, dict) else {}
    if "address" in line.act:
        said = {"address": line.act["address"]}
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
    return f"{row['name']}: {opens or 'open already'} to {closes or 'no end'}{requires}"
