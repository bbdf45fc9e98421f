"""Rules of changes: what a refusal says, and what rows and joins keep, each by one example."""

import pytest

from core.changes import judging, keeping, keys, placing, submitting
from core.changes.act import At, Change
from core.changes.editing import Edit
from core.changes.forgetting import erase, purge
from core.changes.old_rows import read_row
from core.changes.placing import AddOfficial
from core.changes.quota import limits_text
from core.changes.undoing import undo
from core.errors import ChangedError, EntryError, RefusedError
from core.model.policy import Policy
from core.model.state import EMPTY, State
from tests.core.rules_world import apply, did, fold
from tests.core.store_world import entry, submission
from tests.core.test_rules_by_hand import published, version


def problems(state: State, change: Change) -> dict[str, str]:
    """Why a change is refused, by field."""
    with pytest.raises(RefusedError) as refused:
        apply(state, change)
    return dict(refused.value.problems)


def test_a_refusal_says_what_to_do() -> None:
    state = published()
    (found,) = state.community
    assert problems(state, purge(found.entry_id, [], "admin")) == {
        "entry_id": "Only an entry in the trash can be purged. Delete it first."
    }
    assert problems(state, judging.looked_at(found.entry_id, "run", "admin")) == {
        "judge": "These captions are out of date. Reload the page and check again."
    }
    with pytest.raises(ChangedError) as changed:
        apply(state, keeping.keep_old(found, "owner", "submission-9"))
    assert changed.value.problems == {
        "version": "The entry has another version now. Reload the page."
    }


def test_the_limits_in_words() -> None:
    assert limits_text(Policy(quota_per_day=3, quota_per_month=20)) == (
        "3 in 24 hours and 20 in 30 days"
    )
    assert limits_text(Policy(quota_per_day=0, quota_per_month=0)) == "without limit"


def test_old_and_new_values_of_an_edit_must_be_of_the_same_fields() -> None:
    state = published()
    (found,) = state.community
    for old, new, got in (
        ({"organization": "Lab"}, {}, "got others."),
        ({"arrived": "x"}, {"arrived": "y"}, "got arrived."),
    ):
        act = Edit(board="community", entry_id=found.entry_id, old=old, new=new)
        with pytest.raises(EntryError, match="old and new must name the same fields") as wrong:
            act.apply(state, At("change-000001", "a", "2026-01-01", lambda _id: None))
        assert str(wrong.value).endswith(got)


def test_a_field_of_another_type_is_left_out_of_a_row_and_said() -> None:
    found = read_row({"model_name": "M", "date": 20260101, "organization": "Lab"}, "official")
    assert found.entry is not None
    assert (found.entry.organization, found.entry.date) == ("Lab", None)
    assert found.problems == {"date": "Expected `str | null`, got `int`; it was left out."}


def test_an_entry_arrives_when_it_is_added_and_an_unreadable_one_is_named() -> None:
    change = placing.add_official(entry("o", None, model_name="Other"), "admin")
    (found,) = apply(EMPTY, change).official
    assert found.arrived == f"{change.time} {found.entry_id}"
    at = At("change-000001", "a", "2026-01-01", lambda _id: None)
    with pytest.raises(EntryError, match="entry-o"):
        AddOfficial(entry={"entry_id": "entry-o", "model_name": 7}).apply(EMPTY, at)
    state = apply(EMPTY, submitting.submit(submission(1), "p"))
    add = submitting.Add(submission_id="submission-1", entry={"entry_id": "x-1", "model_name": 7})
    with pytest.raises(EntryError, match="x-1"):
        add.apply(state, at)


def test_a_purged_submission_is_not_published() -> None:
    state = apply(EMPTY, submitting.submit(submission(1), "p"))
    state = apply(state, submitting.release("submission-1", "It failed."))
    state = apply(state, erase("submission-1", [], "admin"))
    assert apply(state, submitting.add("submission-1", entry(1, entry_id="submission-1"))) == state


def test_an_undone_key_is_no_longer_that_of_versions_submitted_with_it() -> None:
    state = published()
    before = state.submissions["submission-1"].key_hash
    (found,) = state.community
    new = keys.new_key(found.entry_id, "b" * 64, "admin")
    done = did(state, new)
    state = apply(state, new)
    state = apply(state, submitting.submit(version("2", key_hash="b" * 64), "p"))
    state = apply(state, undo(new.id, "admin"), done=lambda _id: done)
    assert {one.key_hash for one in state.submissions.values()} == {before}
    assert not state.submissions["submission-2"].key_only


def test_who_submitted_a_purged_entry_meanwhile_is_forgotten_too() -> None:
    state = published(contact_ref="contact-of-the-entry")
    (found,) = state.community
    state = fold(state, [purge(found.entry_id, ["named"], "admin")], joining=True)
    assert set(state.purged) == {"named", "contact-of-the-entry", "submission-1"}


def test_a_submission_refused_at_a_join_says_that_another_machine_was_first() -> None:
    other = submission(2, model_name="Model 1")
    state = fold(published(), [submitting.submit(other, "p")], joining=True)
    kept = state.submissions[other.submission_id]
    assert kept.state == "released"
    assert str(kept.reason).startswith("Another machine was first. A model named “Model 1” ")
