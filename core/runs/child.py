"""Child processes: start, limit, follow and end them, and read their last message.

The only module of core that starts processes. `run` waits for a child, which has limits and ends
with its parent; a child of `start_session` outlives this process; a child of `run_tied` always ends
with this process, because it reads from a pipe.
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
# Environment variables passed to a child: no token, no password.
PASSED_ON: Final = frozenset(
    {"PATH", "HOME", "LANG", "LANGUAGE", "TMPDIR", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH"}
    | {"HF_HOME", "XDG_CACHE_HOME", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its folder, environment and inherited files."""

    arguments: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]
    descriptors: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one command: wall-clock time, address space, largest written file, CPU time.

    `cpu_s`: whole seconds; 0 is no limit.
    """

    timeout_s: float
    memory_bytes: int
    file_bytes: int = 256 << 20
    cpu_s: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: exit status (negative: killed by that signal), or timeout."""

    status: int
    timed_out: bool

    @property
    def by_machine(self) -> bool:
        """Whether it was killed from outside, for example by an operator or the OOM killer.

        Its limits use other signals, or let it report the error itself.
        """
        return not self.timed_out and -self.status in _FROM_OUTSIDE

    def blame(self, what: str) -> str:
        """The sentence about `what` ("the check") when it was killed from outside."""
        return (
            f"The machine ended {what} too early: it was killed (signal {-self.status}), "
            "because memory ran out or somebody stopped it. The file is not the cause."
        )


@dataclass(frozen=True, slots=True)
class LastWords:
    """The end of a child's standard error. Only `sentence` may be shown."""

    lines: tuple[str, ...]

    @property
    def crashed(self) -> bool:
        """Whether it ended with a traceback, which may contain anything."""
        return any("Traceback (most recent call last)" in line for line in self.lines)

    @property
    def out_of_memory(self) -> bool:
        """Whether Python, or the system while loading it, ran out of memory."""
        return any(sign in line for line in self.lines for sign in _NO_MEMORY)

    @property
    def sentence(self) -> str:
        """The message of an intended exit; empty if there is none."""
        if self.crashed or not self.lines:
            return ""
        said = self.lines[-1].removeprefix(ERROR)
        return "".join(sign if sign.isprintable() else " " for sign in said)[:_SENTENCE_LENGTH]


def last_words(errors: Path) -> LastWords:
    """The last non-blank lines that a child wrote to `errors`."""
    with errors.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _WORDS_BYTES))
        text = file.read().decode("utf-8", errors="replace")
    return LastWords(tuple(line.strip() for line in text.split("\n") if line.strip()))


def environment(**more: str) -> dict[str, str]:
    """The part of this process's environment for a child, and `more`."""
    kept = {name: value for name, value in os.environ.items() if name in PASSED_ON}
    return {**kept, **more}


def run(
    command: Command,
    output: Path,
    errors: Path,
    limits: Limits,
    tick: Callable[[Sequence[str]], None] | None = None,
) -> Ended:
    """Run a command to completion within limits; it dies with this thread.

    Standard output and error go to the two files, readable by the owner only. Every 0.2 s `tick`
    gets the new lines of the output; an exception from it ends the command. In any case the command
    and its process group have ended afterwards. Raises OSError when no process can be started.
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
    """The command line of a process that sets limits and then executes a command
    (core.runs.confine).

    It dies with the thread that starts it.
    """
    numbers = (os.getpid(), limits.memory_bytes, limits.file_bytes, limits.cpu_s)
    # -I -S: the limits are set before anything in the command's environment takes effect.
    return [sys.executable, "-I", "-S", str(_CONFINE), *map(str, numbers), *arguments]


def _ended(child: subprocess.Popen[bytes], most_s: float) -> bool:
    """Whether the child ends within this many seconds."""
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
    """Start a process in a new session, so that it outlives this one.

    Its standard error goes to `errors` (readable by the owner only), its output is discarded.
    Raises OSError when no process can be started.
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
    """Reap ended sessions, so that they do not remain as zombies."""
    with _children_lock:
        _children[:] = [child for child in _children if child.poll() is None]


def run_tied(
    command: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    started: Callable[[ProcessId], None],
) -> int:
    """Run a command in a new session to completion; returns its exit status.

    Its standard input is a pipe from here, and it must end with it. `started` gets its process id;
    its standard error is this process's.
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
    """A file of this name, emptied, opened for writing and private to this user."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


class _Follower:
    """Reads the complete lines added to a log since the last time."""

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
