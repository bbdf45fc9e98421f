"""Pairs captions with the references they are graded against. Pure.

Definitions: docs/judge.md. The same pair at several thresholds or in several records is graded
once: `distinct` gives each (task, prediction, reference) once.
"""

import hashlib
import random
from collections.abc import Iterable, Sequence
from contextlib import suppress

import msgspec

from core.benchmark import JUDGE_KEYS, METRIC_BY_KEY
from core.errors import GroundTruthError
from core.model.contracts.samples import JudgedRecord
from evaluation.tasks import dvc
from evaluation.tasks.caption_segments import Captioned, parse_segments
from evaluation.truth import TruthRecord

TASKS = tuple(METRIC_BY_KEY[key].task for key in JUDGE_KEYS)
THRESHOLDS = dvc.THRESHOLDS
SAMPLE_SEED = 20260401


class Pair(msgspec.Struct, frozen=True):
    """A caption and the reference it is graded against; private."""

    task: str
    prediction: str
    reference: str

    @property
    def key(self) -> str:
        """Digest that identifies the pair on disk, in hex."""
        text = msgspec.json.encode([self.task, self.prediction, self.reference])
        return hashlib.sha256(text).hexdigest()


class Use(msgspec.Struct, frozen=True):
    """One use of a pair: record, source dataset, IoU threshold (None except for dvc)."""

    index: int
    dataset: str
    threshold: float | None
    pair: Pair


class Plan(msgspec.Struct, frozen=True):
    """Every use of every pair, and the number of dvc records of each source dataset."""

    uses: list[Use]
    dvc_records: dict[str, int]
    present: tuple[str, ...]
    """Tasks that have an answer in the file; the others have no metric."""
    records: list[JudgedRecord] = []
    """Every record of the planned tasks, without its uses (see `placed`)."""

    def placed(self) -> list[JudgedRecord]:
        """The records of the tasks in the file, each with its uses; private."""
        uses: dict[int, list[tuple[str, float | None]]] = {}
        for use in self.uses:
            uses.setdefault(use.index, []).append((use.pair.key, use.threshold))
        return [
            msgspec.structs.replace(record, uses=uses.get(record.index, []))
            for record in self.records
            if record.task in self.present
        ]

    def distinct(self) -> list[Pair]:
        """Every distinct pair, in order of first use."""
        return list(dict.fromkeys(use.pair for use in self.uses))


def plan(
    records: Sequence[TruthRecord], texts: Sequence[str | None], tasks: Iterable[str] = TASKS
) -> Plan:
    """The pairs of aligned answers; an unreadable reference has none."""
    chosen = set(tasks)
    uses: list[Use] = []
    weights: dict[str, int] = {}
    present: set[str] = set()
    asked: list[JudgedRecord] = []
    for index, (record, text) in enumerate(zip(records, texts, strict=True)):
        task = record.task
        if task not in TASKS or task not in chosen:
            continue
        asked.append(JudgedRecord(index, task, record.dataset, record.video))
        if text is not None:
            present.add(task)
        if task == "dvc":
            weights[record.dataset] = weights.get(record.dataset, 0) + 1
        with suppress(GroundTruthError):
            uses += _uses(index, record, text or "")
    return Plan(uses, weights, tuple(task for task in TASKS if task in present), asked)


def sampled(plan: Plan, count: int) -> Plan:
    """The plan with `count` of its distinct pairs, always the same ones for a file."""
    known = sorted(plan.distinct(), key=lambda pair: pair.key)
    chosen = set(random.Random(SAMPLE_SEED).sample(known, count))  # noqa: S311 - not cryptography
    return msgspec.structs.replace(plan, uses=[use for use in plan.uses if use.pair in chosen])


def _uses(index: int, record: TruthRecord, text: str) -> list[Use]:
    if record.task != "dvc":
        prediction, reference = text.strip(), record.answer.strip()
        if not prediction or not reference:
            return []
        return [Use(index, record.dataset, None, Pair(record.task, prediction, reference))]
    truths = dvc.truth_segments(record)
    return [
        Use(index, record.dataset, threshold, Pair("dvc", prediction, reference))
        for threshold in THRESHOLDS
        for prediction, reference in matched(parse_segments(text), truths, threshold)
    ]


def matched(
    predictions: Sequence[Captioned], truths: Sequence[Captioned], threshold: float
) -> list[tuple[str, str]]:
    """(caption, reference) of each prediction whose best reference reaches the threshold.

    Segments in seconds as read, not clipped; the first reference wins a tie.
    """
    found = []
    for prediction in predictions:
        best, caption = 0.0, None
        for truth in truths:
            value = iou(prediction, truth)
            if value > best:
                best, caption = value, truth[2]
        if caption is not None and best >= threshold:
            found.append((prediction[2], caption))
    return found


def iou(a: Captioned, b: Captioned) -> float:
    """Overlap / (sum of lengths - overlap), 0 without an overlap."""
    overlap = min(a[1], b[1]) - max(a[0], b[0])
    if overlap <= 0:
        return 0.0
    union = a[1] - a[0] + b[1] - b[0] - overlap
    return overlap / union if union > 0 else 0.0
