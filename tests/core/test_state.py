"""Finding an entry of a state by its id or by its upload, wherever it stands."""

from store_world import entry

from core.changes import admin_operations as acts
from core.changes.operations import apply
from core.model.state import State


def test_an_entry_is_found_by_its_id_on_either_board_hidden_or_not() -> None:
    state = State(community=(entry(1), entry(2, hidden=True)), official=(entry(3),))
    assert state.find("entry-1") == ("community", entry(1))
    assert state.find("entry-2") == ("community", entry(2, hidden=True))
    assert state.find("entry-3") == ("official", entry(3))
    assert state.find("entry-4") is None


def test_an_entry_is_found_by_the_upload_of_its_present_scores() -> None:
    replaced = entry(1, submission_id="submission-9")
    state = State(community=(replaced,), official=(entry(3),))
    assert state.by_upload("submission-9") == ("community", replaced)
    assert state.by_upload("entry-1") is None
    assert state.by_upload("entry-3") == ("official", entry(3))  # it is named by its upload


def test_a_deleted_entry_is_found_in_the_trash_alone() -> None:
    state = apply(State(community=(entry(1),)), acts.delete(entry(1), "admin"), {})
    assert state.find("entry-1") is None
    assert state.by_upload("entry-1") is None
    gone = state.find_trashed("entry-1")
    assert gone is not None
    assert gone.entry.entry_id == "entry-1"
    assert state.find_trashed("entry-2") is None
    assert state.trashed_by_upload("entry-1") == gone
    assert state.trashed_by_upload("entry-2") is None
