"""Recovery of the store after a crash, a power cut or a manual change."""

import errno
import fcntl
import itertools
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from core.changes import forgetting, submitting
from core.errors import StoreError
from core.files import atomic
from core.store import lock
from core.store.personal import PersonalFiles
from core.store.store import Store
from tests.core.store_world import (
    BOARD_FILES,
    entry,
    files,
    leftovers,
    names,
    publish,
    submission,
)

pytestmark = pytest.mark.slow

GoOn = Callable[[Path], None]


def recover(root: Path) -> None:
    Store(root).recover()


def commit(root: Path) -> None:
    Store(root).commit(submitting.submit(submission("next"), "participant"))


go_on = pytest.mark.parametrize("go_on", [recover, commit])


def kept(root: Path) -> list[Path]:
    folder = root / "private" / "kept"
    return sorted(folder.iterdir()) if folder.exists() else []


PARTS = [chosen for size in range(4) for chosen in itertools.combinations(BOARD_FILES[:3], size)]


def journal_and(replaced: tuple[str, ...], root: Path) -> None:
    """A change that is in the journal, but of whose files only those in `replaced` were written."""
    store = Store(root)
    publish(store, 1)
    store.commit(submitting.submit(submission(2), "participant"))
    before = files(root)
    store.commit(submitting.add("submission-2", entry(2)))
    for name in BOARD_FILES:
        if name not in replaced:
            (root / name).write_bytes(before[name])


parts = pytest.mark.parametrize("replaced", PARTS, ids=lambda chosen: "+".join(chosen) or "none")


@go_on
@parts
def test_killed_between_the_journal_and_any_of_the_files(
    tmp_path: Path, replaced: tuple[str, ...], go_on: GoOn
) -> None:
    journal_and(replaced, tmp_path)
    go_on(tmp_path)
    found = Store(tmp_path)
    assert names(found) == ["Model 1", "Model 2"]
    assert found.verify() == []
    assert kept(tmp_path) == []


@parts
def test_the_next_start_mends_what_a_power_cut_reordered(
    tmp_path: Path, replaced: tuple[str, ...]
) -> None:
    """head.json is renamed last; if a disk kept it and lost others, the start repairs them."""
    journal_and((*replaced, "head.json"), tmp_path)
    assert names(Store(tmp_path)) == ["Model 1", "Model 2"]
    recover(tmp_path)
    assert names(Store(tmp_path)) == ["Model 1", "Model 2"]
    assert Store(tmp_path).verify() == []


def test_a_reader_sees_the_last_finished_change_until_the_next_goes_on(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, 1)
    before = files(tmp_path)
    publish(store, 2)
    for name in BOARD_FILES:
        (tmp_path / name).write_bytes(before[name])
    assert names(Store(tmp_path)) == ["Model 1"]
    commit(tmp_path)
    assert names(Store(tmp_path)) == ["Model 1", "Model 2"]


@go_on
@pytest.mark.parametrize("torn", [b'{"half', b"\x00" * 300, b'{"whole but": "not ours"', b"?\n"])
def test_a_torn_end_is_cut_off(tmp_path: Path, torn: bytes, go_on: GoOn) -> None:
    store = Store(tmp_path)
    publish(store, 1)
    whole = (tmp_path / "journal.jsonl").read_bytes()
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(torn)
    assert names(Store(tmp_path)) == ["Model 1"]
    go_on(tmp_path)
    assert (tmp_path / "journal.jsonl").read_bytes().startswith(whole)
    assert torn not in (tmp_path / "journal.jsonl").read_bytes()
    assert Store(tmp_path).verify() == []
    publish(store, 2)
    assert names(Store(tmp_path)) == ["Model 1", "Model 2"]


@go_on
def test_a_torn_first_line_leaves_an_empty_board(tmp_path: Path, go_on: GoOn) -> None:
    (tmp_path / "journal.jsonl").write_bytes(b'{"hash":"0')
    assert names(Store(tmp_path)) == []
    go_on(tmp_path)
    publish(Store(tmp_path), 1)
    assert names(Store(tmp_path)) == ["Model 1"]
    assert Store(tmp_path).verify() == []


@go_on
@pytest.mark.parametrize("missing", BOARD_FILES)
def test_a_deleted_file_is_made_again(tmp_path: Path, missing: str, go_on: GoOn) -> None:
    publish(Store(tmp_path), 1)
    (tmp_path / missing).unlink()
    assert names(Store(tmp_path)) == ["Model 1"]
    go_on(tmp_path)
    publish(Store(tmp_path), 2)
    assert (tmp_path / "submissions.json").exists()
    recover(tmp_path)
    assert Store(tmp_path).verify() == []
    assert names(Store(tmp_path)) == ["Model 1", "Model 2"]


