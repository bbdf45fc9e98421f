"""A sample score: the score of one record, or why it has none."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

# Reasons for a record without a score. None of them reveals the truth.
EMPTY = "empty"
UNPARSED = "unparsed"
NOTHING_TO_MATCH = "nothing_to_match"
NOT_IN_LABEL_SET = "not_in_label_set"
NO_REFERENCE = "no_reference"
UNREADABLE_REFERENCE = "unreadable_reference"
NOT_JUDGED = "not_judged"


class Sample(msgspec.Struct, frozen=True):
    """Score of one record of one task.

    scores: metric key -> score in [0, 1]; empty if unscored, with the `reason`.
    parts: components of a metric that is not a mean of sample scores. Skill and CVS:
    name -> 1 correct, 0 wrong, None not in the answer. Captioning: precision and recall
    at each threshold.
    strict: metric key -> the score for the strict value, if different.
    items: boxes or segments in the answer, 0 for tasks without them.
    """

    index: int
    dataset: str
    scores: dict[str, float]
    reason: str | None = None
    parts: dict[str, float | None] = {}
    strict: dict[str, float] = {}
    items: int = 0


def unscored_reason(text: str, parsed: bool) -> str:
    """Why a record has no score: empty, unreadable, or nothing to compare with."""
    if not text.strip():
        return EMPTY
    return NOTHING_TO_MATCH if parsed else UNPARSED


def mean(values: Iterable[float]) -> float:
    """Arithmetic mean; NaN if empty."""
    total, count = 0.0, 0
    for value in values:
        total += value
        count += 1
    return total / count if count else math.nan


def mean_score(samples: Sequence[Sample], key: str, strict: bool) -> float:
    """Mean of one metric's sample scores; 0 if all samples are unscored, NaN without samples.

    `strict` counts an unscored sample as 0, and uses a sample's strict score if it has one.
    """
    if not samples:
        return math.nan
    if strict:
        return mean(sample.strict.get(key, sample.scores.get(key, 0.0)) for sample in samples)
    scored = [sample.scores[key] for sample in samples if key in sample.scores]
    return mean(scored) if scored else 0.0


def by_dataset(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    """Samples by source dataset, in order of first appearance."""
    groups: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[sample.dataset].append(sample)
    return groups
