"""A sample score: what one record got, or why it got none."""

import math
from collections.abc import Iterable, Sequence

import msgspec

# Reasons for a record without a score. They count records; none says what the truth is.
EMPTY = "empty"
UNPARSED = "unparsed"
NOTHING_TO_MATCH = "nothing_to_match"
NOT_IN_LABEL_SET = "not_in_label_set"
NO_REFERENCE = "no_reference"
UNREADABLE_REFERENCE = "unreadable_reference"
NOT_JUDGED = "not_judged"


class Sample(msgspec.Struct, frozen=True):
    """Score of one record of one task.

    scores: metric key -> score in [0, 1]; empty when unscored, then `reason` says why.
    parts: what a metric that is no mean of sample scores is made of. Skill and CVS:
    name -> 1 correct, 0 wrong, None not in the answer. Captioning: precision and recall
    at each threshold.
    strict: metric key -> the score that counts for the strict figure, where it is another.
    items: boxes or segments in the answer, 0 for tasks that count none.
    """

    index: int
    dataset: str
    scores: dict[str, float]
    reason: str | None = None
    parts: dict[str, float | None] = {}
    strict: dict[str, float] = {}
    items: int = 0


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


def mean_score(samples: Sequence[Sample], key: str, strict: bool) -> float:
    """Mean of one metric's sample scores, 0 where all samples are unscored, NaN of none.

    `strict` counts an unscored sample as 0, and takes a sample's strict score where it has one.
    """
    if not samples:
        return math.nan
    if strict:
        return mean(sample.strict.get(key, sample.scores.get(key, 0.0)) for sample in samples)
    scored = [sample.scores[key] for sample in samples if key in sample.scores]
    return mean(scored) if scored else 0.0


def by_dataset(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    """Samples per source dataset, datasets in order of first appearance."""
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(sample.dataset, []).append(sample)
    return groups
