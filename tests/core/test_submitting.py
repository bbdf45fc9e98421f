"""Every kind of change; a journal folds to the boards that it led to."""

import math
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.changes import auditing, importing, submitting
from core.changes.act import At, Change
from core.changes.acts import act_of, canonical
from core.errors import EntryError, RefusedError
from core.files.ids import is_id, new_id
from core.model.entries import Submission
from core.model.state import EMPTY, State, made_state
from tests.core.rules_world import apply, fold, nothing
from tests.core.store_world import entry, submission


def done(*changes: Change, base: State = EMPTY, personal: Any = None) -> State:
    """The state after changes that are all accepted."""
    state = base
    for change in changes:
        state = apply(state, change, personal or {})
    return state


def submit(number: int | str, **changes: Any) -> Change:
    return submitting.submit(submission(number, **changes), "participant")


def add(number: int | str, **changes: Any) -> Change:
    return submitting.add(f"submission-{number}", entry(number, **changes))


def refused(state: State, change: Change) -> dict[str, str]:
    with pytest.raises(RefusedError) as raised:
        apply(state, change, {})
    return raised.value.problems


def open_state(number: int | str, state: State) -> str:
    return state.submissions[f"submission-{number}"].state


def test_a_submission_is_registered_then_published() -> None:
    state = done(submit(1))
    assert open_state(1, state) == "open"
    state = done(add(1), base=state)
    assert open_state(1, state) == "published"
    assert [found.entry_id for found in state.community] == ["entry-1"]
    assert EMPTY.community == ()


def test_a_name_is_taken_on_either_board_and_while_it_is_reserved() -> None:
    official = made_state(official=(entry("x", model_name="GPT-4o"),))
    for state in (official, done(submit(1, model_name="gpt-4О"))):
        assert set(refused(state, submit(2, model_name="GPT-4o"))) == {"model_name"}
        done(submit(2, model_name="GPT-4o", evaluate_only=True), base=state)
    community = done(submit(1), add(1))
    assert "Community board" in refused(community, submit(2, model_name="MODEL 1"))["model_name"]


def test_an_evaluate_only_submission_reserves_nothing_and_is_never_published() -> None:
    state = done(submit(1, evaluate_only=True), submit(2, model_name="Model 1"))
    assert set(refused(state, add(1))) == {"submission"}
    state = done(submitting.evaluated("submission-1"), base=state)
    assert open_state(1, state) == "evaluated"
    assert set(refused(state, submitting.evaluated("submission-2"))) == {"submission"}


def test_a_released_name_is_free_and_its_submission_cannot_publish() -> None:
    state = done(submit(1), submitting.release("submission-1", "It failed."))
    assert state.submissions["submission-1"].reason == "It failed."
    assert "It failed." in refused(state, add(1))["submission"]
    done(submit(2, model_name="Model 1"), base=state)


def test_a_released_submission_is_reopened_unless_its_name_went() -> None:
    state = done(submit(1), submitting.release("submission-1", "It failed."))
    again = done(submitting.reopen("submission-1", "participant"), add(1), base=state)
    assert open_state(1, again) == "published"
    assert again.submissions["submission-1"].reason is None
    taken = done(submit(2, model_name="Model 1"), base=state)
    problems = refused(taken, submitting.reopen("submission-1", "participant"))
    assert set(problems) == {"model_name"}


def test_what_is_published_is_not_released() -> None:
    state = done(submit(1), add(1))
    assert done(submitting.release("submission-1", "Late."), base=state) is state


def test_a_submission_that_is_there_is_not_given_up_by_a_second_one() -> None:
    state = done(submit(1), add(1))
    at = At("again", "participant", "2026-11-27T00:00:00.000Z", nothing)
    assert submit(1).act.refused(state, at, "The name is taken.") is state


@pytest.mark.parametrize("name", ["", "\u200b", "   "])
def test_a_name_without_a_visible_character_is_refused(name: str) -> None:
    assert "visible" in refused(EMPTY, submit(1, model_name=name))["model_name"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: add(9),
        lambda: submitting.release("submission-9", ""),
        lambda: submitting.reopen("submission-9", "participant"),
        lambda: submitting.evaluated("submission-9"),
    ],
    ids=["add", "release", "reopen", "evaluated"],
)
def test_an_unknown_submission_is_refused(make: Callable[[], Change]) -> None:
    assert "submission-9" in refused(EMPTY, make())["submission"]


def test_an_entry_id_occurs_once() -> None:
    state = done(submit(1), add(1), submit(2))
    assert set(refused(state, add(2, entry_id="entry-1"))) == {"entry_id"}


def test_the_contact_comes_by_reference_and_goes_with_it() -> None:
    changes = [submit(1, contact_ref="ref-to-contact"), add(1, contact="a@example.org")]
    assert "example.org" not in str([msgspec.to_builtins(change) for change in changes])
    found = fold(EMPTY, changes).community[0]
    assert (found.contact, found.contact_ref) == (None, "ref-to-contact")


def test_a_contact_inside_a_change_is_never_taken() -> None:
    change = importing.import_rows([{"model_name": "x", "contact": "a@b"}], [], "import-123456")
    with pytest.raises(EntryError, match="has a contact") as raised:
        apply(EMPTY, change, {})
    assert "a@b" not in str(raised.value)


