"""Finding an entry of a state by its id or upload, on either board or in the trash."""

from core.changes import placing
from core.model.state import made_state
from tests.core.rules_world import apply
from tests.core.store_world import entry


def test_an_entry_is_found_by_its_id_on_either_board_hidden_or_not() -> None:
    state = made_state(community=(entry(1), entry(2, hidden=True)), official=(entry(3),))
    for number, board in ((1, "community"), (2, "community"), (3, "official")):
        found = state.find(f"entry-{number}")
        assert found is not None
        assert (found[0], found[1].entry_id) == (board, f"entry-{number}")
    assert state.find("entry-4") is None


def test_an_entry_is_found_by_the_upload_of_its_present_scores() -> None:
    replaced = entry(1, submission_id="submission-9")
    state = made_state(community=(replaced,), official=(entry(3),))
    assert state.by_upload("submission-9") == state.find("entry-1") != None  # noqa: E711
    assert state.by_upload("entry-1") is None
    assert state.by_upload("entry-3") == state.find("entry-3")  # its id is that of its upload


def test_a_deleted_entry_is_found_in_the_trash_alone() -> None:
    state = apply(made_state(community=(entry(1),)), placing.delete(entry(1), "admin"), {})
    assert state.find("entry-1") is None
    assert state.by_upload("entry-1") is None
    gone = state.find_trashed("entry-1")
    assert gone is not None
    assert gone.entry.entry_id == "entry-1"
    assert state.find_trashed("entry-2") is None
    assert state.trashed_by_upload("entry-1") == gone
    assert state.trashed_by_upload("entry-2") is None
