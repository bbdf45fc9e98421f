"""Temporal action localisation: TAG@0.3 and TAG@0.5."""

import re
from collections.abc import Iterator, Sequence
from functools import partial

import msgspec

from evaluation.tasks.answer_form import OTHER_DASH, ZERO, AnswerForm, read_segments
from evaluation.tasks.interface import Task, by_record
from evaluation.tasks.numbers import LIMIT, NUMBER, WHOLE
from evaluation.tasks.question_counts import segments_asked
from evaluation.tasks.sample import Sample, mean_score
from evaluation.truth import Quantity, TruthRecord, structured

# Metric key -> smallest IoU of a match.
THRESHOLDS = {"tag_miou_03": 0.3, "tag_miou_05": 0.5}

Segment = tuple[float, float]

# Exactly one ordinary space before the word.
_UNIT = r"(?:s| seconds?)?"
_DASHED = re.compile(rf"{NUMBER}\s*-\s*{NUMBER}")
_WORDED = re.compile(rf"{NUMBER}{_UNIT}\s*to\s*{NUMBER}{_UNIT}", re.IGNORECASE)
_CLOCK = rf"{WHOLE}:(\d+):(\d+)"
_CLOCKED = re.compile(rf"{_CLOCK}\s+to\s+{_CLOCK}", re.IGNORECASE)


class _Span(msgspec.Struct, gc=False):
    start: Quantity
    end: Quantity


class _Item(msgspec.Struct, gc=False):
    spans: list[_Span] = []


class _NoList(msgspec.Struct, gc=False):
    pass


_TRUTH = msgspec.json.Decoder(list[_Item] | _NoList | None, strict=False)


def parse_segments(text: str) -> list[Segment]:
    """Segments in an answer, (start, end) in seconds as read, in order of appearance.

    `A-B`; if there are none, `A to B`, then `H:M:S to H:M:S`. An end may be before its
    start. Cases: tests/data/answer_parsing.json and answer_forms.json.
    """
    dashed = [(found[0], found[1]) for found in _found(_DASHED, text)]
    if dashed or "to" not in text.lower():
        return dashed
    clocked = [(_seconds(found[:3]), _seconds(found[3:])) for found in _found(_CLOCKED, text)]
    return worded_segments(text) + clocked


def worded_segments(text: str) -> list[Segment]:
    """The segments `A to B` of an answer, in order; they count only if there is no `A-B`."""
    return [(round(start, 2), round(end, 2)) for start, end in _found(_WORDED, text)]


def _found(pattern: re.Pattern[str], text: str) -> Iterator[list[float]]:
    # Same as `numbers`, without a call for each of a million in a hostile answer.
    for values in map(list, map(partial(map, float), pattern.findall(text))):
        if max(values) <= LIMIT:
            yield values


def _seconds(clock: Sequence[float]) -> float:
    hours, minutes, seconds = clock
    return hours * 3600 + minutes * 60 + seconds


def temporal_iou(a: Segment, b: Segment) -> float:
    """Overlap over (latest end - earliest start), 0 where that is not positive."""
    hull = max(a[1], b[1]) - min(a[0], b[0])
    if hull <= 0:
        return 0.0
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0])) / hull


def iou_table(predictions: Sequence[Segment], truths: Sequence[Segment]) -> list[list[float]]:
    """IoU of every truth (rows) with every prediction (columns)."""
    return [[temporal_iou(prediction, truth) for prediction in predictions] for truth in truths]


def match(table: Sequence[Sequence[float]], threshold: float) -> tuple[float, int]:
    """Sum of the IoUs of one record's matches, and their number; `table` from `iou_table`.

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
    return total, len(used)


def truth_spans(record: TruthRecord) -> list[Segment]:
    """Reference spans of a record in seconds: all `spans` of all items of the list, in order.

    An object instead of the list has none, as in the public evaluator.
    """
    items = structured(record, _TRUTH)
    if isinstance(items, _NoList):
        return []
    return [(span.start, span.end) for item in items or () for span in item.spans]


def sample(index: int, record: TruthRecord, text: str) -> Sample:
    """Scores one answer: the mean IoU of its matches. An empty answer counts as 0.

    Strict: the sum of their IoUs divided by the larger of the numbers of spans and predicted
    segments, so that missed spans and surplus segments both cost.
    """
    fps = record.fps
    truths = [(start * fps, end * fps) for start, end in truth_spans(record)]
    predictions = [(start * fps, end * fps) for start, end in parse_segments(text)]
    table = iou_table(predictions, truths)
    scores, strict = {}, {}
    for key, threshold in THRESHOLDS.items():
        total, count = match(table, threshold)
        scores[key] = total / count if count else 0.0
        strict[key] = total / max(len(truths), len(predictions), 1)
    return Sample(index, record.dataset, scores, strict=strict, items=len(predictions))


def aggregate(samples: Sequence[Sample], strict: bool = False) -> dict[str, float]:
    """Metric key -> mean over records."""
    return {key: mean_score(samples, key, strict) for key in THRESHOLDS}


FORM = AnswerForm(
    wanted="segment “A-B” in seconds, such as “12.5-19.0 seconds”",
    without=ZERO,
    read=lambda text: read_segments(parse_segments(text)),
    slips=(OTHER_DASH,),
    counted="segments",
    asked=segments_asked,
)
TASK = Task(tuple(THRESHOLDS), by_record(sample), aggregate, FORM)
