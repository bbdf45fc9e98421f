"""Runs the instant check of an upload in a short-lived process, so that no file can
hurt the server.

The check itself is `python -m evaluation.predictions`; the two meet at its command line
and the JSON review it writes. A check that crashes, runs too long or wants too much
memory becomes a report that says so.
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
# The full test set takes one second of processor time and 100 MB. Processor time and not
# wall-clock, so that a busy machine refuses nothing.
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

    Works in a folder of its own beside the file.

    `timeout_s` is wall-clock time, `cpu_s` processor time, `memory_bytes` the process's
    address space. Never raises for what the file holds; OSError when no process can be started.
    """
    limits = (timeout_s, cpu_s, memory_bytes)
    status, report = _check_once(path, questions, limits)
    if status == BAD_QUESTIONS and questions is not None:
        # That file is the server's business: the participant gets the rest of the check.
        _, report = _check_once(path, None, limits)
        text = (
            "The question file of this server cannot be read, so that the number of boxes and "
            "segments was checked only where the upload holds its questions."
        )
        report = replace(report, notes=(*report.notes, Finding("questions", None, 1, text)))
    return report


def remove_left(folder: Path) -> None:
    """Delete what checks that were killed have left beside an upload; none may be at work there."""
    for left in folder.glob(f"{PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)


def _check_once(
    path: Path, questions: Path | None, limits: tuple[float, int, int]
) -> tuple[int | None, Review]:
    timeout_s, cpu_s, memory_bytes = limits
    # Beside the upload: what a killed check leaves behind goes with the upload.
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
        if ended.timed_out:  # the file's own part is limited by processor time
            return None, unchecked(
                f"The check took longer than {timeout_s:g} seconds and was stopped: the machine is "
                "too busy. That says nothing about the file: choose it again in a few minutes."
            )
        if ended.by_machine:
            return None, unchecked(f"{ended.blame('the check')} Choose it again.")
        try:
            return ended.status, Review.from_json(report.read_bytes())
        except (OSError, ValueError):
            return ended.status, _failed(_reason(ended.status, child.last_words(errors)))


def environment(folder: str) -> dict[str, str]:
    """Holds no secret of the server's, and nothing that changes what is read."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TMPDIR": folder,
    }


def _reason(status: int, words: child.LastWords) -> str:
    """Why there is no report: killed by a limit, or what the command said last."""
    if status == -signal.SIGXCPU:
        return (
            "The check used up its processor time and was stopped: the file holds far "
            "more to read than answers to the full test set. Leave out everything but id, "
            "qa_type and prediction, and from a prediction everything but the answer."
        )
    if status < 0:
        return f"The check crashed ({signal.Signals(-status).name}) while it read the file."
    if words.out_of_memory or not words.lines:
        return (
            "The check needed more memory than it may use. Leave out everything but id, qa_type "
            "and prediction."
        )
    if words.crashed:
        return "The check failed while it read the file. Please report this with the file."
    return words.sentence


def _failed(text: str) -> Review:
    return refused(text, code="check")
