"""A new name that looks like another is refused when given, but never when reading a journal."""

from pathlib import Path
from typing import Any

import pytest

from core.changes import editing, placing, submitting, taken_names, undoing
from core.changes.act import Change
from core.errors import RefusedError
from core.model.entries import Submission
from core.model.state import EMPTY, State
from core.store.store import Store
from tests.core.rules_world import admit, apply, did, fold
from tests.core.store_world import entry, names, publish, submission

ALIKE = [("Modern", "Modem"), ("Гамма-VLM", "гамма-vlm"), ("GPT-4", "GPT—4")]


def published(*model_names: str) -> list[Change]:
    """A journal of the older rule: each name submitted and published."""
    changes = []
    for number, name in enumerate(model_names):
        upload = submission(number, model_name=name)
        row = entry(number, model_name=name, entry_id=upload.submission_id)
        changes += [submitting.submit(upload, "p"), submitting.add(upload.submission_id, row)]
    return changes


def told(state: State, change: Change) -> dict[str, str]:
    with pytest.raises(RefusedError) as raised:
        admit(state, change, {})
    return raised.value.problems


def submit(name: str, **changes: Any) -> Change:
    made: Submission = submission("new", model_name=name, **changes)
    return submitting.submit(made, "p")


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_a_look_alike_is_refused_and_names_the_other(one: str, other: str) -> None:
    state = fold(EMPTY, published(one), {})
    problem = told(state, submit(other))["model_name"]
    assert f"A model named “{one}” is already on the Community board." in problem
    assert taken_names.name_problem(state, other) == problem
    admit(state, submit(other, evaluate_only=True), {})  # reserves no name
    reserved = apply(EMPTY, published(one)[0], {})
    assert f"The name “{one}” is reserved" in told(reserved, submit(other))["model_name"]
    by_hand = placing.add_official(entry("hand", 1, model_name=other), "admin")
    assert set(told(state, by_hand)) == {"model_name"}


@pytest.mark.parametrize("name", ["", " ", "\u200b\u2060"])
def test_a_name_of_blanks_only_is_refused_when_given(name: str) -> None:
    state = fold(EMPTY, published("Modern"), {})
    assert "at least one visible" in (taken_names.name_problem(state, name) or "")


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_in_a_journal_are_kept_and_can_be_used(one: str, other: str) -> None:
    journal = published(one, other)
    state = fold(EMPTY, journal, {})
    first, second = state.community
    assert (first.model_name, second.model_name) == (one, other)
    # The owner of either continues: a new version, a note, hiding, deleting, restoring.
    admit(state, submit(other, replaces=second.entry_id), {})
    state = admit(state, editing.edit("community", second, {"declared.team": "T"}, "owner"), {})
    deleted = placing.delete(second, "owner")
    done = {deleted.id: did(state, deleted)}
    state = admit(state, deleted, {})
    back = undoing.undo(deleted.id, "owner")
    restored = admit(state, back, done=done.get).community
    assert [found.model_name for found in restored] == [one, other]
    # A submission that reserved its name before the rule existed is published under it.
    open_one = fold(EMPTY, journal[:-1], {})
    assert len(admit(open_one, journal[-1], {}).community) == 2


def test_renaming_and_taking_a_renaming_back_ask_too() -> None:
    state = fold(EMPTY, published("Modern", "Other"), {})
    rename = editing.edit("community", state.community[1], {"model_name": "Modem"}, "owner")
    assert "“Modern”" in told(state, rename)["model_name"]
    freed = editing.edit("community", state.community[0], {"model_name": "Former"}, "owner")
    after = admit(state, freed, {})
    back, done = undoing.undo(freed.id, "owner"), {freed.id: did(state, freed)}
    taken = admit(after, rename, {})
    with pytest.raises(RefusedError, match="“Modem”"):
        admit(taken, back, done=done.get)
    assert admit(after, back, done=done.get) == state


def test_similar_names_never_both_reach_the_official_board() -> None:
    state = fold(EMPTY, published("Гамма", "гамма"), {})
    first, second = state.community
    state = admit(state, placing.promote(first, "admin", verified_date="2026-01-02"), {})
    promote = placing.promote(second, "admin", verified_date="2026-01-02")
    assert "“Гамма” is already on the Official board" in told(state, promote)["entry_id"]
    assert len(apply(state, promote, {}).official) == 2  # as a journal may contain


def test_the_store_refuses_what_is_new_and_keeps_what_two_machines_made(tmp_path: Path) -> None:
    here, there = Store(tmp_path / "here"), Store(tmp_path / "there")
    publish(here, "a", model_name="Modern")
    with pytest.raises(RefusedError):
        publish(here, "b", model_name="Modem")
    publish(there, "b", model_name="Modem")
    here.rebase(there.snapshot().journal)
    assert sorted(names(here)) == ["Modem", "Modern"]
    assert here.verify() == []
    publish(here, "c", model_name="Else")
    assert names(Store(tmp_path / "here")) == ["Modern", "Modem", "Else"]
