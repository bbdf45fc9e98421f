"""Temporal action localisation: TAG_mIoU@0.3 and @0.5."""

import re
from collections.abc import Sequence

import msgspec

from evaluation.tasks.answer_form import OTHER_DASH, AnswerForm, read_segments
from evaluation.tasks.interface import Task, by_record
from evaluation.tasks.numbers import NUMBER, WHOLE, number
from evaluation.tasks.question_counts import segments_asked
from evaluation.tasks.sample import Sample, mean_score
from evaluation.truth import TruthRecord, structured

# Metric key -> smallest IoU of a match.
THRESHOLDS = {"tag_miou_03": 0.3, "tag_miou_05": 0.5}

Segment = tuple[float, float]

_UNIT = r"(?:s|\s+seconds?)?"
_DASHED = re.compile(rf"{NUMBER}\s*-\s*{NUMBER}")
_WORDED = re.compile(rf"{NUMBER}{_UNIT}\s+to\s+{NUMBER}{_UNIT}")
_CLOCK = rf"{WHOLE}:(\d+):(\d+)"
_CLOCKED = re.compile(rf"{_CLOCK}\s+to\s+{_CLOCK}")


class _Span(msgspec.Struct, gc=False):
    start: float
    end: float


class _Item(msgspec.Struct, gc=False):
    spans: list[_Span] = []


_TRUTH = msgspec.json.Decoder(list[_Item] | _Item | None, strict=False)


def parse_segments(text: str) -> list[Segment]:
    """Segments in an answer, (start, end) in seconds as read, in order of appearance.

    `A-B`; only where there is none, `A to B` and then `H:M:S to H:M:S`. An end may lie
    before its start. Cases: tests/data/answer_parsing.json.
    """
    dashed = [(number(a), number(b)) for a, b in _DASHED.findall(text)]
    if dashed or "to" not in text:
        return dashed
    worded = [(round(number(a), 2), round(number(b), 2)) for a, b in _WORDED.findall(text)]
    clocked = [(_seconds(*found[:3]), _seconds(*found[3:])) for found in _CLOCKED.findall(text)]
    return worded + clocked


def _seconds(hours: str, minutes: str, seconds: str) -> float:
    return number(hours) * 3600 + number(minutes) * 60 + number(seconds)


def temporal_iou(a: Segment, b: Segment) -> float:
    """Overlap over (latest end - earliest start), 0 where that is not positive."""
    hull = max(a[1], b[1]) - min(a[0], b[0])
    if hull <= 0:
        return 0.0
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0])) / hull


def iou_table(predictions: Sequence[Segment], truths: Sequence[Segment]) -> list[list[float]]:
    """IoU of every truth (rows) with every prediction (columns)."""
    return [[temporal_iou(prediction, truth) for prediction in predictions] for truth in truths]


def match(table: Sequence[Sequence[float]], threshold: float) -> float:
    """Mean IoU of the matches of one record, 0 without any; `table` from `iou_table`.

    Each truth in order takes the unused prediction of largest IoU (the first wins a
    tie), if that IoU is at least `threshold`, which is above 0.
    """
    used: set[int] = set()
    total = 0.0
    for row in table:
        best, index = 0.0, -1
        for column, iou in enumerate(row):
            if iou > best and column not in used:
                best, index = iou, column
        if best >= threshold:
            used.add(index)
            total += best
    return total / len(used) if used else 0.0


def truth_spans(record: TruthRecord) -> list[Segment]:
    """Reference spans of a record in seconds: all `spans` of all items, in order."""
    items = structured(record, _TRUTH)
    if isinstance(items, _Item):
        items = [items]
    return [(span.start, span.end) for item in items or () for span in item.spans]


def sample(index: int, record: TruthRecord, text: str) -> Sample:
    """Scores one answer. Every record counts, also an empty answer (0)."""
    fps = record.fps
    truths = [(start * fps, end * fps) for start, end in truth_spans(record)]
    predictions = [(start * fps, end * fps) for start, end in parse_segments(text)]
    table = iou_table(predictions, truths)
    scores = {key: match(table, threshold) for key, threshold in THRESHOLDS.items()}
    return Sample(index, record.dataset, scores)


def aggregate(samples: Sequence[Sample], strict: bool = False) -> dict[str, float]:
    """Metric key -> mean over records."""
    return {key: mean_score(samples, key, strict) for key in THRESHOLDS}


FORM = AnswerForm(
    wanted="segment “A-B” in seconds, such as “12.5-19.0 seconds”",
    read=lambda text: read_segments(parse_segments(text)),
    slips=(OTHER_DASH,),
    counted="segments",
    asked=segments_asked,
)
TASK = Task(tuple(THRESHOLDS), by_record(sample), aggregate, FORM)
