"""Scores of single records: the samples file of an evaluation, and the judge's kept scores.

Private: knowing which answers are right reveals the truth.
"""

import msgspec

from core.model.contracts.judge import JudgeResult


class SampleRow(msgspec.Struct, frozen=True):
    """One record's line in the samples file; see docs/evaluation.md."""

    index: int
    task: str
    dataset: str
    video: str
    scores: dict[str, float | None]
    reason: str | None
    parts: dict[str, float | None]


class SampleFile(msgspec.Struct, frozen=True):
    """The samples file: private, and only ever read together with its two inputs."""

    scorer_version: str
    ground_truth_sha256: str
    predictions_sha256: str
    samples: list[SampleRow]


class JudgedRecord(msgspec.Struct, frozen=True):
    """One record of a judged task, and where its captions count.

    `uses` has the digest of each pair and the IoU threshold at which it counts (None except for
    dvc); it is empty if no caption of the record can be judged.
    """

    index: int
    task: str
    dataset: str
    video: str
    uses: list[tuple[str, float | None]] = []


class PairScore(msgspec.Struct, frozen=True):
    """The grades of one pair by aspect, 1 to 5."""

    pair: str
    scores: dict[str, float]


class KeptJudgement(msgspec.Struct, frozen=True):
    """`judge_scores.json.gz`: the result of a judge run, the scores behind it, and their records.
    Runs of older versions have no records."""

    judge: JudgeResult
    scores: list[PairScore]
    records: list[JudgedRecord] = []