def test_a_board_edited_by_hand_is_kept_aside(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, 1)
    edited = (tmp_path / "leaderboard.json").read_bytes().replace(b"0.5", b"0.9")
    (tmp_path / "leaderboard.json").write_bytes(edited)
    assert any("leaderboard.json: differs" in problem for problem in store.verify())
    publish(store, 2)
    assert names(store) == ["Model 1", "Model 2"]
    assert store.read().community[0].metrics["cvs_acc"] == 0.5
    assert [path.read_bytes() for path in kept(tmp_path)] == [edited]
    assert kept(tmp_path)[0].name.startswith("leaderboard.json.")
    assert store.verify() == []


@pytest.mark.parametrize("act", [commit, recover, lambda root: Store(root).read()])
def test_a_journal_that_lost_acknowledged_lines_stops_the_store(
    tmp_path: Path, act: Callable[[Path], object]
) -> None:
    store = Store(tmp_path)
    publish(store, 1)
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    before = files(tmp_path)
    with pytest.raises(StoreError, match=r"journal\.jsonl: ends before.*Restore the journal"):
        act(tmp_path)
    assert files(tmp_path) == before
    assert any("ends before" in problem for problem in Store(tmp_path).verify())


def test_deleting_head_accepts_the_journal_as_it_is_and_keeps_the_boards(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, 1)
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    board = (tmp_path / "leaderboard.json").read_bytes()
    (tmp_path / "head.json").unlink()
    recover(tmp_path)
    assert names(Store(tmp_path)) == []
    assert board in [found.read_bytes() for found in kept(tmp_path)]
    assert Store(tmp_path).verify() == []


def test_a_journal_restored_while_the_server_runs_is_noticed(tmp_path: Path) -> None:
    store = Store(tmp_path / "one")
    publish(store, 1)
    other = Store(tmp_path / "two")
    for number in (2, 3):
        publish(other, number)
    for name in (*BOARD_FILES, "journal.jsonl"):
        (tmp_path / "one" / name).write_bytes((tmp_path / "two" / name).read_bytes())
    assert names(store) == ["Model 2", "Model 3"]
    publish(store, 4)
    assert names(store) == ["Model 2", "Model 3", "Model 4"]
    assert store.verify() == []


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"schema": 1}', b'{"schema": 99}', b"\xff"]
)
def test_a_damaged_head_is_named_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    publish(Store(tmp_path), 1)
    (tmp_path / "head.json").write_bytes(content)
    with pytest.raises(StoreError, match=r"head\.json: damaged .*Delete it"):
        Store(tmp_path).read()
    (tmp_path / "head.json").unlink()
    recover(tmp_path)
    assert names(Store(tmp_path)) == ["Model 1"]
    assert kept(tmp_path) == []


def test_a_backup_restored_and_gone_on_from_is_noticed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, 1)
    backup = files(tmp_path)
    publish(store, 2)
    for name, data in backup.items():
        (tmp_path / name).write_bytes(data)
    for number in (3, 4):  # lines as long as the lost ones, so that positions look right
        publish(Store(tmp_path), number)
    assert names(store) == ["Model 1", "Model 3", "Model 4"]
    publish(store, 5)
    assert names(store) == names(Store(tmp_path)) == ["Model 1", "Model 3", "Model 4", "Model 5"]
    assert store.verify() == []


def test_leftovers_of_killed_writers_go_at_the_start(tmp_path: Path) -> None:
    publish(Store(tmp_path), 1)
    (tmp_path / ".new-store-0123456789abcdef.tmp").write_bytes(b"half a board")
    old = tmp_path / ".new-0123456789abcdef.tmp"
    old.write_bytes(b"half of another file")
    os.utime(old, (1, 1))
    recover(tmp_path)
    assert leftovers(tmp_path) == []


def test_a_start_takes_nothing_from_what_another_process_is_writing(tmp_path: Path) -> None:
    """Some files, such as waits after wrong passwords, are beside the boards but not locked."""
    publish(Store(tmp_path), 1)
    with atomic.Replacement(tmp_path) as replacement:
        replacement.prepare("admin_attempts.json", b"{}")
        recover(tmp_path)
        replacement.publish()
    assert (tmp_path / "admin_attempts.json").read_bytes() == b"{}"


def test_recovering_twice_changes_nothing(tmp_path: Path) -> None:
    publish(Store(tmp_path), 1)
    recover(tmp_path)
    before = files(tmp_path)
    recover(tmp_path)
    assert files(tmp_path) == before


