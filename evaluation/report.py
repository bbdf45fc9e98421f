"""The text that an evaluation prints. Pure; it never quotes the truth.

The names of source datasets are the only text from the truth file: they are public, and needed
to read the metrics per dataset.
"""

import math
from collections import Counter
from collections.abc import Sequence

from core import metric_log
from core.benchmark import JUDGE_KEYS, METRIC_BY_KEY, METRIC_KEYS, PARTS, QA_TYPE_RECORDS
from core.model.contracts.evaluation import task_failed_line
from evaluation.scoring import Result
from evaluation.tasks.registry import TASKS
from evaluation.tasks.surplus import MOST
from evaluation.truth import TruthRecord
from evaluation.upload.records import shown

_DASH = "—"


def judge_line(skipped: bool) -> str:
    """States that the caption metrics are omitted, and why."""
    names = ", ".join(METRIC_BY_KEY[key].name for key in JUDGE_KEYS)
    why = (
        "--skip-llm-judge was given"
        if skipped
        else "a language model grades them, by python -m evaluation.judge run"
    )
    return f"Caption metrics ({names}) are omitted: {why}."


def failure_lines(result: Result) -> list[str]:
    """One line per task that failed."""
    return [task_failed_line(task, why) for task, why in result.failures.items()]


def summary(result: Result) -> str:
    """The summary block that other programs parse (core.metric_log)."""
    return metric_log.write(result.metrics)


def coverage_table(result: Result) -> str:
    """Records, answered, scored, strict value and reasons of each metric without a judge."""
    rows = [("metric", "records", "answered", "scored", "strict", "unscored")]
    for key in METRIC_KEYS:
        coverage = result.coverage[key]
        if key in JUDGE_KEYS or coverage.coverage is None:
            continue
        reasons = [
            f"{reason.replace('_', ' ')} {count:,}" for reason, count in coverage.unscored.items()
        ]
        parts, named = coverage.parts or 0, coverage.parts_named or 0
        if named < parts:
            reasons.append(f"{PARTS[key]} not named {parts - named:,} of {parts:,}")
        rows.append(
            (
                METRIC_BY_KEY[key].name,
                f"{coverage.records:,}",
                f"{coverage.answered:,}",
                f"{coverage.scored:,}",
                _value(result.strict[key]),
                ", ".join(reasons),
            )
        )
    text = "Coverage (strict: unscored samples and TAG's missed and surplus segments count as 0)\n"
    return text + _table(rows) + _surplus(result)


def _surplus(result: Result) -> str:
    """One line per task with surplus answers."""
    lines = []
    for task in result.samples:
        key = TASKS[task].metrics[0]
        found = result.surplus.get(key)
        if found and found.answers:
            lines.append(
                f"{task}: {found.answers:,} of {result.coverage[key].records:,} answers have more "
                f"{TASKS[task].form.counted} than requested or than {MOST}, up to "
                f"{found.largest:,}\n"
            )
    return "".join(lines)


def per_dataset(result: Result) -> str:
    """The metrics of each source dataset with their n, one paragraph per dataset."""
    names = dict.fromkeys(name for key in METRIC_KEYS for name in result.by_dataset[key])
    parts = ["Metrics per source dataset (n: scored records)"]
    for name in sorted(names):
        lines = [shown(name)]
        for key in METRIC_KEYS:
            found = result.by_dataset[key].get(name)
            if found is not None:
                value = _value(found.value)
                lines.append(f"  {METRIC_BY_KEY[key].name}: {value} (n={found.n:,})")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def analysis(records: Sequence[TruthRecord], texts: Sequence[str | None]) -> str:
    """Records per qa_type and per source dataset: in the truth, in the file, not empty."""
    by_type: list[tuple[str, str | None]] = []
    by_source: list[tuple[str, str | None]] = []
    for record, text in zip(records, texts, strict=True):
        by_type.append((record.qa_type, text))
        by_source.append((record.dataset, text))
    order = {qa_type: place for place, qa_type in enumerate(QA_TYPE_RECORDS)}
    types = sorted({name for name, _ in by_type}, key=lambda name: (order.get(name, 99), name))
    return "\n".join(
        [
            "Records per qa_type",
            _counts("qa_type", types, by_type),
            "Records per source dataset",
            _counts("source", sorted({name for name, _ in by_source}), by_source),
        ]
    )


def _counts(title: str, names: Sequence[str], found: Sequence[tuple[str, str | None]]) -> str:
    questions = Counter(name for name, _ in found)
    given = Counter(name for name, text in found if text is not None)
    answered = Counter(name for name, text in found if text and text.strip())
    rows: list[tuple[str, ...]] = [(title, "questions", "in file", "answered")]
    rows += [
        (shown(name), f"{questions[name]:,}", f"{given[name]:,}", f"{answered[name]:,}")
        for name in names
    ]
    totals = (f"{counter.total():,}" for counter in (questions, given, answered))
    rows.append(("total", *totals))
    return _table(rows)


def _value(value: float | None) -> str:
    return _DASH if value is None or math.isnan(value) else f"{value:.4f}"


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    """Columns padded to their widest cell, the first left-aligned, numbers right-aligned."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"