def test_imported_rows_of_one_name_are_all_kept() -> None:
    rows = [{"model_name": "GPT 4"}, {"model_name": "gpt4"}, {"model_name": "Other"}]
    change = importing.import_rows(rows, rows[:1], "import-123456")
    state = done(change)
    assert len({found.entry_id for found in (*state.community, *state.official)}) == 4
    assert done(change, base=state) == state


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        pytest.param("submit", {}, "missing required field `submission`", id="no submission"),
        pytest.param("submit", {"submission": 7}, "Expected `object`", id="fields"),
        pytest.param("add", {"submission_id": 7, "entry": {}}, "Expected `str`", id="id"),
        pytest.param("import", {"community": "x", "official": []}, "Expected `array`", id="rows"),
        pytest.param("import", {"community": [7], "official": []}, "Expected `object`", id="row"),
    ],
)
def test_a_malformed_act_is_named(kind: str, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(EntryError, match=message):
        act_of({"kind": kind, **fields})


def test_an_act_of_a_newer_program_is_no_act_of_this_one() -> None:
    assert act_of({"kind": "fly"}) is None


def test_a_submission_that_has_not_its_form_is_named() -> None:
    act = act_of({"kind": "submit", "submission": {"records": "x"}})
    assert act is not None
    with pytest.raises(EntryError, match="Submission"):
        apply(EMPTY, Change(id="change-000001", actor="a", time="t", act=act))


@pytest.mark.parametrize("bad", ["../../etc/passwd", "-rf", ".hidden", "", "a b", "x" * 500])
def test_an_id_that_could_be_a_path_or_an_option_is_refused(bad: str) -> None:
    with pytest.raises(EntryError, match="not an identifier"):
        submit(1, submission_id=bad).act.apply(EMPTY, At("x", "a", "t", nothing))
    with pytest.raises(EntryError, match="not an id"):
        canonical(msgspec.structs.replace(submitting.release("submission-1", "r"), id=bad))


def test_new_ids_are_safe_and_differ() -> None:
    made = {new_id() for _ in range(5000)}
    assert len(made) == 5000
    assert all(is_id(found) and found[0].isalnum() for found in made)
    assert min(map(len, made)) >= 22


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, {1, 2}.__iter__(), object()],
    ids=["NaN", "infinity", "iterator", "object"],
)
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    change = auditing.acted("x", "y", "admin", x=value)
    with pytest.raises(EntryError, match="cannot be written as JSON"):
        canonical(change)


def test_nesting_without_end_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(200_000):
        deep = [deep]
    change = auditing.acted("x", "y", "admin", x=deep)
    with pytest.raises(EntryError, match="cannot be written as JSON"):
        canonical(change)


def test_half_characters_become_the_replacement_sign() -> None:
    change = canonical(submit(1, model_name="x\ud83d\ude00\udfff"))
    assert isinstance(change.act, submitting.Submit)
    assert change.act.submission["model_name"] == "x\ufffd\ufffd\ufffd"


# Random histories: few names and submissions, so that they collide.

NUMBERS = st.integers(0, 3)
IDS = st.integers(0, 30).map("change-{}".format)


@st.composite
def histories(draw: st.DrawFn) -> list[Change]:
    """Changes of all kinds, repeated ones (same id, also with other content) and refused ones."""
    changes = []
    for _ in range(draw(st.integers(0, 25))):
        number, name = draw(NUMBERS), f"Model {draw(NUMBERS)}"
        upload = submission(number, model_name=name, evaluate_only=draw(st.booleans()))
        upload_id = upload.submission_id
        row = entry(number, draw(NUMBERS) / 3, model_name=name)
        rows = [{"model_name": name, "cvs_acc": 0.5, "old": [1, None]}]
        change = draw(
            st.sampled_from(
                (
                    submitting.submit(upload, "p"),
                    submitting.add(upload_id, row),
                    submitting.release(upload_id, "r"),
                    submitting.reopen(upload_id, "p"),
                    submitting.evaluated(upload_id),
                    importing.import_rows(rows, [], "import-x"),
                )
            )
        )
        changes.append(canonical(msgspec.structs.replace(change, id=draw(IDS))))
    return changes


@given(histories())
def test_a_journal_folds_to_the_boards_it_made(history: list[Change]) -> None:
    state, journal, seen = EMPTY, [], set()
    for change in history:
        if change.id in seen:
            continue
        try:
            state = apply(state, change, {})
        except RefusedError:
            continue
        seen.add(change.id)
        journal.append(change)
    assert fold(EMPTY, journal, {}) == state
    assert fold(EMPTY, [*journal, *journal], {}) == state


@given(histories())
def test_applying_twice_is_the_same_as_once(history: list[Change]) -> None:
    state = EMPTY
    for change in history:
        try:
            state = apply(state, change, {})
        except RefusedError:
            continue
        assert apply(state, change, {}) == state


@given(histories())
def test_no_two_names_on_the_community_board_are_alike(history: list[Change]) -> None:
    history = [change for change in history if change.kind != "import"]
    state = fold(EMPTY, history, {})
    reserved = [s for s in state.submissions.values() if s.state == "open" and not s.evaluate_only]
    keys = [found.key for found in state.community]
    keys += [entry(0, model_name=found.model_name).key for found in reserved]
    assert len(keys) == len(set(keys))
    published = [s for s in state.submissions.values() if s.state == "published"]
    assert len(published) == len(state.community)
    assert all(isinstance(found, Submission) for found in published)
