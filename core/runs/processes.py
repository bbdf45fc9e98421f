"""Processes of this machine by name: whether one lives, and the end of it and all it started.

A pid alone does not name a process: the system gives it out again, after a
while or after a reboot. So a process is its pid with its start time.
"""

import contextlib
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import psutil

# The start time is told in seconds since the epoch from a boot time of whole
# seconds, which the system may correct by one while it runs.
_SAME_START_S = 2.0
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
    return process_of(os.getpid())


def process_of(pid: int) -> ProcessId:
    """The process that has a pid now. Raises psutil.NoSuchProcess."""
    return ProcessId(pid, psutil.Process(pid).create_time())


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
