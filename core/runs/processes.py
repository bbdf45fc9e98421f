"""Identifies processes: whether one is alive, and ending it with all its children.

A pid alone does not identify a process: the system reuses it, and each container counts from 1.
See core.model.entries.ProcessId.
"""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import psutil

from core.model.entries import ProcessId

# Ending a job: this long for its last writes, and this long for the kill. Cancelling promises an
# end within 5 s; the rest is for its record.
POLITE_S: Final = 3.0
KILL_S: Final = 1.0
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_STAT = "/proc/{}/stat"
_NO_STAT_TICKS_S = 100


def this_process() -> ProcessId:
    """The calling process."""
    return process_of(os.getpid())


def process_of(pid: int) -> ProcessId:
    """The process that currently has a pid here. Raises psutil.NoSuchProcess."""
    started, _state = _started_and_state(pid)
    boot, space = _here()
    return ProcessId(pid=pid, started=started, boot=boot, space=space, host=socket.gethostname())


def in_sight(process: ProcessId) -> bool:
    """Whether its pid means the same here: the same host, boot and pid namespace."""
    return (process.boot, process.space) == _here() and process.host == socket.gethostname()


def is_alive(process: ProcessId) -> bool:
    """True while exactly this process is running here; a zombie is not."""
    if not in_sight(process):
        return False
    try:
        started, state = _started_and_state(process.pid)
    except psutil.NoSuchProcess:
        return False
    return started == process.started and state not in "ZX"


def booted_after(process: ProcessId) -> bool:
    """True if the process was on this machine, which has been rebooted since."""
    boot, _space = _here()
    return process.host == socket.gethostname() and bool(process.boot) and process.boot != boot


@cache
def _here() -> tuple[str, str]:
    """This boot and this pid namespace; empty if the system has none."""
    try:
        return _BOOT_ID.read_text().strip(), str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return "", ""


def _started_and_state(pid: int) -> tuple[int, str]:
    """When a process started, in kernel ticks since the boot, and its state.

    psutil uses the clock, which may be changed while the process runs.
    """
    try:
        stat = Path(_STAT.format(pid)).read_text(errors="replace")
    except OSError:  # ended, or not Linux
        if psutil.LINUX:
            raise psutil.NoSuchProcess(pid) from None
        found = psutil.Process(pid)
        ended = found.status() == psutil.STATUS_ZOMBIE
        return round(found.create_time() * _NO_STAT_TICKS_S), "Z" if ended else "R"
    fields = stat[stat.rindex(")") + 1 :].split()  # the name before it may have any characters
    return int(fields[19]), fields[0]


def stop_session(
    process: ProcessId,
    *,
    marker: tuple[str, str],
    polite_s: float = POLITE_S,
    kill_s: float = KILL_S,
) -> None:
    """Ask the process to end, then kill the rest of its session.

    `marker` is an environment variable and value of its members: after a reboot the session id can
    belong to other processes. Returns when the session has ended, after at most `polite_s` and
    `kill_s` seconds.
    """
    if is_alive(process):
        _signal(process.pid, signal.SIGTERM)
        _wait([process], polite_s)
    left = _session(process, marker)
    for member in left:
        _signal(member.pid, signal.SIGKILL)
    _wait(left, kill_s)


def _wait(ending: Sequence[ProcessId], most_s: float) -> None:
    """Wait until all have ended, or the time is up."""
    deadline = time.monotonic() + most_s
    while any(map(is_alive, ending)) and time.monotonic() < deadline:
        time.sleep(0.02)


def _session(leader: ProcessId, marker: tuple[str, str]) -> list[ProcessId]:
    """The leader and its children that are still running."""
    members = [leader] if is_alive(leader) else []
    for pid in psutil.pids():
        with contextlib.suppress(OSError, psutil.Error):
            if pid != leader.pid and os.getsid(pid) == leader.pid:
                found, (name, value) = psutil.Process(pid), marker
                if found.environ().get(name) == value:
                    members.append(process_of(pid))
    return members


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
