"""Rows by id, as the journal stores them, and the records that are made from them when asked for.

A row is a flat object of JSON values. What a row holds and this program does not know (a field
or a metric of a newer one) stays in it, whatever is changed beside it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Row = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """How one kind of record is read from a row (`read(id, row)`) and written as one."""

    read: Callable[[str, Row], T]
    write: Callable[[T], dict[str, Any]]


class Table(Mapping[str, T]):
    """Records by id, in the order in which their rows came. Immutable; records are made once."""

    __slots__ = ("_kind", "_made", "rows")

    def __init__(
        self, kind: Kind[T], rows: dict[str, Row] | None = None, made: dict[str, T] | None = None
    ) -> None:
        self._kind = kind
        self.rows: Mapping[str, Row] = {} if rows is None else rows
        self._made: dict[str, T] = {} if made is None else made

    def __getitem__(self, key: str) -> T:
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._kind.read(key, self.rows[key])
        return made

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
        """The table with some rows replaced, added at the end, or (None) taken out."""
        if not changes:
            return self
        rows: dict[str, Row] = dict(self.rows)
        made = dict(self._made)
        for key, row in changes.items():
            made.pop(key, None)
            if row is None:
                rows.pop(key, None)
            else:
                rows[key] = row
        return Table(self._kind, rows, made)

    def with_record(self, key: str, record: T) -> "Table[T]":
        """The table with the fields in which `record` differs from the one there; the very same
        table when none does."""
        row = self._patched(key, record)
        return self if row is self.rows.get(key) else self.with_rows({key: row})

    def without(self, key: str) -> "Table[T]":
        """The table without a row."""
        return self.with_rows({key: None}) if key in self.rows else self

    def _patched(self, key: str, record: T) -> Row:
        """The stored row with what differs: fields that this program does not know stay."""
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
