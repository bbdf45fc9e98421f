"""Starts, names and stops processes of this machine.

A pid alone does not name a process: the system gives it out again, after a
while or after a reboot. So a process is its pid with its start time.
"""

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

# The start time is told in seconds since the epoch from a boot time of whole
# seconds, which the system may correct by one while it runs.
_SAME_START_S = 2.0
_PR_SET_PDEATHSIG = 1
# A job's end when it is told to: so long it may take over its last writes, and so long the
# system over killing it. Cancel promises that all is over within 5 s; the rest is for its record.
POLITE_S: Final = 3.0
KILL_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class ProcessId:
    """One process: its pid and its start time in seconds since the epoch."""

    pid: int
    started: float


def this_process() -> ProcessId:
    """The process that asks."""
    return ProcessId(os.getpid(), psutil.Process().create_time())


def is_alive(process: ProcessId) -> bool:
    """True while exactly this process runs; one that ended unread (zombie) does not."""
    try:
        found = psutil.Process(process.pid)
        return (
            abs(found.create_time() - process.started) <= _SAME_START_S
            and found.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.NoSuchProcess:
        return False


def booted_after(process: ProcessId) -> bool:
    """True when the machine was started after the process was."""
    return psutil.boot_time() > process.started + _SAME_START_S


_children: list[subprocess.Popen[bytes]] = []
_children_lock = threading.Lock()


def start_session(
    command: Sequence[str], *, cwd: Path, environment: Mapping[str, str], errors: Path
) -> ProcessId:
    """Start a process in a session of its own, so that it outlives this one.

    Its standard error goes to `errors` (readable by the owner only), the rest
    nowhere. Raises OSError when the system starts no more processes.
    """
    reap()
    descriptor = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        child = subprocess.Popen(
            list(command),
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=descriptor,
            start_new_session=True,
        )
    finally:
        os.close(descriptor)
    started = psutil.Process(child.pid).create_time()
    with _children_lock:
        _children.append(child)
    return ProcessId(child.pid, started)


def reap() -> None:
    """Let go of children that ended, so that they do not stay as zombies."""
    with _children_lock:
        _children[:] = [child for child in _children if child.poll() is None]


def wait_or_kill(child: "subprocess.Popen[bytes]", most_s: float) -> int | None:
    """Exit status of a child that leads its own session; None when the time was up.

    However this ends, by an exception too, the child and what it started are gone then.
    """
    try:
        return child.wait(most_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def stop_session(
    process: ProcessId,
    *,
    marker: tuple[str, str],
    polite_s: float = POLITE_S,
    kill_s: float = KILL_S,
) -> None:
    """Ask the process to end, then end everything left of its session.

    `marker` is a name and value that members have in their environment: after
    a reboot the session's number can belong to strangers. Returns when nothing
    of the session runs: after `polite_s` and `kill_s` seconds at most.
    """
    if is_alive(process):
        _signal(process.pid, signal.SIGTERM)
        _wait([process], polite_s)
    left = _session(process, marker)
    for member in left:
        _signal(member.pid, signal.SIGKILL)
    _wait(left, kill_s)


def _wait(ending: Sequence[ProcessId], most_s: float) -> None:
    """Until all of them have ended, or the time is up."""
    deadline = time.monotonic() + most_s
    while any(map(is_alive, ending)) and time.monotonic() < deadline:
        time.sleep(0.02)
        reap()


def _session(leader: ProcessId, marker: tuple[str, str]) -> list[ProcessId]:
    """The leader and what it started, as far as they still run."""
    members = [leader] if is_alive(leader) else []
    for pid in psutil.pids():
        with contextlib.suppress(OSError, psutil.Error):
            if pid != leader.pid and os.getsid(pid) == leader.pid:
                found, (name, value) = psutil.Process(pid), marker
                if found.environ().get(name) == value:
                    members.append(ProcessId(pid, found.create_time()))
    return members


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def end_group(child: subprocess.Popen[bytes]) -> None:
    """Kill a child that leads a process group, and its group; wait for it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def confined(memory_bytes: int, file_bytes: int) -> Callable[[], None]:
    """What a child does before its program starts: take limits, and die with its parent.

    For `preexec_fn` of a parent with one thread: the death signal follows the
    thread that started the child. Dying with the parent needs Linux; elsewhere
    `stop_session` ends what a killed parent left.
    """
    parent = os.getpid()
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def prepare() -> None:
        _limit(resource.RLIMIT_AS, memory_bytes)
        _limit(resource.RLIMIT_FSIZE, file_bytes)
        _limit(resource.RLIMIT_CORE, 0)
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it died before the signal was asked for
            os._exit(1)

    return prepare


def _limit(kind: int, value: int) -> None:
    """Lower a limit; one that is lower already stays."""
    soft, hard = resource.getrlimit(kind)
    known = [bound for bound in (value, soft, hard) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(kind, (min(known), hard))
