"""Answers and references in, metrics out: official, strict, coverage and by dataset.

Pure. The metrics are those of the public evaluator, checked against
tests/data/evaluation.json; each is defined in its module under evaluation/tasks.
A metric that was not computed is NaN here.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from types import ModuleType

import msgspec

from core.benchmark import METRIC_KEYS, METRICS, PARTS, TASKS
from core.errors import MedVidBenchError
from evaluation.progress import Progress
from evaluation.tasks import cvs_assessment, dvc, next_action, skill_assessment, stg, tal
from evaluation.tasks.sample import NOT_JUDGED, Sample, by_dataset
from evaluation.truth import TruthRecord

# Why a metric was not computed, and with it every record of its task unscored.
NO_RECORDS = "no_record_in_file"
NOT_SELECTED = "not_selected"
FAILED = "failed"

_BY_RECORD: Mapping[str, ModuleType] = {
    "tal": tal,
    "stg": stg,
    "dvc": dvc,
    "skill_assessment": skill_assessment,
    "cvs_assessment": cvs_assessment,
}
_MODULES = {**_BY_RECORD, "next_action": next_action}
# Next-action prediction last: answers that are no label make it the slow one.
_ORDER = (*_BY_RECORD, "next_action")
# What embedding costs, in records scored, per token and for a text's first ones: for the
# progress bar only.
_MAX_TOKENS = 256
_TOKEN_COST, _TEXT_COST, _CHARACTERS_PER_TOKEN = 7, 20, 4

Row = tuple[int, TruthRecord, str]
"""Index in the truth, reference, answer."""


class Coverage(msgspec.Struct, frozen=True, omit_defaults=True):
    """How much of a task stands behind a metric.

    answered: answers that are not empty. coverage: scored / records, None (null) when
    the metric was not computed. unscored: reason -> records. parts: of a balanced metric
    (core.benchmark.PARTS), how many parts all references have; parts_named: how many of
    them the answers name. Other metrics have neither.
    """

    records: int
    answered: int
    scored: int
    coverage: float | None
    unscored: dict[str, int]
    parts: int | None = None
    parts_named: int | None = None


class DatasetScore(msgspec.Struct, frozen=True):
    """A metric within one source dataset, its scored records `n` and all its records."""

    value: float
    n: int
    records: int


class Result(msgspec.Struct, frozen=True):
    """Everything one evaluation gives. The four mappings have metric keys.

    failures: task -> reason, without a word of truth or answers.
    samples: task -> sample scores; private, since they tell right answers from wrong.
    """

    metrics: dict[str, float]
    strict: dict[str, float]
    coverage: dict[str, Coverage]
    by_dataset: dict[str, dict[str, DatasetScore]]
    samples: dict[str, list[Sample]]
    failures: dict[str, str]


def score(
    records: Sequence[TruthRecord],
    texts: Sequence[str | None],
    tasks: Collection[str],
    report: Callable[[float, str], None] = lambda _fraction, _text: None,
) -> Result:
    """Scores the answers `texts[i]` to `records[i]` for the named tasks.

    A text of None is a missing answer: empty, if its task has any answer; a task
    without any has no metric. `report` is called with a fraction from 0 to 1 and a
    line for the log. A task that raises is a failure; the others go on.
    """
    rows = _rows_by_task(records, texts)
    absent = {task for task, found in rows.items() if all(texts[row[0]] is None for row in found)}
    chosen = [task for task in _ORDER if task in tasks and task in rows and task not in absent]
    progress = Progress(sum(len(rows[task]) for task in chosen), report)
    if "next_action" in chosen:
        progress.expect(_embedding_cost(rows["next_action"]))
    samples: dict[str, list[Sample]] = {}
    failures: dict[str, str] = {}
    for task in chosen:
        try:
            samples[task] = _score_task(task, rows[task], progress)
        except _TaskError as error:
            failures[task] = str(error)
            progress.log(f"{task}: failed")
        else:
            progress.log(f"{task}: {len(rows[task]):,} records scored")
    missing = {
        **dict.fromkeys((task.key for task in TASKS if task.key not in tasks), NOT_SELECTED),
        **dict.fromkeys(failures, FAILED),
        **dict.fromkeys(absent, NO_RECORDS),
    }
    return _result(rows, samples, failures, missing)


def _rows_by_task(
    records: Sequence[TruthRecord], texts: Sequence[str | None]
) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for index, (record, text) in enumerate(zip(records, texts, strict=True)):
        rows.setdefault(record.task, []).append((index, record, text or ""))
    return rows


def _embedding_cost(rows: Sequence[Row]) -> int:
    """About what the answers cost that are no label; in records scored."""
    try:
        pending = {case.answer for case in next_action.cases(rows) if case.off_label}
    except MedVidBenchError:
        return 0  # told when the task's turn comes
    tokens = sum(min(_MAX_TOKENS, len(text) // _CHARACTERS_PER_TOKEN) for text in pending)
    return _TEXT_COST * len(pending) + _TOKEN_COST * tokens


class _TaskError(Exception):
    """A task could not be scored; the message is the reason to show."""


def _score_task(task: str, rows: Sequence[Row], progress: Progress) -> list[Sample]:
    if task == "next_action":
        return _score_next_action(rows, progress)
    sample: Callable[[int, TruthRecord, str], Sample] = _BY_RECORD[task].sample
    samples = []
    for index, record, text in rows:
        try:
            samples.append(sample(index, record, text))
        except Exception as error:
            raise _TaskError(_reason(error, f" at record {index}")) from error
        progress.step()
    return samples


def _score_next_action(rows: Sequence[Row], progress: Progress) -> list[Sample]:
    def embed(pairs: next_action.Pairs) -> list[str]:
        from evaluation.nearest import nearest  # importing numpy costs more than the scoring

        def embedded(done: int, total: int) -> None:
            progress.step_to(done / total)
            progress.log(f"next_action: {done:,} of {total:,} texts embedded")

        return nearest(pairs, embedded)

    try:
        samples = next_action.samples(next_action.cases(rows), embed)
    except Exception as error:
        raise _TaskError(_reason(error, "")) from error
    progress.step(len(rows))
    return samples


def _reason(error: Exception, place: str) -> str:
    """Exception type and place; the message only of errors made to be shown."""
    kind = type(error).__name__ + place
    if isinstance(error, MedVidBenchError):
        return f"{kind}: {error}"
    return kind


def _result(
    rows: Mapping[str, Sequence[Row]],
    samples: dict[str, list[Sample]],
    failures: dict[str, str],
    missing: Mapping[str, str],
) -> Result:
    metrics = dict.fromkeys(METRIC_KEYS, math.nan)
    strict = dict.fromkeys(METRIC_KEYS, math.nan)
    datasets: dict[str, dict[str, DatasetScore]] = {key: {} for key in METRIC_KEYS}
    for task, found in samples.items():
        aggregate = _MODULES[task].aggregate
        metrics |= aggregate(found)
        strict |= aggregate(found, strict=True)
        for name, group in by_dataset(found).items():
            for key, value in aggregate(group).items():
                scored = sum(key in sample.scores for sample in group)
                datasets[key][name] = DatasetScore(value, scored, len(group))
    coverage = {
        metric.key: _coverage(
            rows.get(metric.task, ()),
            None if metric.needs_judge else samples.get(metric.task),
            metric.key,
            missing.get(metric.task, NOT_JUDGED if metric.needs_judge else NO_RECORDS),
        )
        for metric in METRICS
    }
    return Result(metrics, strict, coverage, datasets, samples, failures)


def _coverage(
    rows: Sequence[Row], samples: Sequence[Sample] | None, key: str, missing: str
) -> Coverage:
    answered = sum(bool(text.strip()) for _, _, text in rows)
    if samples is None:
        return Coverage(len(rows), answered, 0, None, {missing: len(rows)} if rows else {})
    reasons = Counter(sample.reason for sample in samples if key not in sample.scores)
    unscored = {str(reason): count for reason, count in sorted(reasons.items(), key=str)}
    scored = len(samples) - reasons.total()
    share = scored / len(samples) if samples else None
    if key not in PARTS:
        return Coverage(len(rows), answered, scored, share, unscored)
    parts = [value for sample in samples for value in sample.parts.values()]
    named = sum(value is not None for value in parts)
    return Coverage(len(rows), answered, scored, share, unscored, len(parts), named)
