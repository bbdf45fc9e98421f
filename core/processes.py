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

import psutil

# The start time is told in seconds since the epoch from a boot time of whole
# seconds, which the system may correct by one while it runs.
_SAME_START_S = 2.0
_PR_SET_PDEATHSIG = 1


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


def stop_session(process: ProcessId, *, marker: tuple[str, str], grace_s: float = 3.0) -> None:
    """Ask the process to end, then end everything left of its session.

    `marker` is a name and value that members have in their environment: after
    a reboot the session's number can belong to strangers. Waits at most
    `grace_s` seconds for the polite end.
    """
    if is_alive(process):
        _signal(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + grace_s
        while is_alive(process) and time.monotonic() < deadline:
            time.sleep(0.02)
            reap()
    for pid in _session(process, marker):
        _signal(pid, signal.SIGKILL)
    deadline = time.monotonic() + grace_s
    while is_alive(process) and time.monotonic() < deadline:
        time.sleep(0.02)
        reap()


def _session(leader: ProcessId, marker: tuple[str, str]) -> list[int]:
    """The leader and what it started, as far as they still run."""
    members = [leader.pid] if is_alive(leader) else []
    for pid in psutil.pids():
        with contextlib.suppress(OSError, psutil.Error):
            if pid != leader.pid and os.getsid(pid) == leader.pid:
                name, value = marker
                if psutil.Process(pid).environ().get(name) == value:
                    members.append(pid)
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
