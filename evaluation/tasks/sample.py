"""A sample score: what one record got, or why it got none."""

import math
from collections.abc import Iterable

import msgspec

# Reasons for a record without a score. They count records; none says what the truth is.
EMPTY = "empty"
UNPARSED = "unparsed"
NOTHING_TO_MATCH = "nothing_to_match"
NOT_IN_LABEL_SET = "not_in_label_set"
NOT_JUDGED = "not_judged"


class Sample(msgspec.Struct, frozen=True):
    """Score of one record of one task.

    scores: metric key -> score in [0, 1]; empty when unscored, then `reason` says why.
    parts: what a metric that is no mean of sample scores is made of. Skill and CVS:
    name -> 1 correct, 0 wrong, None not in the answer. Captioning: precision and recall
    at each threshold.
    """

    index: int
    dataset: str
    scores: dict[str, float]
    reason: str | None = None
    parts: dict[str, float | None] = {}


def unscored_reason(text: str, parsed: bool) -> str:
    """Why a record has no score: nothing said, nothing read, or nothing to compare with."""
    if not text.strip():
        return EMPTY
    return NOTHING_TO_MATCH if parsed else UNPARSED


def mean(values: Iterable[float]) -> float:
    """Arithmetic mean; NaN of nothing."""
    total, count = 0.0, 0
    for value in values:
        total += value
        count += 1
    return total / count if count else math.nan


def mean_score(samples: Iterable[Sample], key: str, strict: bool) -> float:
    """Mean of one metric's sample scores; `strict` counts an unscored sample as 0."""
    if strict:
        return mean(sample.scores.get(key, 0.0) for sample in samples)
    return mean(sample.scores[key] for sample in samples if key in sample.scores)


def by_dataset(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    """Samples per source dataset, datasets in order of first appearance."""
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(sample.dataset, []).append(sample)
    return groups
