"""Ladder mode: evaluate-only shows a metric's new value only when it is significantly better.

After Blum and Hardt (2015), "The Ladder": whoever asks often learns from every answer, so an
answer changes only when the question has clearly improved. Per metric the best submission so far
is the rung; a new one takes its place when a one-sided paired t-test over videos at 5 % says that
it is better. Records of one video are not independent, hence one mean difference per video. An
unscored record counts as 0, and so does a part of a balanced metric that the answer does not name,
or leaving out what is hard would climb. Pure: values in, rungs out.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import NormalDist, fmean, stdev
from typing import Final

import msgspec

from core.benchmark import PARTS

LEVEL: Final = 0.05


class SampleRow(msgspec.Struct, frozen=True):
    """One record's scores and parts, as the evaluator writes them; None is unscored."""

    index: int
    video: str
    scores: dict[str, float | None]
    parts: dict[str, float | None] = {}

    def value(self, key: str) -> float:
        """Its share of a comparison, 0 to 1: what is unscored, or not named, counts as 0."""
        if key in PARTS and self.parts:
            return fmean(value or 0.0 for value in self.parts.values())
        return self.scores.get(key) or 0.0


class SampleFile(msgspec.Struct, frozen=True):
    """The part of the private samples file that a comparison needs."""

    scorer_version: str
    ground_truth_sha256: str
    samples: list[SampleRow]


def better(new: SampleFile, old: SampleFile, key: str) -> bool:
    """Whether `new` is significantly better than `old` in a metric.

    Scores of another truth or scorer cannot be compared: the new ones then stand.
    """
    if (new.scorer_version, new.ground_truth_sha256) != (
        old.scorer_version,
        old.ground_truth_sha256,
    ):
        return True
    before = {row.index: row.value(key) for row in old.samples if key in row.scores}
    by_video: dict[str, list[float]] = defaultdict(list)
    for row in new.samples:
        if key in row.scores:
            by_video[row.video].append(row.value(key) - before.get(row.index, 0.0))
    return significant([fmean(gains) for gains in by_video.values()])


def significant(differences: Sequence[float]) -> bool:
    """One-sided paired t-test: whether the mean difference is above 0 at the 5 % level."""
    if len(differences) < 2:
        return False
    mean, spread = fmean(differences), stdev(differences)
    if spread == 0:
        return mean > 0
    return mean / (spread / math.sqrt(len(differences))) > t_quantile(len(differences) - 1)


def t_quantile(freedom: int, level: float = LEVEL) -> float:
    """The upper `level` quantile of Student's t (exact for 1 and 2 degrees of freedom, else by
    Cornish and Fisher, Abramowitz and Stegun 26.7.5, within 0.5 % at 5 %)."""
    if freedom == 1:
        return 1 / math.tan(math.pi * level)
    if freedom == 2:
        return (1 - 2 * level) / math.sqrt(2 * level * (1 - level))
    z = NormalDist().inv_cdf(1 - level)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return math.fsum(term / freedom**power for power, term in enumerate(terms))


def climb(
    rungs: Mapping[str, str],
    submission_id: str,
    metrics: Mapping[str, float | None],
    new: SampleFile,
    samples_of: Mapping[str, SampleFile],
) -> dict[str, str]:
    """The rungs after a submission: metric key -> the submission whose value is shown.

    `samples_of` holds the files of the submissions on `rungs`; one that is missing is
    overtaken, since nothing can be compared with it.
    """
    found = dict(rungs)
    for key, value in metrics.items():
        if value is None:
            continue
        old = samples_of.get(rungs.get(key, ""))
        if old is None or better(new, old, key):
            found[key] = submission_id
    return found
