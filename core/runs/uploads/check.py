"""Runs the instant check of an upload in a short-lived process, so that no file can harm the
server.

The check itself is `python -m evaluation.predictions`; the interface is its command line and the
JSON review that it writes. If a check crashes, runs too long or needs too much memory, the report
says so.
"""

import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

from core.files.scratch import scratch
from core.model.contracts.evaluation import BAD_QUESTIONS
from core.model.contracts.review import Finding, Review, refused, unchecked
from core.runs import child
from core.settings import REPOSITORY

MODULE = "evaluation.predictions"
_MAX_REPORT = 4 * 1024 * 1024
PREFIX = "check-"
TIMEOUT_S = 60.0
# The full test set takes one second of CPU time and 100 MB. CPU time instead of wall-clock time, so
# that a busy machine does not refuse files.
CPU_S = 4
MEMORY_BYTES = 1024**3


def check(
    path: Path,
    *,
    questions: Path | None = None,
    timeout_s: float = TIMEOUT_S,
    cpu_s: int = CPU_S,
    memory_bytes: int = MEMORY_BYTES,
) -> Review:
    """The report on an uploaded file. `questions` is the public question file.

    Works in a separate folder next to the file.

    `timeout_s` is wall-clock time, `cpu_s` CPU time, `memory_bytes` the process's address space.
    Never raises for the file's content; OSError when no process can be started.
    """
    limits = (timeout_s, cpu_s, memory_bytes)
    status, report = _check_once(path, questions, limits)
    if status == BAD_QUESTIONS and questions is not None:
        # That is the server's problem: the participant gets the rest of the check.
        _, report = _check_once(path, None, limits)
        text = (
            "This server's question file cannot be read, so the number of boxes and "
            "segments was checked only for answers with their question in the upload."
        )
        report = replace(report, notes=(*report.notes, Finding("questions", None, 1, text)))
    return report


def remove_left(folder: Path) -> None:
    """Delete leftovers of killed checks next to an upload; no check may be running there."""
    for left in folder.glob(f"{PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)


def _check_once(
    path: Path, questions: Path | None, limits: tuple[float, int, int]
) -> tuple[int | None, Review]:
    timeout_s, cpu_s, memory_bytes = limits
    # Next to the upload, so that leftovers of a killed check are deleted with the upload.
    with scratch(PREFIX, path.parent) as folder:
        report = folder / "report.json"
        errors = folder / "errors"
        command = [sys.executable, "-m", MODULE, "--json", str(report)]
        if questions is not None:
            command += ["--questions", str(questions.resolve())]
        command += ["--", str(path.resolve())]
        ended = child.run(
            child.Command(command, folder, environment(str(folder))),
            folder / "output",
            errors,
            child.Limits(timeout_s, memory_bytes, _MAX_REPORT, cpu_s),
        )
        if ended.timed_out:  # the file's part is limited by CPU time
            return None, unchecked(
                f"The check took longer than {timeout_s:g} seconds and was stopped: the machine is "
                "too busy. The file is not the cause: choose it again in a few minutes."
            )
        if ended.by_machine:
            return None, unchecked(f"{ended.blame('the check')} Choose it again.")
        try:
            return ended.status, Review.from_json(report.read_bytes())
        except (OSError, ValueError):
            return ended.status, _failed(_reason(ended.status, child.last_words(errors)))


def environment(folder: str) -> dict[str, str]:
    """The environment: no secrets of the server, and nothing that affects the result."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TMPDIR": folder,
    }


def _reason(status: int, words: child.LastWords) -> str:
    """Why there is no report: killed by a limit, or the command's last message."""
    if status == -signal.SIGXCPU:
        return (
            "The check reached its CPU time limit and was stopped: the file has far "
            "more content than answers to the full test set. Keep only id, "
            "qa_type and prediction, and in a prediction only the answer."
        )
    if status < 0:
        # With too little memory, some systems end a program so before it can say why.
        return (
            f"The check crashed ({signal.Signals(-status).name}). It may have needed more memory "
            "than allowed: keep only id, qa_type and prediction."
        )
    if words.out_of_memory or not words.lines:
        return "The check needed more memory than allowed. Keep only id, qa_type and prediction."
    if words.crashed:
        return "The check failed while it read the file. Please report this with the file."
    return words.sentence


def _failed(text: str) -> Review:
    return refused(text, code="check")
