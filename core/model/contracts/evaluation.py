"""The output of an evaluation: its results file (--json), and lines that programs read.

Written by `python evaluation/evaluate_predictions.py`, read by the job that runs it.
"""

import re
from collections.abc import Iterable

import msgspec

# Prefix of the last line on standard error when a command fails on purpose.
ERROR = "Error: "
# Exit status of the check if its question file cannot be read, which is not the upload's fault.
BAD_QUESTIONS = 2
_PROGRESS = re.compile(r"\[progress\] (\d(?:\.\d+)?)(?:\s|$)")
_TASK_FAILED = re.compile(r"Error running \w+ evaluation: ")


class Coverage(msgspec.Struct, frozen=True, omit_defaults=True):
    """How much of a task a metric is based on.

    answered: non-empty answers. coverage: scored / records, None when the metric was not
    computed. unscored: reason -> records. parts: for a balanced metric (core.benchmark.PARTS),
    the number of parts in all references; parts_named: how many of them the answers name.
    off_label: for a task with labels, answers that are not labels and count as the label nearest
    in meaning.
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

    answers: their number. largest: segments or boxes in the largest of them, 0 without any.
    """

    answers: int
    largest: int


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """The results file, in full precision. The mappings have metric keys.

    A metric that was not computed is null in the file, None when read, and NaN in evaluation.
    `surplus` has the metrics of tasks whose answers are segments or boxes.
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
    """A progress line; fraction 0 to 1."""
    return f"[progress] {fraction:.2f} {text}"


def progress_of(line: str) -> float | None:
    """The fraction in a progress line, 0 to 1; None for any other line."""
    found = _PROGRESS.match(line)
    return min(1.0, float(found[1])) if found else None


def task_failed_line(task: str, why: str) -> str:
    """The line for a task that could not be scored; `why` must not quote the truth."""
    return f"Error running {task} evaluation: {why}"


def failed_tasks(lines: Iterable[str]) -> list[str]:
    """The lines of that kind."""
    return [line for line in lines if _TASK_FAILED.match(line)]
