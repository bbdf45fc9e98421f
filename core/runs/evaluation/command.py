"""Runs the evaluator as a child with limits, and follows its log while it works.

The evaluator's standard output is the log that a participant sees. Its standard
error may hold a traceback, and a traceback may quote the truth: it goes to a
file for the operator.
"""

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.model.contracts import evaluation as contract
from core.runs.child import confined, end_group
from core.runs.records import ResultFiles
from core.settings import REPOSITORY, Settings

MEMORY_BYTES = 4 << 30
FILE_BYTES = 256 << 20  # the largest file an evaluation may write
_POLL_S = 0.2
_ERRORS_READ = 64 * 1024
# What the evaluator gets to know of the environment: no token, no password.
PASSED_ON = frozenset(
    {"PATH", "HOME", "LANG", "LANGUAGE", "TMPDIR", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH"}
    | {"HF_HOME", "XDG_CACHE_HOME", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How the evaluator ended: exit status (negative: killed by that signal), or out of time."""

    status: int
    timed_out: bool


def command(settings: Settings, files: ResultFiles) -> list[str]:
    """The evaluator's command line for one upload; the judge's metrics are another job."""
    return [
        sys.executable,
        str(REPOSITORY / "evaluation" / "evaluate_predictions.py"),
        str(files.upload),
        "--ground-truth",
        str(settings.truth_path),
        "--skip-llm-judge",
        "--json",
        str(files.evaluation),
        "--samples",
        str(files.samples),
    ]


def environment(marker: tuple[str, str]) -> dict[str, str]:
    """The evaluator's environment; `marker` names the job it belongs to."""
    kept = {name: value for name, value in os.environ.items() if name in PASSED_ON}
    return {**kept, "PYTHONUNBUFFERED": "1", marker[0]: marker[1]}


def run(
    arguments: Sequence[str],
    variables: Mapping[str, str],
    files: ResultFiles,
    *,
    timeout_s: float,
    tick: Callable[[Sequence[str]], None],
) -> Ended:
    """Run the evaluator to its end; every 0.2 s `tick` gets the new lines of its log.

    What `tick` raises ends the evaluator. Raises OSError when it cannot be started.
    """
    deadline = time.monotonic() + timeout_s
    with _private(files.log) as log, _private(files.errors) as errors:
        # One thread, so that the function before exec is safe and the child dies with it.
        child = subprocess.Popen(
            list(arguments),
            env=dict(variables),
            cwd=files.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=errors,
            process_group=0,
            preexec_fn=confined(MEMORY_BYTES, FILE_BYTES),  # noqa: PLW1509
        )
    timed_out = False
    follower = _Follower(files.log)
    try:
        while child.poll() is None:
            tick(follower.lines())
            timed_out = time.monotonic() > deadline
            if timed_out:
                break
            time.sleep(_POLL_S)
    finally:
        end_group(child)
    tick(follower.lines(rest=True))
    return Ended(child.returncode, timed_out)


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


def progress_of(lines: Sequence[str]) -> float | None:
    """The last progress told in these lines, 0 to 1; None when they tell none."""
    for line in reversed(lines):
        found = contract.progress_of(line)
        if found is not None:
            return found
    return None


def reason(ended: Ended, files: ResultFiles, timeout_s: float) -> str:
    """One sentence on why the evaluator did not succeed, without a word of the truth."""
    if ended.timed_out:
        return (
            f"The evaluation took longer than its time limit of {timeout_s:g} s and was stopped. "
            "Run it again; if that does not help, ask the maintainers for a higher limit."
        )
    log = files.log.read_text(encoding="utf-8", errors="replace")
    told = contract.failed_tasks(log.splitlines())
    if told:
        return told[-1]
    errors = files.errors.read_bytes()[-_ERRORS_READ:].decode("utf-8", errors="replace")
    if "MemoryError" in errors or ended.status == -9:
        return "The evaluation needed more memory than it may use, or was killed. Run it again."
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    # Only a message raised on purpose is safe to show; a traceback may quote anything.
    if ended.status == 1 and lines and "Traceback (most recent call last)" not in errors:
        return lines[-1].removeprefix(contract.ERROR)
    how = f"signal {-ended.status}" if ended.status < 0 else f"exit status {ended.status}"
    return (
        f"The evaluation ended without a result ({how}). The details are kept for the operator, "
        "who finds them beside the upload."
    )
