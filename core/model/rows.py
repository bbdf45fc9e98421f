"""Records as rows of the journal: flat, so that changes are recorded field by field.

`metrics.<key>`, `declared.<key>`, `history.<n>` and `judge_history.<n>` are separate fields.
A row has what a program wrote: reading it adds this version's defaults and metrics; writing it
back changes only what was changed.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from core.benchmark import METRIC_KEYS
from core.errors import EntryError
from core.model.entries import Entry, Submission
from core.model.policy import Policy
from core.model.reports import Report
from core.model.tables import Kind, Row

POLICY_ID: Final = "policy"  # the one row of the table of settings
_GROUPS: Final = ("metrics", "declared")
_LISTS: Final = ("history", "judge_history")
# Not written if they have these values: {field: default}.
_OPTIONAL: Final[dict[str, Any]] = {
    "hidden": False,
    "organiser": None,
    "track": None,
    "verified_note": None,
    "verification": None,
    "submission_id": None,
    "judge": None,
    "held": None,
    "surplus": {},
    "surplus_seen": None,
    "unread": {},
    "deleted": None,
    "trash_since": None,
    "extra": {},
}
_IDS: Final = ("entry_id", "submission_id", "report_id")
_SCALARS: Final = (str, int, float, type(None))
_T = TypeVar("_T", bound=msgspec.Struct)


def entry_row(entry: Entry) -> dict[str, Any]:
    """An entry as its row."""
    fields = msgspec.to_builtins(entry)
    del fields["contact"]
    for key, unset in _OPTIONAL.items():
        if fields[key] == unset:
            del fields[key]
    row: dict[str, Any] = plain(_flat(fields))
    return row


def entry_of(key: str, row: Row) -> Entry:
    """The entry of a row; metrics that the row does not name are undefined.

    Raises EntryError when a field has an unknown type.
    """
    fields = _nested(row, Entry)
    known = fields.get("metrics", {})
    fields["metrics"] = {name: known.get(name) for name in METRIC_KEYS}
    return _converted(fields, Entry, key)


def submission_row(submission: Submission) -> dict[str, Any]:
    """A submission as its row."""
    row: dict[str, Any] = plain(_flat(msgspec.to_builtins(submission)))
    return row


def submission_of(key: str, row: Row) -> Submission:
    """The submission of a row."""
    return _converted(_nested(row, Submission), Submission, key)


def plain(value: Any) -> Any:
    """A record or value as read back from JSON: objects and lists, no tuples."""
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, msgspec.Struct):
        value = msgspec.to_builtins(value)
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _GROUPS:
            row.update({f"{name}.{inner}": part for inner, part in value.items()})
        elif name in _LISTS:
            row.update({f"{name}.{number}": part for number, part in enumerate(value)})
        else:
            row[name] = value
    return row


def _nested(row: Row, kind: type[msgspec.Struct]) -> dict[str, Any]:
    known = kind.__struct_fields__
    fields: dict[str, Any] = {}
    for name, value in row.items():
        group, dot, inner = name.partition(".")
        if dot and group in known and (group in _GROUPS or (group in _LISTS and inner.isdecimal())):
            fields.setdefault(group, {})[inner] = value
        elif name in known and name not in (*_GROUPS, *_LISTS):
            fields[name] = value
    for name in _LISTS:
        if name in fields:
            parts = fields[name]
            fields[name] = [parts[number] for number in sorted(parts, key=int)]
    return fields


def _stored(kind: type[_T], read: Callable[[str, Row], _T]) -> Callable[[str, Row], _T]:
    """Reads rows of the journal, including those of newer versions: a field with an unreadable
    value is treated as missing. The row keeps it, and `unread` reports it."""
    needed = [f for f in msgspec.structs.fields(kind) if f.required]

    def reading(key: str, row: Row) -> _T:
        try:
            return read(key, row)
        except EntryError:
            blank = {f.name: f.type() for f in needed}
            blank |= {name: key for name in ("model_name", *_IDS) if name in blank}
            alone = {n: v for n, v in row.items() if not _problem(read, {**blank, n: v}, key)}
            return read(key, {**blank, **alone})

    return reading


def unread(table: str, key: str, row: Row) -> str:
    """The fields of a row that this version cannot read, as a sentence; "" if there are none."""
    return _problem(_READERS[table], row, key) if table in _READERS else ""


def _problem(read: Callable[[str, Row], Any], row: Row, key: str) -> str:
    try:
        read(key, row)
    except EntryError as error:
        return str(error)
    return ""


def _report_of(key: str, row: Row) -> Report:
    return _converted(row, Report, key)


def _policy_of(key: str, row: Row) -> Policy:
    return _converted(row, Policy, key)


def _converted(row: Row, kind: type[_T], key: str) -> _T:
    try:
        return msgspec.convert(row, kind)
    except msgspec.ValidationError as error:
        raise EntryError(f"{kind.__name__} {key[:80]!r}: {error}.") from error


def _nothing(_key: str, _row: Row) -> None:
    return None


_READERS: Final[Mapping[str, Callable[[str, Row], Any]]] = {
    "entries": entry_of,
    "submissions": submission_of,
    "reports": _report_of,
    "settings": _policy_of,
}
ENTRIES: Final = Kind(_stored(Entry, entry_of), entry_row)
SUBMISSIONS: Final = Kind(_stored(Submission, submission_of), submission_row)
REPORTS: Final = Kind(_stored(Report, _report_of), plain)
SETTINGS: Final = Kind(_stored(Policy, _policy_of), plain)
PURGED: Final[Kind[None]] = Kind(_nothing, lambda _record: {})
TABLES: Final[Mapping[str, Kind[Any]]] = {
    "entries": ENTRIES,
    "submissions": SUBMISSIONS,
    "reports": REPORTS,
    "settings": SETTINGS,
    "purged": PURGED,
}
