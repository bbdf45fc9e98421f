"""Computes the metrics of answers against references: official, strict, coverage, by dataset.

Pure. The metrics equal the public evaluator's (tests/data/evaluation.json); each is defined in
its module under evaluation/tasks. A metric that was not computed is NaN.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from core.benchmark import METRIC_BY_KEY, METRIC_KEYS, METRICS, PARTS, TASKS
from core.errors import MedVidBenchError
from core.model.contracts.evaluation import Coverage, DatasetScore, Surplus
from evaluation.progress import Progress
from evaluation.tasks import registry
from evaluation.tasks.interface import RecordError, Row
from evaluation.tasks.sample import NOT_JUDGED, Sample, by_dataset
from evaluation.tasks.surplus import surplus
from evaluation.truth import TruthRecord

# Why a metric was not computed; all records of its task are then unscored.
NO_RECORDS = "no_record_in_file"
NOT_SELECTED = "not_selected"
FAILED = "failed"


class Result(msgspec.Struct, frozen=True):
    """The result of an evaluation. The mappings have metric keys, except for the last two.

    surplus: only metrics whose answers are segments or boxes.
    failures: task -> reason, without any text of the truth or the answers.
    samples: task -> sample scores; private, since they show which answers are right.
    """

    metrics: dict[str, float]
    strict: dict[str, float]
    coverage: dict[str, Coverage]
    surplus: dict[str, Surplus]
    by_dataset: dict[str, dict[str, DatasetScore]]
    samples: dict[str, list[Sample]]
    failures: dict[str, str]


def score(
    records: Sequence[TruthRecord],
    texts: Sequence[str | None],
    tasks: Collection[str],
    report: Callable[[float, str], None] = lambda _fraction, _text: None,
) -> Result:
    """Scores the answers `texts[i]` to `records[i]` for the given tasks.

    None is a missing answer: it counts as empty if its task has any answer; a task without
    answers has no metric. `report` is called with a fraction from 0 to 1 and a log line.
    A task that raises is recorded as a failure; the others continue.
    """
    rows = _rows_by_task(records, texts)
    absent = {task for task, found in rows.items() if all(texts[row[0]] is None for row in found)}
    chosen = [
        task for task in registry.TASKS if task in tasks and task in rows and task not in absent
    ]
    progress = Progress(sum(len(rows[task]) for task in chosen), report)
    for task in chosen:
        progress.expect(task, registry.TASKS[task].extra_work(rows[task]))
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


class _TaskError(Exception):
    """A task could not be scored; the message is the reason to show."""


def _score_task(task: str, rows: Sequence[Row], progress: Progress) -> list[Sample]:
    try:
        return registry.TASKS[task].score(rows, progress)
    except RecordError as error:
        cause = error.__cause__ or error
        raise _TaskError(_reason(cause, f" at record {error.index}")) from cause
    except Exception as error:
        raise _TaskError(_reason(error, "")) from error


def _reason(error: BaseException, where: str) -> str:
    """Exception type and place; the message only of errors that are safe to show."""
    kind = type(error).__name__ + where
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
    extra: dict[str, Surplus] = {}
    for task, found in samples.items():
        aggregate = registry.TASKS[task].aggregate
        metrics |= aggregate(found)
        strict |= aggregate(found, strict=True)
        counted = surplus(registry.TASKS[task], rows[task], found)
        if counted:
            extra |= dict.fromkeys(registry.TASKS[task].metrics, counted)
        for name, group in by_dataset(found).items():
            for key, value in aggregate(group).items():
                scored = len([1 for sample in group if key in sample.scores])
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
    return Result(metrics, strict, coverage, extra, datasets, samples, failures)


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
        off_label = registry.TASKS[METRIC_BY_KEY[key].task].off_label
        mapped = off_label(rows) if off_label else None
        return Coverage(len(rows), answered, scored, share, unscored, off_label=mapped)
    parts = [value for sample in samples for value in sample.parts.values()]
    named = sum(value is not None for value in parts)
    return Coverage(len(rows), answered, scored, share, unscored, len(parts), named)
