"""What a change did: every row that it touched, field by field, before and after. Pure.

Effects are found by comparing the state before with the state after, and are all that reading a
journal needs: it puts the values. Tables and fields are names; no rule, default, range or list
of metrics stands here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from core.model.rows import TABLES
from core.model.state import State
from core.model.tables import Row, Table

ABSENT: Final = object()  # the value of a field that is not there
# The field of State that holds a table.
_FIELDS: Final = {
    "entries": "entries",
    "submissions": "submissions",
    "reports": "reports_by_id",
    "settings": "settings",
    "purged": "purged_names",
}


# gc=False, as of a journal's line: what JSON holds has no cycles, and of a long journal the garbage
# collector would look through everything again and again.
class Effect(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One row that a change touched.

    Of a row that stayed, `before` and `after` hold the fields that changed, and lack those that
    were, or are, not there. None: the row was, or is, not there. Where both are None the row is
    taken out without saying what it held: a purge forgets.
    """

    table: str
    key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


Rows = dict[str, dict[str, Row]]  # table -> id -> row; for a fold


def between(before: State, after: State, *, forget: bool = False) -> tuple[Effect, ...]:
    """What differs between two states, by table in the order of core.model.rows.TABLES.

    With `forget`, rows that were changed or taken out are put anew, and nothing says what they
    held.
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
    """The state with another table in the place of this one; the same state for the same table."""
    return state if table(state, name) is changed else replace(state, **{_FIELDS[name]: changed})


def rows_of(state: State) -> Rows:
    """The rows of a state, for a fold; the rows themselves are never changed in place."""
    return {name: dict(table(state, name).rows) for name in TABLES}


def put(rows: Rows, effects: Sequence[Effect]) -> None:
    """Do effects to rows that are being folded. One on a row that is not there is skipped."""
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
    """Whether a row that is forgotten is put anew: it keeps its place in the order."""
    return any((one.table, one.key) == (effect.table, effect.key) for one in following)


def applied(state: State, effects: Sequence[Effect]) -> State:
    """The state after effects; what reading the journal gives."""
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
    """The effects that take these back, the last one first."""
    return tuple(Effect(e.table, e.key, e.after, e.before) for e in reversed(effects))


def misfits(rows: Mapping[str, Mapping[str, Row]], effect: Effect) -> list[str]:
    """What keeps an effect from fitting where it stands, as names of fields; empty when it fits.

    "" names the row itself: it is there and should not be, or the other way round.
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
