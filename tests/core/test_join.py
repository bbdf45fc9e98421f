"""How a join of two journals treats conflicting changes (Store.rebase)."""

import json
from pathlib import Path

import msgspec
import pytest

from core.changes import editing, forgetting, judging, placing, submitting, undoing
from core.changes.act import Change
from core.errors import RefusedError
from core.store.lines import Draft, encode
from core.store.store import Store
from core.usecases.audit import records
from tests.core.store_world import entry, publish, submission


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


def join(ours: Store, theirs: Store) -> None:
    """Our journal after theirs, as in a mirror."""
    ours.rebase(theirs.snapshot().journal)
    assert ours.verify() == []
    assert ours.lines()[: len(theirs.lines())] == theirs.lines()


def only(store: Store, change: Change) -> str:
    """The reason why a change was refused; "" if it was done."""
    (line,) = [line for line in store.lines() if line.id == change.id]
    return line.refused


def test_lines_keep_id_time_and_writer_and_have_the_effects_of_where_they_stand(
    machines: tuple[Store, Store],
) -> None:
    ours, theirs = machines
    found = ours.read().entries["entry-0000"]
    mine = editing.edit("community", found, {"declared.team": "Ours"}, "owner")
    ours.commit(mine)
    before = ours.lines()[-1]
    theirs.commit(editing.edit("community", found, {"declared.authors": "Theirs"}, "owner"))
    theirs.commit(placing.promote(found, "admin", verified_date="2026-01-01"))
    join(ours, theirs)
    after = ours.lines()[-1]
    assert (after.id, after.time, after.writer, after.act) == (
        before.id, before.time, before.writer, before.act,
    )  # fmt: skip
    # The edit names the Community board, which the entry has left.
    assert "no entry" in after.refused and after.effects == ()
    entry_now = ours.read().entries["entry-0000"]
    assert (entry_now.declared.authors, entry_now.declared.team) == ("Theirs", None)
    assert records(ours)[0].refused == after.refused
    assert not records(ours)[0].effect


def test_a_refused_change_counts_as_not_done_and_may_be_made_again(
    machines: tuple[Store, Store],
) -> None:
    ours, theirs = machines
    made = submission("new", model_name="Taken")
    ours.commit(submitting.submit(made, "participant"))
    add = submitting.add(made.submission_id, entry("new", model_name="Taken"))
    theirs.commit(submitting.submit(submission("x", model_name="Taken"), "participant"))
    join(ours, theirs)
    assert ours.read().submissions[made.submission_id].state == "released"
    theirs.commit(submitting.release("submission-x", "Failed."))
    join(ours, theirs)
    ours.commit(submitting.reopen(made.submission_id, "participant"))
    assert ours.commit(add).find("entry-new") is not None
    assert ours.verify() == []


def test_purging_and_erasing_are_never_refused(machines: tuple[Store, Store]) -> None:
    ours, theirs = machines
    found = ours.read().entries["entry-0001"]
    for store in machines:
        store.commit(submitting.submit(submission("gone", contact_ref="ref-gone-1"), "p"))
        store.commit(submitting.release("submission-gone", "Failed."))
    delete = placing.delete(found, "admin")
    ours.commit(delete)
    theirs.rebase(ours.snapshot().journal)
    purge = forgetting.purge("entry-0001", ["entry-0001", "ref-entry-1"], "admin")
    erase = forgetting.erase("submission-gone", ["submission-gone", "ref-gone-1"], "admin")
    ours.commit(purge)
    ours.commit(erase)
    theirs.commit(undoing.undo(delete.id, "admin"))
    theirs.commit(submitting.reopen("submission-gone", "p"))
    assert theirs.read().find("entry-0001") is not None
    join(ours, theirs)
    state = ours.read()
    assert (only(ours, purge), only(ours, erase)) == ("", "")
    assert "entry-0001" not in state.entries
    assert (
        state.submissions["entry-0001"].state
        == state.submissions["submission-gone"].state
        == "purged"
    )
    assert {"ref-entry-1", "ref-gone-1"} <= state.purged
    text = ours.snapshot().journal.splitlines()[-1]
    assert b"Model gone" not in json.dumps(json.loads(text)["effects"]).encode()


def test_a_purge_forgets_what_another_machine_added_to_its_entry_in_between(
    machines: tuple[Store, Store],
) -> None:
    ours, theirs = machines
    ours.commit(placing.delete(ours.read().entries["entry-0001"], "admin"))
    ours.commit(forgetting.purge("entry-0001", ["entry-0001"], "admin"))
    sent = submission(
        "v2", model_name="Model 1", replaces="entry-0001", contact_ref="ref-of-version-2"
    )
    theirs.commit(submitting.submit(sent, "participant"))
    theirs.commit(submitting.add("submission-v2", entry("v2", model_name="Model 1")))
    join(ours, theirs)
    state = ours.read()
    assert "entry-0001" not in state.entries
    assert state.submissions["submission-v2"].state == "purged"
    assert {"entry-0001", "submission-v2", "ref-of-version-2"} <= state.purged