def test_personal_data_of_a_refused_change_is_erased_after_a_day(tmp_path: Path) -> None:
    store = Store(tmp_path)
    named, old, fresh = (store.add_personal({"contact": text}) for text in ("a", "b", "c"))
    publish(store, 1, contact_ref=named)
    two_days_ago = time.time() - 2 * 86_400
    for ref in (named, old):
        os.utime(tmp_path / "private" / f"{ref}.json", (two_days_ago, two_days_ago))
    store.recover()
    left = {path.stem for path in (tmp_path / "private").glob("*.json")}
    assert left == {named, fresh}


def test_what_was_to_be_erased_when_a_crash_came_is_on_no_board(tmp_path: Path) -> None:
    store = Store(tmp_path)
    ref = store.add_personal({"contact": "who@example.org"})
    publish(store, 1, contact_ref=ref)
    store.commit(submitting.submit(submission(2, contact_ref=ref), "participant"))
    store.commit(submitting.release("submission-2", "Failed."))
    store.commit(forgetting.erase("submission-2", ["submission-2", ref], "admin"))
    assert b"who@example.org" in (tmp_path / "leaderboard.json").read_bytes()
    after = Store(tmp_path)
    after.recover()
    assert b"who@example.org" not in (tmp_path / "leaderboard.json").read_bytes()
    assert not (tmp_path / "private" / f"{ref}.json").exists()
    assert after.verify() == []


def test_no_record_that_the_journal_names_anywhere_is_taken_for_forgotten(tmp_path: Path) -> None:
    files = PersonalFiles(tmp_path)
    refs = [files.add({"n": n}) for n in range(300)]
    for ref in refs:
        os.utime(tmp_path / f"{ref}.json", (1, 1))
    named = refs[:200]
    lines = [{"contact_ref": ref, 'a "word"': f'x"{ref}', "list": [ref, "ü"]} for ref in named]
    journal = b"\n".join(json.dumps(line, separators=(",", ":")).encode() for line in lines)
    files.erase_unnamed(journal)
    assert set(files) == set(named)


def test_a_change_that_could_not_be_written_is_made_when_it_is_tried_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, 1)
    change = submitting.submit(submission(2), "participant")
    path, real = tmp_path / "journal.jsonl", tmp_path / "journal.real"
    path.rename(real)
    path.symlink_to(real)  # read, but never added to
    with pytest.raises(StoreError, match="Cannot append to"):
        store.commit(change)
    real.replace(path)
    assert "submission-2" in store.commit(change).submissions
    assert [line.id for line in store.lines()].count(change.id) == 1
    assert store.verify() == []


def test_a_journal_of_a_newer_program_stops_an_older_one(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, 1)
    path = tmp_path / "journal.jsonl"
    with path.open("a") as file:
        file.write(json.dumps({"schema": 2}) + "\n")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer"):
        commit(tmp_path)
    assert path.read_bytes() == before


@pytest.mark.filterwarnings("ignore:flock not supported")
def test_a_stale_lock_on_a_disk_without_flock_names_the_file_to_delete_and_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its holder was killed in another container, which cannot be detected here."""
    publish(Store(tmp_path), 1)
    path = tmp_path / "store.lock"
    monkeypatch.setattr(lock, "LOCK_TIMEOUT_S", 0.1)
    with FileLock(path), pytest.raises(StoreError, match="hanging process") as raised:
        publish(Store(tmp_path), 2)
    assert "delete" not in str(raised.value)  # with flock that would let two hold it

    def none(*_: object) -> None:
        raise OSError(errno.ENOSYS, "no flock here")

    monkeypatch.setattr(fcntl, "flock", none)
    path.write_text("4711\nanother-container\n")
    with pytest.raises(StoreError) as raised:
        publish(Store(tmp_path), 2)
    told = str(raised.value)
    assert f"if it still exists, delete {path}" in told
    assert "Stop all servers, jobs and commands on this data folder, on every machine" in told
    path.unlink()
    publish(Store(tmp_path), 2)
    assert names(Store(tmp_path)) == ["Model 1", "Model 2"]


@pytest.mark.parametrize("empty", [False, True], ids=["deleted", "unmounted"])
def test_a_data_folder_gone_under_a_running_server_is_reported(tmp_path: Path, empty: bool) -> None:
    root = tmp_path / "data"
    store = Store(root)
    publish(store, 1)
    assert names(store) == ["Model 1"]
    root.rename(tmp_path / "elsewhere")
    if empty:
        root.mkdir()  # what is below a mount point
    for look in (store.read, store.revision, lambda: publish(store, 2)):
        with pytest.raises(StoreError, match=r"moved, deleted or unmounted\. Put it back"):
            look()
    assert not (root / "journal.jsonl").exists()  # no new history is started
    shutil.rmtree(root, ignore_errors=True)
    (tmp_path / "elsewhere").rename(root)
    assert names(store) == ["Model 1"]
    publish(store, 2)
