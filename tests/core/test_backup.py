"""Copies of a data folder: by the command during writes, and file by file in any order."""

import itertools
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import threading
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
