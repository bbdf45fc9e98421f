"""Versions of a table: comparing them, and looking up rows by value without a full scan."""

import random
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from core.changes.effects import between
from core.model.state import made_state
from core.model.tables import Kind, Row, Table
from tests.core.store_world import entry

KIND: Kind[Row] = Kind(lambda _key, row: dict(row), dict)


def colours(_which: int, row: Row) -> list[object]:
    return [row["colour"], row["trim"]]


def everything(table: Table[Row]) -> dict[object, dict[str, Row]]:
    """The rows that have each value, from one pass over all rows."""
    found: dict[object, dict[str, Row]] = {}
    for key, row in table.rows.items():
        for value in colours(0, row):
            found.setdefault(value, {})[key] = row
    return found


def others(after: Table[Row], before: Table[Row]) -> list[str]:
    keys = {**after.rows, **before.rows}
    return [key for key in keys if after.rows.get(key) is not before.rows.get(key)]


@pytest.mark.parametrize("size", [0, 5, pytest.param(600, marks=pytest.mark.slow)])
def test_versions_of_a_table_tell_what_going_through_all_rows_would(size: int) -> None:
    chosen = random.Random(size)

    def row() -> dict[str, Any]:
        return {"colour": chosen.randrange(20), "trim": chosen.randrange(20)}

    table = Table(KIND, {f"{n:04}": row() for n in range(size)})
    versions = [table]
    for step in range(250):
        key = f"{chosen.randrange(size + 20):04}"
        gone = key in table and chosen.random() < 0.4
        changes: dict[str, Row | None] = {key: None if gone else row(), f"new {step % 9}": row()}
        table = table.with_rows(changes)
        if step % 7 == 0:
            table = chosen.choice(versions)  # its descendants are discarded
        versions.append(table)
        before = chosen.choice(versions[-30:])
        of = partial(colours, step)  # the index is built for one version and used by others
        wanted, earlier = everything(table), everything(before)
        for value in range(20):
            assert table.having(of, value) == wanted.get(value, {})
            assert before.having(of, value) == earlier.get(value, {})
        assert table.other_rows(before) == others(table, before)
        assert before.other_rows(table) == others(before, table)
        assert {key: table[key] for key in table} == table.rows  # records are those of these rows


def test_a_row_that_is_written_again_as_it_was_is_no_effect() -> None:
    state = made_state(community=(entry(1),))
    row = dict(state.entries.rows["entry-1"])
    same = replace(state, entries=state.entries.with_rows({"entry-1": row}))
    assert same.entries.other_rows(state.entries) == ["entry-1"]
    assert between(state, same) == ()
