"""What would raise a run's scores most, in sentences: answers with a format that scored nothing.

Pure. Uses only counts and published means, so that no sentence reveals a single answer.
"""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from core.benchmark import METRICS, PARTS, TASK_BY_KEY, Metric
from core.model.contracts.evaluation import Coverage
from core.publish.numbers import count

MOST: Final = 3
_LEAST: Final = 0.005  # below it a gain is shown as 0.00
# Metrics that are means over records; for others, counts give no bound.
_MEANS: Final = ("nap_acc", "stg_miou", "tag_miou_03", "tag_miou_05")


class Help(NamedTuple):
    """One improvement; `gain` is the largest possible gain of the metric, 0 if unknown."""

    text: str
    gain: float


def what_helps(
    metrics: Mapping[str, float | None],
    coverage: Mapping[str, Coverage],
    unread: Mapping[str, int],
    not_counted: Collection[str] = (),
) -> list[Help]:
    """The most helpful improvements, at most `MOST`: of metrics that do not count in the rank, then
    by the largest possible gain.

    `unread`: task -> number of unreadable answers, including empty ones. `not_counted`: the metrics
    with a value below an enforced minimum coverage.
    """
    found: dict[str, Help] = {}
    for metric in METRICS:
        one = _of(metric, metrics.get(metric.key), coverage.get(metric.key), unread)
        if one and not one.gain and metric.key in not_counted:  # the answers are left out
            one = Help(f"{one.text.rstrip('.')}, so {metric.name} does not count.", 1.0)
        # A task with several metrics is listed once, with the metric that gains most.
        if one and one.gain >= found.get(metric.task, Help("", -1.0)).gain:
            found[metric.task] = one
    return sorted(found.values(), key=lambda one: one.gain, reverse=True)[:MOST]


def _of(
    metric: Metric, value: float | None, coverage: Coverage | None, unread: Mapping[str, int]
) -> Help | None:
    """What helps one judge-free metric; None if nothing is missing."""
    if metric.needs_judge or coverage is None or not coverage.records:
        return None
    task = TASK_BY_KEY[metric.task].short
    if value is None:
        text = f"No answer for {task} could be scored: {metric.name} is empty and ranks last."
        return Help(text, 1.0)
    missing = min(unread.get(metric.task, 0), coverage.records)
    if metric.key in _MEANS and missing:
        # At best each of them, 0 now, gets the full score.
        gain = min(1.0 - value, missing / coverage.records)
        text = f"{count(missing, f'{task} answer')} empty or unreadable"
        if gain < _LEAST:
            return Help(f"{text}: up to +{gain:.3f} {metric.name}.", gain)
        return Help(f"{text}: up to +{gain:.2f} {metric.name}.", gain)
    left = sum(n for why, n in coverage.unscored.items() if why in ("empty", "unparsed"))
    if left:
        text = f"{count(left, f'{task} answer')} empty or unreadable, not counted in {metric.name}"
        return Help(f"{text}; they lower its coverage.", 0.0)
    if metric.key in PARTS and (coverage.parts_named or 0) < (coverage.parts or 0):
        gap = (coverage.parts or 0) - (coverage.parts_named or 0)
        text = f"{gap:,} {PARTS[metric.key]} not answered in {task}; they lower its coverage."
        return Help(text, 0.0)
    return None
