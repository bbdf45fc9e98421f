"""How this program treats lines and rows written by a newer one."""

from pathlib import Path
from typing import Any

import pytest

from core.changes import editing, submitting
from core.changes.effects import Effect
from core.store.lines import Draft, encode
from core.store.store import Store
from tests.core.store_world import entry, publish, submission

ID = "entry-0001"


@pytest.fixture
def machines(tmp_path: Path) -> tuple[Store, Store]:
    """Two data folders with the same journal: three published models."""
    ours, theirs = Store(tmp_path / "ours"), Store(tmp_path / "theirs")
    for number in range(3):
        made = submission(number, submission_id=f"entry-000{number}")
        ours.commit(submitting.submit(made, "participant"))
        ours.commit(submitting.add(made.submission_id, entry(number, entry_id=made.submission_id)))
    theirs.rebase(ours.snapshot().journal)
    return ours, theirs


def write(tmp_path: Path, act: dict[str, Any], *effects: Effect, number: int = 1) -> Store:
    """Our store, with a line in its journal written by a newer program."""
    store = Store(tmp_path / "ours")
    line = store.lines()[-1]
    draft = Draft(f"change-newer-{number}", "admin", line.time, act, effects)
    with (tmp_path / "ours" / "journal.jsonl").open("ab") as file:
        file.write(encode(draft, line.writer, line.hash))
    store.recover()
    return store


UNREADABLE = [
    ("entries", {"metrics.cvs_acc": "high"}),
    ("entries", {"model_name": 5}),
    ("entries", {"arrived": 5}),
    ("entries", {"board": "third"}),
    ("entries", {"deleted": "yes"}),
    ("entries", {"hidden": "yes"}),
    ("entries", {"coverage": 7, "strict": [], "judge": {"run_id": 1}}),
    ("submissions", {"state": "waiting"}),
    ("submissions", {"created": 5, "model_name": None}),
    ("submissions", {"declared.team": 5}),
    ("settings", {"quota_per_day": "many"}),
    ("reports", {"report_id": "r", "entry_id": 5, "created": "x", "reason": "y"}),
]


@pytest.mark.parametrize(("table", "fields"), UNREADABLE, ids=str)
def test_a_value_that_cannot_be_read_leaves_the_board_standing(
    machines: tuple[Store, Store], tmp_path: Path, table: str, fields: dict[str, Any]
) -> None:
    key = ID if table in ("entries", "submissions") else "policy"
    there = getattr(machines[0].read(), "settings" if table == "reports" else table).rows
    old = {n: there[key][n] for n in fields if n in there[key]} if key in there else None
    store = write(tmp_path, {"kind": "paint"}, Effect(table, key, old, fields))
    publish(store, "next")
    (problem,) = store.verify()
    assert "journal.jsonl" in problem and key in problem
    state = store.read()
    names = [one.model_name for one in state.community]
    assert {"Model 0", "Model 2", "Model next"} <= set(names)
    assert state.trash == () and state.policy.quota_per_day == 3 and len(state.reports) <= 1
    assert len(list(state.entries.values())) == len(list(state.submissions.values())) == 4
    for name, value in fields.items():
        if name.startswith("metrics."):
            assert state.entries[ID].metrics[name.removeprefix("metrics.")] is None
            store.commit(editing.edit("community", state.entries[ID], {"organization": "O"}, "a"))
            assert store.read().entries.rows[ID][name] == value  # kept for the newer program


@pytest.mark.parametrize("field", ["history.x", "history", "metrics", "judge_history"])
def test_a_field_whose_name_only_looks_like_a_known_one_is_not_read(
    machines: tuple[Store, Store], tmp_path: Path, field: str
) -> None:
    store = write(tmp_path, {"kind": "paint"}, Effect("entries", ID, {}, {field: {"a": 1}}))
    assert store.read().entries[ID] == machines[1].read().entries[ID]
    assert store.verify() == []


def joined(store: Store, theirs: Store) -> list[str]:
    """The refusals of our own lines, after theirs were put before them."""
    publish(theirs, "more")
    store.rebase(theirs.snapshot().journal)
    assert [problem for problem in store.verify() if "cannot" in problem] == []
    return [line.refused for line in store.lines() if line.id.startswith("change-newer")]


def test_what_it_forgot_stays_forgotten_at_a_join(
    machines: tuple[Store, Store], tmp_path: Path
) -> None:
    row = dict(machines[0].read().submissions.rows[ID])
    store = write(
        tmp_path,
        {"kind": "burn"},
        Effect("entries", ID, None, None),
        Effect("submissions", ID, None, None),
        Effect("submissions", ID, None, {**row, "model_name": ""}),
    )
    assert joined(store, machines[1]) == [""]
    assert ID not in store.read().entries and store.read().submissions[ID].model_name == ""


@pytest.mark.parametrize(
    ("act", "effect"),
    [
        (
            {"kind": "edit", "board": "community", "entry_id": ID, "old": {"tint": 1},
             "new": {"tint": 2}},
            Effect("entries", ID, {}, {"tint": 2}),
        ),
        ({"kind": "hide", "board": 7}, Effect("entries", ID, {}, {"hidden": True})),
        (
            {"kind": "submit", "submission": {"submission_id": "submission-9", "state": "odd"}},
            Effect("submissions", "submission-9", None,
                   {"submission_id": "submission-9", "created": "x", "state": "odd"}),
        ),
        ({"kind": ["odd"]}, Effect("entries", ID, {}, {"tint": 2})),
        ({"kind": "shine"}, Effect("stars", "star-1", {"size": 1}, {"size": 2})),
    ],
    ids=["another field", "another type", "another submission", "no kind", "another table"],
)  # fmt: skip
def test_what_it_did_by_a_rule_that_is_not_known_here_is_kept_by_its_effects(
    machines: tuple[Store, Store], tmp_path: Path, act: dict[str, Any], effect: Effect
) -> None:
    store = write(tmp_path, act, effect)
    assert joined(store, machines[1]) == [""]
    (line,) = [line for line in store.lines() if line.id == "change-newer-1"]
    assert (line.act, line.effects) == (act, (effect,))


def test_what_was_refused_at_a_join_stays_refused_at_the_next(
    machines: tuple[Store, Store], tmp_path: Path
) -> None:
    store = write(
        tmp_path, {"kind": "paint"}, Effect("entries", ID, {"organization": "Somewhere"}, {})
    )
    found = machines[1].read().entries[ID]
    machines[1].commit(editing.edit("community", found, {"organization": "First"}, "admin"))
    (refused,) = joined(store, machines[1])
    assert "does not know the rule" in refused
    publish(machines[1], "again")
    assert joined(store, machines[1]) == [refused]
