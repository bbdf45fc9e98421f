"""Child processes: started, limited, followed, ended, and what they said last.

The only module of core that starts any. A child either is waited for, within limits, and ends
with its parent (`run`); or it outlives this process (`start_session`); or it ends with this
process, however that ends, because it reads from a pipe (`run_tied`).
"""

import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.model.contracts.evaluation import ERROR
from core.model.entries import ProcessId
from core.runs.processes import process_of

_CONFINE = Path(__file__).with_name("confine.py")
_POLL_S = 0.2
_WORDS_BYTES = 64 * 1024
_SENTENCE_LENGTH = 300
_NO_MEMORY = ("MemoryError", "failed to map segment", "Cannot allocate memory")
_FROM_OUTSIDE: Final = frozenset(
    {signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT}
)
# What a child gets to know of the environment: no token, no password.
PASSED_ON: Final = frozenset(
    {"PATH", "HOME", "LANG", "LANGUAGE", "TMPDIR", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH"}
    | {"HF_HOME", "XDG_CACHE_HOME", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}
)


@dataclass(frozen=True, slots=True)
class Command:
    """What is run, in which folder, with which environment; open files that it is handed."""

    arguments: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]
    descriptors: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one command: wall-clock time, address space, largest file it may write, processor time.

    `cpu_s`: whole seconds; 0 is no limit.
    """

    timeout_s: float
    memory_bytes: int
    file_bytes: int = 256 << 20
    cpu_s: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: exit status (negative: killed by that signal), or out of time."""

    status: int
    timed_out: bool

    @property
    def by_machine(self) -> bool:
        """Whether somebody outside ended it, as an operator or the system without memory does.

        None of its limits does: they end it by other signals, or let it say so itself.
        """
        return not self.timed_out and -self.status in _FROM_OUTSIDE

    def blame(self, what: str) -> str:
        """The sentence on `what` ("the check") when the machine ended it."""
        return (
            f"The machine ended {what} before it was done: it was killed (signal {-self.status}), "
            "because memory ran out or somebody stopped it. That says nothing about the file."
        )


@dataclass(frozen=True, slots=True)
class LastWords:
    """What a child wrote to standard error at its end. Only `sentence` may be shown."""

    lines: tuple[str, ...]

    @property
    def crashed(self) -> bool:
        """Whether it ended with a traceback, which may quote anything."""
        return any("Traceback (most recent call last)" in line for line in self.lines)

    @property
    def out_of_memory(self) -> bool:
        """Whether Python said so, or the system while it loaded Python."""
        return any(sign in line for line in self.lines for sign in _NO_MEMORY)

    @property
    def sentence(self) -> str:
        """The message that it ended with on purpose; empty when it left none."""
        if self.crashed or not self.lines:
            return ""
        said = self.lines[-1].removeprefix(ERROR)
        return "".join(sign if sign.isprintable() else " " for sign in said)[:_SENTENCE_LENGTH]


def last_words(errors: Path) -> LastWords:
    """The end of what a child wrote to `errors`, in lines that are not blank."""
    with errors.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _WORDS_BYTES))
        text = file.read().decode("utf-8", errors="replace")
    return LastWords(tuple(line.strip() for line in text.split("\n") if line.strip()))


def environment(**more: str) -> dict[str, str]:
    """What of this process's environment a child may know, and `more`."""
    kept = {name: value for name, value in os.environ.items() if name in PASSED_ON}
    return {**kept, **more}


def run(
    command: Command,
    output: Path,
    errors: Path,
    limits: Limits,
    tick: Callable[[Sequence[str]], None] | None = None,
) -> Ended:
    """Run a command to its end within limits; it dies with this thread.

    Standard output and error go to the two files, readable by the owner only. Every 0.2 s
    `tick` gets the new lines of the output; what it raises ends the command. However this ends,
    the command and what it started in its process group are gone then. Raises OSError when no
    process can be started.
    """
    deadline = time.monotonic() + limits.timeout_s
    with _private(output) as out, _private(errors) as err:
        child = subprocess.Popen(
            confined(command.arguments, limits),
            cwd=command.cwd,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            process_group=0,
            pass_fds=command.descriptors,
        )
    follower, timed_out = _Follower(output), False
    try:
        while not (timed_out or _ended(child, min(_POLL_S, deadline - time.monotonic()))):
            if tick is not None:
                tick(follower.lines())
            timed_out = time.monotonic() > deadline
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    if tick is not None:
        tick(follower.lines(rest=True))
    return Ended(child.returncode, timed_out)


def confined(arguments: Sequence[str], limits: Limits) -> list[str]:
    """The command line of a process that takes limits, then becomes a command (core.runs.confine).

    It dies with the thread that starts it.
    """
    numbers = (os.getpid(), limits.memory_bytes, limits.file_bytes, limits.cpu_s)
    # -I -S: the limits are taken before anything of the command's environment is looked at.
    return [sys.executable, "-I", "-S", str(_CONFINE), *map(str, numbers), *arguments]


def _ended(child: subprocess.Popen[bytes], most_s: float) -> bool:
    """Whether the child ends within so many seconds."""
    try:
        child.wait(max(0.0, most_s))
    except subprocess.TimeoutExpired:
        return False
    return True


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
    started = process_of(child.pid)
    with _children_lock:
        _children.append(child)
    return started


def reap() -> None:
    """Let go of sessions that ended, so that they do not stay as zombies."""
    with _children_lock:
        _children[:] = [child for child in _children if child.poll() is None]


def run_tied(
    command: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    started: Callable[[ProcessId], None],
) -> int:
    """Run a command in a session of its own to its end; its exit status.

    Its standard input is a pipe from here, which it must end with. `started` gets its name;
    standard error is this process's.
    """
    child = subprocess.Popen(
        list(command),
        cwd=cwd,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        started(process_of(child.pid))
        return child.wait()
    finally:
        if child.stdin is not None:
            child.stdin.close()


def _private(path: Path) -> io.BufferedWriter:
    """A file of this name for writing, emptied, that no other user reads."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


class _Follower:
    """Reads what was added to a log since the last time, in whole lines."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0
        self._torn = b""

    def lines(self, *, rest: bool = False) -> list[str]:
        with self._path.open("rb") as file:
            file.seek(self._at)
            data = file.read()
        self._at += len(data)
        *whole, self._torn = (self._torn + data).split(b"\n")
        if rest and self._torn:
            whole.append(self._torn)
            self._torn = b""
        return [line.decode("utf-8", errors="replace") for line in whole]
