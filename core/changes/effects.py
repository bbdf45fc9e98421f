"""The effects of a change: every row that it touched, field by field, before and after. Pure.

Effects are computed by comparing the states before and after, and are all that reading a journal
needs: it sets the values. Tables and fields are just names; there are no rules, defaults, ranges
or lists of metrics here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from core.model.rows import TABLES
from core.model.state import State
from core.model.tables import Row, Table

ABSENT: Final = object()  # the value of a missing field
# The field of State with a table.
_FIELDS: Final = {
    "entries": "entries",
    "submissions": "submissions",
    "reports": "reports_by_id",
    "settings": "settings",
    "purged": "purged_names",
}


# gc=False, as for a journal line: JSON has no cycles, and the garbage collector would traverse a
# long journal again and again.
class Effect(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One row that a change touched.

    For an existing row, `before` and `after` have the changed fields, except missing ones. None:
    the row did not, or does not, exist. If both are None the row is removed without keeping its
    content, as by a purge.
    """

    table: str
    key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


Rows = dict[str, dict[str, Row]]  # table -> id -> row; for a fold


def between(before: State, after: State, *, forget: bool = False) -> tuple[Effect, ...]:
    """The differences between two states, by table in the order of core.model.rows.TABLES.

    With `forget`, changed rows are stored completely and removed ones without content, so that
    previous values are not kept.
    """
    return tuple(
        effect
        for name in TABLES
        for effect in _table_effects(name, table(before, name), table(after, name), forget)
    )


def table(state: State, name: str) -> Table[Any]:
    """A table of the state by its name in the journal."""
    found: Table[Any] = getattr(state, _FIELDS[name])
    return found


def with_table(state: State, name: str, changed: Table[Any]) -> State:
    """The state with this table replaced; the same state for the same table."""
    return state if table(state, name) is changed else replace(state, **{_FIELDS[name]: changed})


def rows_of(state: State) -> Rows:
    """The rows of a state, for a fold; the rows themselves are never changed in place."""
    return {name: dict(table(state, name).rows) for name in TABLES}


def put(rows: Rows, effects: Sequence[Effect]) -> None:
    """Apply effects to rows while folding. Effects on missing rows are skipped."""
    for number, effect in enumerate(effects, start=1):
        there = rows.get(effect.table)
        if there is None:
            there = rows[effect.table] = {}
        before, after = effect.before, effect.after
        if after is None:
            if not (before is None and _put_anew(effect, effects[number : number + 1])):
                there.pop(effect.key, None)
        elif before is None:
            there[effect.key] = after
        elif (old := there.get(effect.key)) is not None:
            there[effect.key] = row = {**old, **after}
            for name in before:
                if name not in after:
                    row.pop(name, None)


def _put_anew(effect: Effect, following: Sequence[Effect]) -> bool:
    """Whether a forgotten row is stored again: it keeps its place in the order."""
    return any((one.table, one.key) == (effect.table, effect.key) for one in following)


def applied(state: State, effects: Sequence[Effect]) -> State:
    """The state after effects, as when reading the journal."""
    touched: dict[str, set[str]] = {name: set() for name in TABLES}
    known = [effect for effect in effects if effect.table in TABLES]
    for effect in known:
        touched[effect.table].add(effect.key)
    rows: Rows = {name: dict(table(state, name).rows) for name, keys in touched.items() if keys}
    put(rows, known)
    for name, found in rows.items():
        state = with_table(state, name, table(state, name).with_all(found, touched[name]))
    return state


def swapped(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """The effects that undo these, last one first."""
    return tuple(Effect(e.table, e.key, e.after, e.before) for e in reversed(effects))


def misfits(rows: Mapping[str, Mapping[str, Row]], effect: Effect) -> list[str]:
    """The fields that prevent an effect from applying; empty if it applies.

    "" is the row itself: it exists and should not, or the other way round.
    """
    there = rows.get(effect.table, {}).get(effect.key)
    if effect.before is None:
        return [""] if there is not None and effect.after is not None else []
    if there is None:
        return [""]
    if effect.after is None:
        names: Iterable[str] = {**effect.before, **there}
    else:
        names = {**effect.before, **effect.after}
    return [n for n in names if there.get(n, ABSENT) != effect.before.get(n, ABSENT)]


def _table_effects(
    name: str, before: Table[Any], after: Table[Any], forget: bool
) -> Iterator[Effect]:
    if before is after:
        return
    for key in after.other_rows(before):
        was, row = before.rows.get(key), after.rows.get(key)
        if row is None:
            yield Effect(name, key, None if forget or was is None else dict(was), None)
        elif was is None:
            yield Effect(name, key, None, dict(row))
        elif forget and was != row:
            yield Effect(name, key, None, None)
            yield Effect(name, key, None, dict(row))
        elif was != row:
            yield _changed(name, key, was, row)


def _changed(name: str, key: str, was: Row, row: Row) -> Effect:
    names = [n for n in {**was, **row} if was.get(n, ABSENT) != row.get(n, ABSENT)]
    return Effect(
        name,
        key,
        {n: was[n] for n in names if n in was},
        {n: row[n] for n in names if n in row},
    )
