"""Another machine's journal put before ours: complete at every moment, lines still chained."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from core.changes import editing, placing, submitting, undoing
from core.changes.act import Change
from core.errors import RefusedError, StoreError
from core.model.entries import Entry
from core.store import journal
from core.store.store import Store
from tests.core.store_world import BOARD_FILES, entry, files, names, publish, submission

PARTS = [chosen for size in range(4) for chosen in itertools.combinations(BOARD_FILES[:3], size)]


def two(tmp_path: Path) -> tuple[Store, bytes]:
    """A store with one entry, and the journal of another machine with another."""
    other = Store(tmp_path / "other")
    publish(other, "theirs")
    store = Store(tmp_path / "one")
    publish(store, "ours")
    return store, other.snapshot().journal


def machines(tmp_path: Path, *numbers: int) -> tuple[Store, Store]:
    """Two stores with the same journal: that of these published models."""
    ours, theirs = Store(tmp_path / "ours"), Store(tmp_path / "theirs")
    for number in numbers:
        publish(ours, number)
    theirs.rebase(ours.snapshot().journal)
    return ours, theirs


def found(store: Store, number: int | str) -> Entry:
    return next(e for e in store.read().community if e.entry_id == f"entry-{number}")


def undo(store: Store, change: Change) -> None:
    store.commit(undoing.undo(change.id, "admin"))


def test_theirs_come_first_and_nothing_comes_twice(tmp_path: Path) -> None:
    store, remote = two(tmp_path)
    store.rebase(remote)
    merged = store.snapshot().journal
    store.rebase(remote)
    store.rebase(merged)
    assert store.snapshot().journal == merged
    assert merged.startswith(remote)
    assert journal.problems(merged) == []
    assert names(store) == names(Store(tmp_path / "one")) == ["Model theirs", "Model ours"]
    assert store.verify() == []
    publish(store, "later")
    assert store.verify() == []


@pytest.mark.parametrize("replaced", PARTS, ids=lambda chosen: "+".join(chosen) or "none")
@pytest.mark.parametrize("journalled", [False, True])
def test_killed_anywhere_in_between(
    tmp_path: Path, replaced: tuple[str, ...], journalled: bool
) -> None:
    """head.json is missing in the meantime; the journal is the old or the new one."""
    store, remote = two(tmp_path)
    root = tmp_path / "one"
    before = files(root)
    store.rebase(remote)
    for name in BOARD_FILES[:3]:
        if not (journalled and name in replaced):
            (root / name).write_bytes(before[name])
    if not journalled:
        (root / "journal.jsonl").write_bytes(before["journal.jsonl"])
    (root / "head.json").unlink()
    expected = ["Model theirs", "Model ours"] if journalled else ["Model ours"]
    assert names(Store(root)) == expected
    Store(root).recover()
    assert names(Store(root)) == expected
    assert Store(root).verify() == []
    again = Store(root)
    again.rebase(remote)
    assert names(again) == ["Model theirs", "Model ours"]


def test_a_reader_that_follows_sees_the_new_order(tmp_path: Path) -> None:
    store, remote = two(tmp_path)
    reader = Store(tmp_path / "one")
    assert names(reader) == ["Model ours"]
    revision = reader.revision()
    store.rebase(remote)
    assert reader.revision() != revision
    assert names(reader) == ["Model theirs", "Model ours"]


@pytest.mark.parametrize("damage", [b"?\n", b'{"half', b"[]\n"])
def test_a_journal_that_is_none_changes_nothing(tmp_path: Path, damage: bytes) -> None:
    store, remote = two(tmp_path)
    before = files(tmp_path / "one")
    with pytest.raises(StoreError):
        store.rebase(remote + damage + remote)
    assert files(tmp_path / "one") == before


def test_who_wrote_a_change_is_known(tmp_path: Path) -> None:
    store, remote = two(tmp_path)
    store.rebase(remote)
    store.commit(submitting.submit(submission("next"), "participant"))
    assert store.wrote("submit-submission-ours")
    assert store.wrote("submit-submission-next")
    assert not store.wrote("submit-submission-theirs")
    assert not store.wrote("submit-unknown")


@pytest.mark.parametrize(
    "change",
    [
        lambda store: placing.delete(found(store, 1), "admin"),
        lambda store: editing.edit(
            "community", found(store, 2), {"organization": "Elsewhere"}, "admin"
        ),
    ],
    ids=["an earlier entry is deleted", "the entry is edited"],
)
def test_a_deletion_that_was_undone_stays_undone(
    tmp_path: Path, change: Callable[[Store], Change]
) -> None:
    """Regardless of another machine's changes: in the trash it would be purged after 30 days."""
    ours, theirs = machines(tmp_path, 1, 2, 3)
    expected = theirs.commit(change(theirs)).community
    deletion = placing.delete(found(ours, 2), "admin")
    ours.commit(deletion)
    undo(ours, deletion)
    assert names(ours) == ["Model 1", "Model 2", "Model 3"]
    state = ours.rebase(theirs.snapshot().journal)
    assert state.community == Store(tmp_path / "ours").read().community == expected
    assert "entry-2" not in {gone.entry.entry_id for gone in state.trash}
    assert ours.verify() == []


@pytest.mark.parametrize("cancelled", [True, False], ids=["cancelled there", "name taken there"])
def test_what_was_refused_at_a_join_can_be_run_again(tmp_path: Path, cancelled: bool) -> None:
    ours, theirs = machines(tmp_path)
    add = submitting.add("submission-2", entry(2))
    ours.commit(submitting.submit(submission(2), "participant"))
    if cancelled:
        theirs.rebase(ours.snapshot().journal)
        theirs.commit(submitting.release("submission-2", "Cancelled."))
    else:
        publish(theirs, "rival", model_name="Model 2")
    ours.commit(add)
    state = ours.rebase(theirs.snapshot().journal)
    assert "entry-2" not in {there.entry_id for there in state.community}
    with pytest.raises(RefusedError):
        ours.commit(add)

    if not cancelled:
        rival, new = found(ours, "rival"), {"model_name": "Model rival"}
        ours.commit(editing.edit("community", rival, new, "admin"))
    ours.commit(submitting.reopen("submission-2", "participant"))
    state = ours.commit(add)
    assert state.submissions["submission-2"].state == "published"
    assert found(ours, 2).model_name == "Model 2"
    before = files(tmp_path / "ours")
    ours.commit(add)
    assert files(tmp_path / "ours") == before

    publish(theirs, "other")
    ours.rebase(theirs.snapshot().journal)
    theirs.rebase(ours.snapshot().journal)
    assert found(theirs, 2) == found(ours, 2)
    assert theirs.read() == ours.read() == Store(tmp_path / "ours").read()
    assert ours.verify() == []
