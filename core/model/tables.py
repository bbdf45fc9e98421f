"""Rows by id, as stored in the journal, and the records created from them on demand.

A row is a flat object of JSON values. Fields that this version does not know (a field or a metric
of a newer one) are kept when other fields change.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

Row = Mapping[str, Any]
T = TypeVar("T")
_FEW: Final = 64
_Made = dict[str, tuple[Row, T]]  # records with the rows they were created from; shared by versions


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """How one kind of record is read from a row (`read(id, row)`) and written to one."""

    read: Callable[[str, Row], T]
    write: Callable[[T], dict[str, Any]]


class _Ancestor:
    """Indexes of rows, shared by all versions derived from one table."""

    __slots__ = ("indexes",)

    def __init__(self) -> None:
        # function -> value -> ids, and the rows that had changed when it was built
        self.indexes: dict[Any, tuple[dict[object, list[str]], Mapping[str, None]]] = {}


class Table(Mapping[str, T]):
    """Records by id, in insertion order. Immutable; each record is created once.

    A table derived from another one keeps the rows changed since (`_changed`, by id, since
    `_ancestor`), so that comparing two versions and looking up a row by value need not scan all
    rows. When there are many, the table becomes its own ancestor.
    """

    __slots__ = ("_ancestor", "_changed", "_kind", "_made", "rows")

    def __init__(
        self, kind: Kind[T], rows: dict[str, Row] | None = None, made: "_Made[T] | None" = None
    ) -> None:
        self._kind = kind
        self.rows: Mapping[str, Row] = {} if rows is None else rows
        self._made: _Made[T] = {} if made is None else made
        self._ancestor = _Ancestor()
        self._changed: Mapping[str, None] = {}

    def __getitem__(self, key: str) -> T:
        row, made = self.rows[key], self._made.get(key)
        if made is None or made[0] is not row:
            made = self._made[key] = row, self._kind.read(key, row)
        return made[1]

    def __contains__(self, key: object) -> bool:
        return key in self.rows

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Table):
            return self.rows == other.rows
        return dict(self.items()) == other if isinstance(other, dict) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Table({dict(self.rows)!r})"

    def with_rows(self, changes: Mapping[str, Row | None]) -> "Table[T]":
        """The table with some rows replaced, appended, or (None) removed."""
        if not changes:
            return self
        rows: dict[str, Row] = dict(self.rows)
        for key, row in changes.items():
            if row is None:
                rows.pop(key, None)
            else:
                rows[key] = row
        return self.with_all(rows, changes)

    def with_all(self, rows: dict[str, Row], changed: Collection[str]) -> "Table[T]":
        """The table with these rows instead of its own; only those in `changed` differ."""
        for key in changed:
            self._made.pop(key, None)
        found = Table(self._kind, rows, self._made)
        if len(self._changed) + len(changed) <= _FEW + len(rows) // _FEW:
            found._ancestor = self._ancestor
            found._changed = {**self._changed, **dict.fromkeys(changed)}
        return found

    def other_rows(self, before: "Table[T]") -> list[str]:
        """The ids of rows that differ from `before`: new and replaced ones in the order of this
        table, then removed ones."""
        old, new = before.rows, self.rows
        related = self._ancestor is before._ancestor
        maybe = {**before._changed, **self._changed} if related else {**new, **old}
        found = [key for key in maybe if new.get(key) is not old.get(key)]
        if related and len(found) > 1:
            others = set(found)
            found = [key for key in {**new, **old} if key in others]
        return found

    def having(self, values: Callable[[Row], Collection[object]], value: object) -> dict[str, Row]:
        """The rows, by id, for which `values` gives `value`. It is called once for each row."""
        if values not in self._ancestor.indexes:
            made: dict[object, list[str]] = {}
            for key, row in self.rows.items():
                for one in values(row):
                    made.setdefault(one, []).append(key)
            self._ancestor.indexes[values] = made, self._changed
        index, changed = self._ancestor.indexes[values]
        keys = [*index.get(value, ()), *changed, *self._changed]
        there = {key: self.rows[key] for key in keys if key in self.rows}
        return {key: row for key, row in there.items() if value in values(row)}

    def with_record(self, key: str, record: T) -> "Table[T]":
        """The table with `record`'s changed fields; the same object if none differ."""
        row = self._patched(key, record)
        return self if row is self.rows.get(key) else self.with_rows({key: row})

    def without(self, key: str) -> "Table[T]":
        """The table without a row."""
        return self.with_rows({key: None}) if key in self.rows else self

    def _patched(self, key: str, record: T) -> Row:
        """The stored row with the changed fields; unknown fields are kept."""
        new, there = self._kind.write(record), self.rows.get(key)
        if there is None:
            return new
        old = self._kind.write(self[key])
        differing = [name for name in {**old, **new} if _differs(old, new, name)]
        if not differing:
            return there
        row = {name: value for name, value in there.items() if name in new or name not in old}
        return {**row, **{name: new[name] for name in differing if name in new}}


def _differs(old: Row, new: Row, name: str) -> bool:
    return (name in old) != (name in new) or old[name] != new[name]
