"""Processes are identified by pid and start time, confined, and ended with all children."""

import inspect
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import psutil
import pytest
from msgspec.structs import replace

from core.model.entries import ProcessId
from core.runs.child import (
    Command,
    Ended,
    LastWords,
    Limits,
    environment,
    last_words,
    run,
    start_session,
)
from core.runs.processes import (
    KILL_S,
    POLITE_S,
    booted_after,
    in_sight,
    is_alive,
    process_of,
    stop_session,
    this_process,
)
from tests.core.job_world import HANG_GUARD_S, SLEEP, wait_for

CONFINE = Path(__file__).resolve().parents[2] / "core" / "runs" / "confine.py"
MARKER = ("MEDVIDBENCH_TEST", "yes")


def started(folder: Path, command: tuple[str, ...] = SLEEP) -> ProcessId:
    return start_session(
        command,
        cwd=folder,
        environment={**os.environ, MARKER[0]: MARKER[1]},
        errors=folder / "errors.txt",
    )


def test_this_process_is_alive() -> None:
    assert is_alive(this_process())


def test_a_reused_pid_is_another_process() -> None:
    me = this_process()
    assert not is_alive(replace(me, started=me.started - 1))


def test_a_clock_that_is_set_changes_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """psutil uses the clock: an hour later, every process would be a different one."""
    me = this_process()
    monkeypatch.setattr(psutil, "boot_time", lambda: 0.0)
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert is_alive(me)
    assert this_process() == me


CONTAINER = ("unshare", "-Ur", "--pid", "--fork", "--mount-proc")
LOOK = (
    "import sys, msgspec\n"
    "from core.model.entries import ProcessId\n"
    "from core.runs.processes import in_sight, is_alive, this_process\n"
    "other, me = msgspec.json.decode(sys.argv[1], type=ProcessId), this_process()\n"
    "found = {'me': me, 'alive': is_alive(me), 'other': in_sight(other)}\n"
    "print(msgspec.json.encode(found).decode())\n"
)


@pytest.mark.slow
@pytest.mark.skipif(
    not shutil.which("unshare") or subprocess.run([*CONTAINER, "true"], check=False).returncode,
    reason="this user may make no pid namespace",
)
def test_two_containers_of_one_machine_do_not_see_each_other_s_processes() -> None:
    mine = msgspec.json.encode(this_process()).decode()
    done = subprocess.run(
        [*CONTAINER, sys.executable, "-c", LOOK, mine], capture_output=True, check=True
    )
    found = json.loads(done.stdout)
    assert (found["alive"], found["other"]) == (True, False)
    theirs = msgspec.convert(found["me"], ProcessId)
    assert (theirs.pid, theirs.boot) == (1, this_process().boot)
    assert not in_sight(theirs)


@pytest.mark.parametrize(
    "other",
    [{"space": "pid:[1]"}, {"host": "elsewhere"}, {"boot": "another", "host": "elsewhere"}],
)
def test_a_pid_of_another_container_or_machine_means_nothing_here(other: dict[str, str]) -> None:
    me = this_process()
    assert in_sight(me)
    assert not in_sight(replace(me, **other))
    assert not is_alive(replace(me, **other))
    assert not booted_after(replace(me, **other))


