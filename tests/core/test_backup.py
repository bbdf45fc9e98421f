"""Copies of a data folder: by the command during writes, and file by file in any order."""

import io
import itertools
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import StoreError
from core.store.backup import backup, restore
from core.store.store import Store
from tests.core.store_world import REPOSITORY, names, publish


def command(root: Path, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    truth = root.parent / "truth.json"
    truth.write_text("[]")
    return subprocess.run(
        [sys.executable, "-m", "core.store", *words],
        cwd=REPOSITORY,
        env={
            "PATH": os.environ["PATH"],
            "MEDVIDBENCH_DATA_DIR": str(root),
            "MEDVIDBENCH_GROUND_TRUTH": str(truth),
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def filled(root: Path) -> Store:
    store = Store(root)
    publish(store, 1)
    store.add_personal({"contact": "a@x.example"}, "contact-000001")
    for path in ("results/submission-1/input.json.gz", "private/truth/ground_truth.json"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"data")
    (root / "mirror.json").write_text("{}")
    return store


@pytest.mark.slow
def test_a_backup_is_restored_by_command_and_whole(tmp_path: Path) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "copy.tar.gz"
    store = filled(here)
    done = command(here, "backup", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert "keep it private" in done.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as packed:
        kept = set(packed.getnames())
    assert "results/submission-1/input.json.gz" in kept
    own = {"writer.id", "mirror.json", "head.json", "store.lock", "private/truth/ground_truth.json"}
    assert not own & kept
    done = command(there, "restore", str(file))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    again = Store(there)
    assert again.read() == store.read()
    assert again.personal("contact-000001") == {"contact": "a@x.example"}
    kept_file = "results/submission-1/input.json.gz"
    assert (there / kept_file).read_bytes() == b"data"
    assert stat.S_IMODE((there / kept_file).stat().st_mode) == 0o600
    assert int((there / kept_file).stat().st_mtime) == int((here / kept_file).stat().st_mtime)
    publish(again, 2)
    assert again.verify() == []
    assert (there / "writer.id").read_bytes() != (here / "writer.id").read_bytes()


def test_a_ground_truth_in_the_data_folder_comes_with_the_restore(tmp_path: Path) -> None:
    here, file = tmp_path / "data", tmp_path / "copy.tar.gz"
    filled(here)
    truth = here / "ground_truth.json"
    truth.write_text("[]")
    named = {"MEDVIDBENCH_GROUND_TRUTH": str(truth), "MEDVIDBENCH_QUESTIONS": str(truth)}
    assert command(here, "backup", str(file), **named).returncode == 0
    here.rename(tmp_path / "lost")
    refused = command(here, "verify", **named)
    assert f"no file at {truth}" in refused.stdout
    done = command(here, "restore", str(file), **named)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert truth.read_text() == "[]"
    assert command(here, "verify", **named).returncode == 0


def test_a_backup_amid_writing_is_of_one_moment(tmp_path: Path) -> None:
    store, stop = filled(tmp_path / "here"), threading.Event()

    def write() -> None:
        for number in itertools.count(2):
            if stop.is_set():
                return
            publish(Store(tmp_path / "here"), number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            file, there = tmp_path / f"{number}.tar.gz", tmp_path / f"there-{number}"
            backup(store, tmp_path / "here", file)
            assert restore(Store(there), there, file) == []
    finally:
        stop.set()
        writer.join()


def test_two_backups_at_once_to_one_file_leave_a_whole_one(tmp_path: Path) -> None:
    here, file = tmp_path / "here", tmp_path / "copies" / "copy.tar.gz"
    store = filled(here)
    for number in range(20):
        (here / f"results/{number}").write_bytes(os.urandom(100_000))
    file.parent.mkdir()
    start = threading.Barrier(3)

    def back_up() -> int:
        start.wait()
        return backup(store, here, file)

    for there in (tmp_path / "there-1", tmp_path / "there-2", tmp_path / "there-3"):
        with ThreadPoolExecutor(3) as pool:
            counts = [one.result() for one in [pool.submit(back_up) for _ in range(3)]]
        assert len(set(counts)) == 1
        assert restore(Store(there), there, file) == []
        assert list(file.parent.iterdir()) == [file]
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.slow
def test_an_invalid_backup_or_one_that_would_overwrite_is_refused(tmp_path: Path) -> None:
    store, file = filled(tmp_path / "here"), tmp_path / "copy.tar.gz"
    backup(store, tmp_path / "here", file)
    with pytest.raises(StoreError, match="has a journal"):
        restore(store, tmp_path / "here", file)
    with pytest.raises(StoreError, match="inside the data folder"):
        backup(store, tmp_path / "here", tmp_path / "here" / "copy.tar.gz")
    other = tmp_path / "other.tar.gz"
    other.write_bytes(b"nothing")
    with pytest.raises(StoreError, match="cannot be read as a backup"):
        restore(Store(tmp_path / "new"), tmp_path / "new", other)
    with tarfile.open(other, "w:gz") as packed:
        packed.addfile(tarfile.TarInfo("readme"))
    with pytest.raises(StoreError, match="not a backup"):
        restore(Store(tmp_path / "new"), tmp_path / "new", other)
    for name in ("../outside", "/outside", "results/../../outside"):
        with tarfile.open(other, "w:gz") as packed:
            packed.addfile(tarfile.TarInfo(name))
            packed.addfile(tarfile.TarInfo("journal.jsonl"))
        with pytest.raises(StoreError, match="leads out of the data folder"):
            restore(Store(tmp_path / "new"), tmp_path / "new", other)
        assert not (tmp_path / "outside").exists()
        assert not (tmp_path / "new" / "journal.jsonl").exists()
    assert command(tmp_path / "here", "backup").returncode == 2
    assert command(tmp_path / "here", "verify", "x").returncode == 2


def test_a_copy_made_file_by_file_opens_or_is_reported(tmp_path: Path) -> None:
    """A change happens between two files, in every order of files that must agree."""
    parts = ("journal.jsonl", "head.json", "leaderboard.json")
    for number, order in enumerate(itertools.permutations(parts)):
        for before in range(1, len(parts)):
            here, copy = tmp_path / f"here-{number}-{before}", tmp_path / f"copy-{number}-{before}"
            store = filled(here)
            shutil.copytree(here, copy, ignore=shutil.ignore_patterns(*parts))
            for place, name in enumerate(order):
                if place == before:
                    publish(store, 2)
                shutil.copy(here / name, copy / name)
            if order.index("journal.jsonl") < before <= order.index("head.json"):
                with pytest.raises(StoreError, match="delete head"):
                    Store(copy).recover()
                (copy / "head.json").unlink()
            found = Store(copy)
            found.recover()
            assert names(found) in (["Model 1"], ["Model 1", "Model 2"])
            assert found.verify() == []


@pytest.mark.parametrize("name", ["../outside.json", "/outside.json", "results/../../outside.json"])
def test_a_file_that_leads_out_of_the_folder_is_not_restored(tmp_path: Path, name: str) -> None:
    forged, there = tmp_path / "forged.tar.gz", tmp_path / "a" / "there"
    with tarfile.open(forged, "w:gz") as packed:
        for one in (name, "journal.jsonl"):
            packed.addfile(tarfile.TarInfo(one))
    with pytest.raises(StoreError, match="leads out of the data folder"):
        restore(Store(there), there, forged)
    assert not (there / "journal.jsonl").exists()
    assert list(tmp_path.rglob("outside.json")) == []


def test_a_damaged_backup_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    """Also where tar notices nothing: in a file's content, and in the checksum at the end."""
    here, file, there = tmp_path / "here", tmp_path / "copy.tar.gz", tmp_path / "there"
    store = filled(here)
    (here / "results" / "submission-1" / "input.json.gz").write_bytes(os.urandom(100_000))
    backup(store, here, file)
    whole = file.read_bytes()
    middle = len(whole) // 2
    changed = whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]
    for damaged in (changed, whole[:middle], whole[:-5], whole[:-5] + b"12345", b""):
        file.write_bytes(damaged)
        with pytest.raises(StoreError, match="cannot be read as a backup") as raised:
            restore(Store(there), there, file)
        assert "Nothing was restored. Use another backup." in str(raised.value)
        assert not there.exists() or list(there.iterdir()) == []


def packed_with(file: Path, *members: tuple[str, bytes, Mapping[str, object]]) -> Path:
    with tarfile.open(file, "w:gz") as packed:
        for name, data, fields in members:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            for field, value in fields.items():
                setattr(member, field, value)
            packed.addfile(member, io.BytesIO(data))
    return file


def test_a_backup_without_a_whole_journal_is_not_called_restored(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    store = filled(here)
    publish(store, 2)
    text = (here / "journal.jsonl").read_bytes()
    link = {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}
    forged = packed_with(tmp_path / "1.tar.gz", ("journal.jsonl", b"", link))
    with pytest.raises(StoreError, match=r"it has no journal\.jsonl"):
        restore(Store(there), there, forged)
    forged = packed_with(tmp_path / "2.tar.gz", ("journal.jsonl", text, {"mtime": 1e30}))
    with pytest.raises(StoreError, match="cannot be read as a backup"):
        restore(Store(there), there, forged)
    assert not (there / "journal.jsonl").exists()
    cut = packed_with(tmp_path / "3.tar.gz", ("journal.jsonl", text[:-9], {}))
    # As a killed restore leaves it, which `verify` must not call intact.
    assert "there is no journal yet" in command(there, "verify").stdout
    done = command(there, "restore", str(cut))
    assert done.returncode == 1
    assert f"{cut}, journal.jsonl, the last line is incomplete" in done.stdout
    assert "To use another backup, move this folder aside first." in done.stdout


@pytest.mark.parametrize("name", ["leaderboard.json", "results/submission-1/input.json.gz"])
def test_a_restore_overwrites_no_other_content(tmp_path: Path, name: str) -> None:
    """Such as the older application's boards, which have no journal yet."""
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "copy.tar.gz"
    backup(filled(here), here, file)
    (there / name).parent.mkdir(parents=True)
    (there / name).write_bytes(b"mine")
    with pytest.raises(StoreError, match="exists with other content"):
        restore(Store(there), there, file)
    assert (there / name).read_bytes() == b"mine"
    assert [path for path in there.rglob("*") if path.is_file()] == [there / name]
    (there / name).write_bytes((here / name).read_bytes())  # as a killed restore leaves it
    assert restore(Store(there), there, file) == []


def test_a_backup_replaces_no_device(tmp_path: Path) -> None:
    here = tmp_path / "here"
    store = filled(here)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for target in (pipe, tmp_path):
        with pytest.raises(StoreError, match="is not a file"):
            backup(store, here, target)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
