"""What an evaluation tells: its results file (--json), and lines of its output.

Written by `python evaluation/evaluate_predictions.py`, read by the job that runs it.
"""

import re
from collections.abc import Iterable

import msgspec

# The last line on standard error begins with it, where a command fails on purpose.
ERROR = "Error: "
# Exit status of the check: its question file cannot be read, which is no fault of the upload.
BAD_QUESTIONS = 2
_PROGRESS = re.compile(r"\[progress\] (\d(?:\.\d+)?)(?:\s|$)")
_TASK_FAILED = re.compile(r"Error running \w+ evaluation: ")


class Coverage(msgspec.Struct, frozen=True, omit_defaults=True):
    """How much of a task stands behind a metric.

    answered: answers that are not empty. coverage: scored / records, None when the metric
    was not computed. unscored: reason -> records. parts: of a balanced metric
    (core.benchmark.PARTS), how many parts all references have; parts_named: how many of
    them the answers name. Other metrics have neither. off_label: of a task with labels, the
    answers that are none and count as the one nearest in meaning.
    """

    records: int
    answered: int
    scored: int
    coverage: float | None
    unscored: dict[str, int]
    parts: int | None = None
    parts_named: int | None = None
    off_label: int | None = None


class DatasetScore(msgspec.Struct, frozen=True):
    """A metric within one source dataset, its scored records `n` and all its records."""

    value: float | None
    n: int
    records: int


class Surplus(msgspec.Struct, frozen=True):
    """Answers with more segments or boxes than the question asks for, or more than 20.

    answers: how many there are. largest: segments or boxes in the largest of them, 0 without any.
    """

    answers: int
    largest: int


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """The results file, in full precision. The mappings have metric keys.

    A metric that was not computed is null there, None once it is read, and NaN within evaluation.
    `surplus` has the metrics of tasks whose answers hold segments or boxes.
    """

    metrics: dict[str, float | None]
    strict: dict[str, float | None] = {}
    coverage: dict[str, Coverage] = {}
    surplus: dict[str, Surplus] = {}
    by_dataset: dict[str, dict[str, DatasetScore]] = {}
    scorer_version: str
    ground_truth_sha256: str
    predictions_sha256: str


def error_line(text: str) -> str:
    """The last line of a command that fails on purpose."""
    return f"{ERROR}{' '.join(text.split())}\n"


def progress_line(fraction: float, text: str) -> str:
    """A line that tells how far the work is; fraction 0 to 1."""
    return f"[progress] {fraction:.2f} {text}"


def progress_of(line: str) -> float | None:
    """The fraction that a line tells, 0 to 1; None for any other line."""
    found = _PROGRESS.match(line)
    return min(1.0, float(found[1])) if found else None


def task_failed_line(task: str, why: str) -> str:
    """Says that a task could not be scored; `why` holds no word of the truth."""
    return f"Error running {task} evaluation: {why}"


def failed_tasks(lines: Iterable[str]) -> list[str]:
    """Those of the lines that say so."""
    return [line for line in lines if _TASK_FAILED.match(line)]
