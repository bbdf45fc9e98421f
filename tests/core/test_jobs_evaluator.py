"""The evaluator as a child process: followed, limited, and never quoted if it could leak truth."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from core.errors import JobError
from core.runs import child
from core.runs.child import Ended
from core.runs.evaluation import command as evaluator
from core.runs.records import ResultFiles
from tests.core.job_world import World, wait_for

pytestmark = pytest.mark.slow

LOG = "Error running tal evaluation: KeyError in record 7\n"
TRACEBACK = "Traceback (most recent call last):\n  File …\nKeyError: 'canary'\n"


def running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def files(tmp_path: Path) -> ResultFiles:
    return ResultFiles(tmp_path)


def run(
    files: ResultFiles, program: str, timeout_s: float = 60, seen: list[str] | None = None
) -> Ended:
    lines: list[str] = [] if seen is None else seen
    return child.run(
        started(program, files), files.log, files.errors, limits(timeout_s), lines.extend
    )


def started(program: str, files: ResultFiles) -> child.Command:
    environment = child.environment(MEDVIDBENCH_TEST="yes")
    return child.Command([sys.executable, "-c", program], files.folder, environment)


def limits(timeout_s: float) -> child.Limits:
    return child.Limits(timeout_s, evaluator.MEMORY_BYTES)


def test_every_line_is_reported_once_and_the_last_without_its_end(files: ResultFiles) -> None:
    seen: list[str] = []
    program = (
        "import time\nfor n in range(5): print('line', n); time.sleep(0.1)\nprint('x', end='')"
    )
    assert run(files, program, seen=seen) == Ended(status=0, timed_out=False)
    assert seen == ["line 0", "line 1", "line 2", "line 3", "line 4", "x"]
    assert files.log.read_text().splitlines() == seen


def test_bytes_that_are_no_text_do_not_end_the_run(files: ResultFiles) -> None:
    seen: list[str] = []
    ended = run(files, r"import sys; sys.stdout.buffer.write(b'\xff\x00ok\n')", seen=seen)
    assert ended.status == 0
    assert seen == ["\ufffd\x00ok"]


def test_time_is_limited_for_all_that_it_started(files: ResultFiles) -> None:
    program = (
        "import subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        "print(child.pid, flush=True); time.sleep(600)"
    )
    seen: list[str] = []
    for limit in (1.5, 6, 24, 96):  # on a busy machine, Python itself may start later than that
        ended = run(files, program, timeout_s=limit, seen=seen)
        assert ended.timed_out
        assert f"{limit:g} s" in evaluator.reason(ended, files, limit)
        if seen:
            break
    (pid,) = seen
    wait_for(lambda: not running(int(pid)), "the grandchild's end")


def test_memory_is_limited(files: ResultFiles) -> None:
    ended = run(files, "x = bytes(8 << 30)")
    assert ended.status == 1
    assert "memory" in evaluator.reason(ended, files, 60)


def test_what_the_follower_raises_ends_the_evaluator(files: ResultFiles) -> None:
    pids: list[int] = []

    def refuse(lines: Sequence[str]) -> None:
        if lines:
            pids.append(int(lines[0]))
            raise JobError("enough")

    program = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    with pytest.raises(JobError, match="enough"):
        child.run(started(program, files), files.log, files.errors, limits(240), refuse)
    assert not psutil.pid_exists(pids[0])


def test_no_secret_reaches_the_evaluator(
    files: ResultFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HF_TOKEN", "ADMIN_PASSWORD", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "secret-value")
    run(files, "import os; print(dict(os.environ))")
    told = files.log.read_text()
    assert "secret-value" not in told
    assert "MEDVIDBENCH_TEST" in told


def test_a_failure_to_write_does_not_tell_where_the_server_has_its_files(
    files: ResultFiles,
) -> None:
    files.log.write_text("")
    files.errors.write_text(f"Error: Cannot write {files.evaluation}: the disk is full.\n")
    said = evaluator.reason(Ended(1, False), files, 60)
    assert said == "Cannot write evaluation.json: the disk is full."


@pytest.mark.parametrize(
    ("ended", "log", "errors", "told"),
    [
        pytest.param(
            Ended(1, False), "", "Error: x.json is empty.\n", "x.json is empty.", id="contract line"
        ),
        pytest.param(Ended(1, False), LOG, "Error: tal failed\n", LOG.strip(), id="failed task"),
        pytest.param(Ended(1, False), "", TRACEBACK, "exit status 1", id="traceback"),
        pytest.param(Ended(3, False), "", "KeyError: 'canary'\n", "exit status 3", id="status"),
        pytest.param(Ended(-11, False), "", "canary", "signal 11", id="crash"),
        pytest.param(Ended(-9, False), "", "canary", "memory", id="killed"),
        pytest.param(Ended(-15, False), LOG, "", "machine ended the evaluation", id="ended"),
        pytest.param(Ended(1, False), "", "", "exit status 1", id="silent"),
        pytest.param(Ended(-9, True), LOG, "", "time limit of 60 s", id="time"),
    ],
)
def test_a_failure_is_one_sentence_without_truth(
    files: ResultFiles, ended: Ended, log: str, errors: str, told: str
) -> None:
    files.log.write_text(log)
    files.errors.write_text(errors)
    sentence = evaluator.reason(ended, files, 60)
    assert told in sentence
    assert "canary" not in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], None),
        (["tal: 0.5"], None),
        (["[progress] 0.25 tal: 1,637 records scored"], 0.25),
        (["[progress] 0.25 a", "b", "[progress] 0.5 c", "d"], 0.5),
        (["[progress] 1 done"], 1.0),
        (["[progress] 7 done"], 1.0),
        (["[progress] -1 x", "[progress] nan x", " [progress] 0.5 x"], None),
    ],
)
def test_progress(lines: list[str], told: float | None) -> None:
    assert evaluator.progress_of(lines) == told


def test_results_are_for_the_owner_of_the_folder_only(files: ResultFiles) -> None:
    os.umask(0o022)
    run(files, "print(1)")
    assert files.log.stat().st_mode & 0o777 == 0o600
    assert files.errors.stat().st_mode & 0o777 == 0o600


def test_the_judge_s_metrics_are_another_job(world: World) -> None:
    command = evaluator.arguments(world.settings, ResultFiles(Path("somewhere")))
    assert "--skip-llm-judge" in command