def test_an_erasure_forgets_the_entry_that_another_machine_created_in_between(
    machines: tuple[Store, Store],
) -> None:
    ours, theirs = machines
    ours.commit(submitting.submit(submission("gone", contact_ref="ref-gone-1"), "p"))
    ours.commit(submitting.release("submission-gone", "Failed."))
    theirs.rebase(ours.snapshot().journal)
    ours.commit(forgetting.erase("submission-gone", ["submission-gone", "ref-gone-1"], "admin"))
    theirs.commit(submitting.reopen("submission-gone", "p"))
    made = entry("gone", entry_id="submission-gone", contact_ref="ref-gone-1")
    theirs.commit(submitting.add("submission-gone", made))
    join(ours, theirs)
    state = ours.read()
    assert "submission-gone" not in state.entries
    assert state.submissions["submission-gone"].state == "purged"
    assert "Model gone" not in json.dumps([e.after for e in ours.lines()[-1].effects])


@pytest.mark.parametrize("way", ["undo", "restore"])
def test_an_entry_whose_new_version_is_being_evaluated_comes_back_with_its_name(
    machines: tuple[Store, Store], way: str
) -> None:
    ours, _theirs = machines
    delete = placing.delete(ours.read().entries["entry-0001"], "admin")
    sent = submission("v2", model_name="Model 1", replaces="entry-0001")
    ours.commit(submitting.submit(sent, "participant"))
    ours.commit(delete)
    back = undoing.undo(delete.id, "admin") if way == "undo" else placing.restore("entry-0001", "a")
    assert ours.commit(back).find("entry-0001") is not None
    with pytest.raises(RefusedError, match="is reserved"):  # one version of an entry at a time
        again = submission("v3", model_name="Model 1", replaces="entry-0001")
        ours.commit(submitting.submit(again, "participant"))


def test_of_two_judge_leases_the_first_in_the_repo_counts(machines: tuple[Store, Store]) -> None:
    ours, theirs = machines
    mine = judging.open_run("entry-0002", "run-of-ours", "participant")
    ours.commit(mine)
    theirs.commit(judging.open_run("entry-0002", "run-of-theirs", "participant"))
    join(ours, theirs)
    lease = ours.read().submissions["entry-0002"].judging
    assert lease is not None and lease.run_id == "run-of-theirs"
    assert only(ours, mine) == judging.IN_PROGRESS


def test_an_undo_whose_change_was_refused_is_refused_too(machines: tuple[Store, Store]) -> None:
    ours, theirs = machines
    found = ours.read().entries["entry-0000"]
    edit = editing.edit("community", found, {"organization": "Ours"}, "admin")
    ours.commit(edit)
    undo = undoing.undo(edit.id, "admin")
    ours.commit(undo)
    theirs.commit(editing.edit("community", found, {"organization": "Theirs"}, "admin"))
    join(ours, theirs)
    assert "has been changed" in only(ours, edit)
    assert "no such change" in only(ours, undo)
    assert ours.read().entries["entry-0000"].organization == "Theirs"


def test_an_act_of_a_newer_program_is_read_by_its_effects_and_not_undone(
    machines: tuple[Store, Store], tmp_path: Path
) -> None:
    ours, theirs = machines
    # As a newer program would write it: an unknown kind, field and metric.
    line = ours.lines()[-1]
    effect = msgspec.convert(
        ["entries", "entry-0002", {"organization": "Somewhere"},
         {"organization": "Elsewhere", "metrics.new_acc": 0.5, "colour": "red"}],
        type(line.effects[0]),
    )  # fmt: skip
    draft = Draft(
        "change-newer-1",
        "admin",
        line.time,
        {"kind": "paint"},
        (effect,),
        ("entry-0002", "Model 2"),
    )
    journal = tmp_path / "ours" / "journal.jsonl"
    tails = line.hash
    with journal.open("ab") as file:
        file.write(encode(draft, line.writer, tails))
    assert ours.verify() == [] or ours.recover() is None
    ours.recover()
    assert ours.verify() == []
    assert ours.read().entries["entry-0002"].organization == "Elsewhere"
    told = records(ours)[0]
    assert (told.kind, told.subject, told.undoable) == ("paint", "Model 2", False)
    assert "newer version" in told.why_not
    with pytest.raises(RefusedError, match="newer version"):
        ours.commit(undoing.undo("change-newer-1", "admin"))
    # Its row keeps unknown fields when other fields change.
    found = ours.read().entries["entry-0002"]
    ours.commit(editing.edit("community", found, {"declared.team": "T"}, "admin"))
    row = ours.read().entries.rows["entry-0002"]
    assert (row["colour"], row["metrics.new_acc"], row["declared.team"]) == ("red", 0.5, "T")
    publish(theirs, "more")
    join(ours, theirs)
    assert ours.read().entries["entry-0002"].organization == "Elsewhere"


def test_an_unknown_act_whose_place_was_changed_first_is_refused(
    machines: tuple[Store, Store], tmp_path: Path
) -> None:
    ours, theirs = machines
    line = ours.lines()[-1]
    effect = msgspec.convert(
        ["entries", "entry-0002", {"organization": "Somewhere"}, {"organization": "Elsewhere"}],
        type(line.effects[0]),
    )
    draft = Draft("change-newer-1", "admin", line.time, {"kind": "paint"}, (effect,))
    with (tmp_path / "ours" / "journal.jsonl").open("ab") as file:
        file.write(encode(draft, line.writer, line.hash))
    ours.recover()
    found = theirs.read().entries["entry-0002"]
    theirs.commit(editing.edit("community", found, {"organization": "First"}, "admin"))
    join(ours, theirs)
    assert ours.read().entries["entry-0002"].organization == "First"
    assert "does not know the rule" in ours.lines()[-1].refused