def test_a_pid_that_nobody_has_is_dead(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    process = process_of(child.pid)
    child.wait()
    assert not is_alive(process)


def test_a_zombie_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    process = process_of(child.pid)
    wait_for(lambda: psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE, "a zombie")
    assert not is_alive(process)
    child.wait()


def test_a_process_from_before_the_last_boot() -> None:
    assert booted_after(replace(this_process(), boot="the one before"))
    assert not booted_after(this_process())


def test_a_started_process_has_a_session_of_its_own(tmp_path: Path) -> None:
    process = started(tmp_path)
    assert is_alive(process)
    assert os.getsid(process.pid) == process.pid != os.getsid(0)
    stop_session(process, marker=MARKER)
    assert not is_alive(process)


def test_standard_error_is_kept_for_the_operator_only(tmp_path: Path) -> None:
    process = started(tmp_path, (sys.executable, "-c", "import sys; sys.exit('what went wrong')"))
    wait_for(lambda: not is_alive(process), "its end")
    kept = tmp_path / "errors.txt"
    assert kept.read_text() == "what went wrong\n"
    assert kept.stat().st_mode & 0o777 == 0o600


DEAF = (
    "import signal, pathlib, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "if len(sys.argv) > 1:\n"
    "    subprocess.Popen([sys.executable, '-c', sys.argv[1]])\n"
    "pathlib.Path(f'deaf-{len(sys.argv)}').touch()\n"
    "time.sleep(600)\n"
)


def test_a_session_that_ignores_the_polite_signal_is_gone_when_stopping_returns(
    tmp_path: Path,
) -> None:
    process = started(tmp_path, (sys.executable, "-c", DEAF, DEAF))
    wait_for(lambda: len(list(tmp_path.glob("deaf-*"))) == 2, "two that are deaf")
    members = [process_of(p.pid) for p in psutil.process_iter() if _session_of(p) == process.pid]
    assert len(members) == 2
    # The kill gets more than its usual second here: a test must not measure time.
    stop_session(process, marker=MARKER, polite_s=0.2, kill_s=HANG_GUARD_S)
    assert not any(map(is_alive, members))


def _session_of(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return None


def test_stopping_leaves_time_of_the_five_seconds_that_cancel_promises() -> None:
    assert POLITE_S + KILL_S <= 4
    defaults = inspect.signature(stop_session).parameters
    assert (defaults["polite_s"].default, defaults["kill_s"].default) == (POLITE_S, KILL_S)


PARENT = (
    "import pathlib, subprocess, sys, time;"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "pathlib.Path('child.tmp').write_text(str(child.pid));"
    "pathlib.Path('child.tmp').rename('child');"
    "time.sleep(600)"
)


@pytest.mark.parametrize(
    ("marker", "survives"),
    [
        pytest.param(MARKER, False, id="ours"),
        pytest.param((MARKER[0], "no"), True, id="a stranger's session with the same number"),
    ],
)
def test_what_a_killed_process_left_is_ended(
    tmp_path: Path, marker: tuple[str, str], survives: bool
) -> None:
    parent = started(tmp_path, (sys.executable, "-c", PARENT))
    wait_for((tmp_path / "child").exists, "the child")
    pid = int((tmp_path / "child").read_text())
    child = process_of(pid)
    os.kill(parent.pid, signal.SIGKILL)
    wait_for(lambda: not is_alive(parent), "the parent's end")
    assert is_alive(child)
    stop_session(parent, marker=marker)
    if survives:
        assert is_alive(child)
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not is_alive(child), "the child's end")


@pytest.mark.slow
def test_a_child_that_is_run_dies_with_its_parent(tmp_path: Path) -> None:
    sleeper = (
        "import os, pathlib, time; pathlib.Path('child.tmp').write_text(str(os.getpid()));"
        "pathlib.Path('child.tmp').rename('child'); time.sleep(600)"
    )
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from core.runs.child import Command, Limits, run\n"
        "folder = Path(sys.argv[1])\n"
        "run(Command([sys.executable, '-c', sys.argv[2]], folder, {}),"
        " folder / 'output', folder / 'errors', Limits(600, 1 << 32))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path), sleeper])
    wait_for((tmp_path / "child").exists, "the child")
    child = process_of(int((tmp_path / "child").read_text()))
    assert is_alive(child)
    parent.kill()
    parent.wait()
    wait_for(lambda: not is_alive(child), "the child's end")
    assert not is_alive(child)


def test_a_child_ends_whose_parent_died_before_it_took_its_limits() -> None:
    confine = [sys.executable, "-I", "-S", str(CONFINE), "1", "0", "0", "0"]
    done = subprocess.run(
        [*confine, sys.executable, "-c", "print('began')"],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")


@pytest.mark.parametrize(
    ("program", "error"),
    [
        pytest.param("x = bytes(1 << 30)", "MemoryError", id="memory"),
        pytest.param("open('big', 'wb').write(bytes(2 << 20))", "File too large", id="file"),
    ],
)
def test_a_child_has_limits(tmp_path: Path, program: str, error: str) -> None:
    ended, words = finished(tmp_path, program)
    assert ended.status == 1
    assert any(error in line for line in words.lines)
    assert words.crashed
    assert words.sentence == ""


@pytest.mark.slow
def test_processor_time_is_limited(tmp_path: Path) -> None:
    ended, _words = finished(tmp_path, "while True: pass")
    assert ended == Ended(-signal.SIGXCPU, timed_out=False) or ended.status == -signal.SIGKILL


def test_last_words_are_the_sentence_that_a_child_said_on_purpose(tmp_path: Path) -> None:
    ended, words = finished(tmp_path, r"import sys; sys.exit('first\n\nError: no \x1bfile.\n')")
    assert ended == Ended(1, timed_out=False)
    assert words.lines == ("first", "Error: no \x1bfile.")
    assert words.sentence == "no  file."


def finished(folder: Path, program: str) -> tuple[Ended, LastWords]:
    command = Command([sys.executable, "-c", program], folder, environment())
    limits = Limits(HANG_GUARD_S, 512 << 20, 1 << 20, cpu_s=1)
    ended = run(command, folder / "output", folder / "errors", limits)
    return ended, last_words(folder / "errors")
