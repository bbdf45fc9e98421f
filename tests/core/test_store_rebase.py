"""Another machine's journal put before ours: whole at every moment, each line still chained."""

import itertools
from pathlib import Path

import pytest
from store_world import BOARD_FILES, files, names, publish, submission

from core.changes import operations
from core.errors import StoreError
from core.store import journal
from core.store.store import Store

PARTS = [chosen for size in range(4) for chosen in itertools.combinations(BOARD_FILES[:3], size)]


def two(tmp_path: Path) -> tuple[Store, bytes]:
    """A store with one entry, and the journal of another machine with another."""
    other = Store(tmp_path / "other")
    publish(other, "theirs")
    store = Store(tmp_path / "one")
    publish(store, "ours")
    return store, other.snapshot().journal


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
    """head.json is gone meanwhile; the journal is the old or the new one, boards of either."""
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


def test_who_wrote_an_operation_is_known(tmp_path: Path) -> None:
    store, remote = two(tmp_path)
    store.rebase(remote)
    store.commit(operations.submit(submission("next"), "participant"))
    assert store.wrote("submit-submission-ours")
    assert store.wrote("submit-submission-next")
    assert not store.wrote("submit-submission-theirs")
    assert not store.wrote("submit-unknown")
