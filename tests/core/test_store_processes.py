"""The store with real processes: many at once, killed, on a full disk, without permission."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.changes import submitting
from core.store.store import Store
from tests.core.store_world import (
    REPOSITORY,
    WORKER,
    files,
    leftovers,
    names,
    publish,
    run_worker,
    start_worker,
    submission,
)
from tests.read_only import obey_modes, read_only

pytestmark = pytest.mark.slow

WORKERS, ENTRIES = 8, 15
KILLS, ROUNDS = 50, 4


def test_eight_processes_that_publish_at_once_lose_nothing(tmp_path: Path) -> None:
    watcher = start_worker("watch", tmp_path, stdin=subprocess.PIPE)
    workers = [start_worker("add", tmp_path, n, ENTRIES) for n in range(WORKERS)]
    for worker in workers:
        _, errors = worker.communicate(timeout=900)  # only to avoid hanging forever
        assert worker.returncode == 0, errors
    reads, errors = watcher.communicate(timeout=240)
    assert watcher.returncode == 0, errors
    assert int(reads) > 0

    store = Store(tmp_path)
    wanted = {f"Model {w}-{n}" for w in range(WORKERS) for n in range(ENTRIES)}
    assert len(names(store)) == WORKERS * ENTRIES
    assert set(names(store)) == wanted
    rows = json.loads((tmp_path / "leaderboard.json").read_bytes())
    assert [row["rank"] for row in rows] == list(range(1, WORKERS * ENTRIES + 1))
    assert store.verify() == []
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_kill_at_a_random_moment_loses_nothing_acknowledged(tmp_path: Path, seed: int) -> None:
    acknowledged = run_worker("kill", tmp_path, KILLS, seed).split()
    assert len(acknowledged) > KILLS
    assert len(set(acknowledged)) == len(acknowledged)

    store = Store(tmp_path)
    store.recover()
    state = store.read()
    added = {
        change_id.removeprefix("add-") for change_id in acknowledged if change_id.startswith("add-")
    }
    assert {state.submissions[found].state for found in added} == {"published"}
    assert {f"Model {found.removeprefix('submission-')}" for found in added} <= set(names(store))
    assert store.verify() == []
    assert leftovers(tmp_path) == []


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    holder = start_worker("hold", tmp_path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    holder.communicate(timeout=240)
    publish(Store(tmp_path), 1)
    assert names(Store(tmp_path)) == ["Model 1"]


def _namespaces() -> list[str] | None:
    """The command that runs another one in namespaces where it may mount; None without."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    command = [unshare, "-Urm"]
    works = subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    return command if works else None


def test_a_full_disk_is_reported_and_the_old_files_remain(tmp_path: Path) -> None:
    namespaces = _namespaces()
    if namespaces is None:
        seen = json.loads(run_worker("file_limit", tmp_path, 60_000))
        assert "file-size limit" in seen["error"]
    else:
        ran = subprocess.run(
            [*namespaces, sys.executable, str(WORKER), "mounted_full_disk", str(tmp_path)],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        seen = json.loads(ran.stdout)
        assert "the disk is full" in seen["error"]
        assert "The old file is unchanged" in seen["error"]
        assert "the disk is full" in seen["again"]
        assert seen["same"]
        assert seen["leftovers"] == []
        assert seen["later"]
    assert seen["published"] > 3
    assert seen["board"] == seen["published"]
    assert seen["problems"] == []


# From limits that a board exceeds to limits that only the journal exceeds.
@pytest.mark.parametrize("limit", [20_000, 30_001, 40_003])
def test_a_file_that_may_not_grow_is_reported_and_never_torn(tmp_path: Path, limit: int) -> None:
    seen = json.loads(run_worker("file_limit", tmp_path, limit))
    assert "file-size limit" in seen["error"]
    assert not seen["torn"]
    assert seen["board"] == seen["published"] > 3
    assert seen["problems"] == []


def test_without_write_permission_the_boards_are_read_and_a_change_is_refused(
    tmp_path: Path,
) -> None:
    root = tmp_path / "data"
    publish(Store(root), 1)
    before = files(root)
    with read_only(root):
        seen = json.loads(run_worker("forbidden", root, preexec_fn=obey_modes))
    assert seen["seen"] == 1
    assert "permission denied" in seen["error"]
    assert "Nothing was changed" in seen["error"]
    assert str(root) in seen["error"]
    assert files(root) == before
    Store(root).commit(submitting.submit(submission(2), "participant"))
