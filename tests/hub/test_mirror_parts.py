"""Differences between a folder and its repo in words, one mirror per folder, one commit's size."""

from pathlib import Path

import pytest
from filelock import FileLock

from core.cluster import task
from core.errors import JobError
from core.mirror import __main__ as mirror_command
from core.mirror import paths
from tests.core.services_world import world
from tests.hub.emulator import Emulator
from tests.hub.emulator_repo import Repo
from tests.hub.mirror_world import Make, environment, put


@pytest.mark.slow
def test_verify_says_on_which_side_lines_wait(make: Make, repo: Repo) -> None:
    one, two = make("one"), make("two")
    put(repo, {"ground_truth.json": b"[]"})
    one.publish(1)
    one.mirror.sync(force=True)
    two.mirror.sync(force=True)
    assert [line for line in two.mirror.verify() if "journal" in line] == []
    one.publish(2)
    assert "journal.jsonl: 2 lines wait here." in one.mirror.verify()
    one.mirror.sync(force=True)
    assert "journal.jsonl: 2 lines are only in the repo." in two.mirror.verify()
    two.publish(3)
    assert "journal.jsonl: differs between here and the repo." in two.mirror.verify()


def test_only_one_process_mirrors_a_folder(
    make: Make,
    server: Emulator,
    repo: Repo,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = make("one")
    one.publish(1)
    for name, value in environment(one).items():
        monkeypatch.setenv(name, value)
    before = repo.head.id
    with FileLock(one.root / "mirror.lock"):
        assert one.mirror.sync(force=True) is False
        assert one.mirror.send() is False
        assert one.mirror.take_job("no-such-job", 1) is False
        one.mirror.pull()
        assert mirror_command.main(["push"]) == 1
        assert "Not everything was sent" in capsys.readouterr().out
    assert repo.head.id == before
    assert one.mirror.sync(force=True) is True
    assert one.mirror.take_job("no-such-job", 1) is False
    assert repo.head.id != before


def test_a_worker_without_the_server_s_folder_or_repo_says_what_to_set(tmp_path: Path) -> None:
    alone = world(tmp_path)
    with pytest.raises(JobError, match="Set MEDVIDBENCH_DATA_DIR of this worker"):
        task.prepare(alone.settings, alone.store, "abcdefghijklmnopqrstuv", 1)
    assert task.send(alone.settings, alone.store, 3) == 3  # there is nowhere to send it


def test_one_commit_to_the_mirror_takes_so_many_files_and_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = paths.Local({f"results/{n}/scores.json": f"1.{100}" for n in range(5)}, frozenset())
    assert len(paths.to_push(tmp_path, local, {}, most=3)) == 3
    monkeypatch.setattr(paths, "MOST_BYTES", 150)
    assert len(paths.to_push(tmp_path, local, {})) == 2  # the one that goes over is the last
