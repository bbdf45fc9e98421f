"""Dense video captioning without a judge: DVC_F1."""

import math
from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from evaluation.tasks.answer_form import OTHER_DASH, AnswerForm, left_out_of, read_segments
from evaluation.tasks.caption_segments import Captioned, flatten, parse_segments
from evaluation.tasks.interface import Task, by_record
from evaluation.tasks.question_counts import segments_asked
from evaluation.tasks.sample import Sample, by_dataset, mean, mean_score, unscored_reason
from evaluation.truth import Quantity, TruthRecord, structured

KEY = "dvc_f1"
THRESHOLDS = (0.3, 0.5, 0.7)
_EPSILON = 1e-8
_PARTS = [f"{name}@{least}" for name in ("precision", "recall") for least in THRESHOLDS]

Frames = tuple[int, int]


class _Segment(msgspec.Struct, gc=False):
    start: Quantity | msgspec.UnsetType = msgspec.UNSET
    end: Quantity | msgspec.UnsetType = msgspec.UNSET
    caption: str | msgspec.UnsetType | None = msgspec.UNSET


class _Item(_Segment, gc=False):
    dc_segments: list[_Segment] | None = None


_TRUTH = msgspec.json.Decoder(list[list[_Segment] | _Item] | _Item | None, strict=False)


def truth_segments(record: TruthRecord) -> list[Captioned]:
    """Reference segments in seconds, as listed, without items that lack start, end or caption.

    `struc_info[0]` if it is a list, else its `dc_segments`, else `struc_info` itself. A
    null caption counts as empty.
    """
    info = structured(record, _TRUTH)
    items: Sequence[list[_Segment] | _Segment] = [info] if isinstance(info, _Item) else info or ()
    first = items[0] if items else None
    segments: Sequence[list[_Segment] | _Segment] = items
    if isinstance(first, list):
        segments = first
    elif isinstance(first, _Item) and first.dc_segments is not None:
        segments = first.dc_segments
    return [
        (segment.start, segment.end, segment.caption or "")
        for segment in segments
        if not isinstance(segment, list)
        and segment.start is not msgspec.UNSET
        and segment.end is not msgspec.UNSET
        and segment.caption is not msgspec.UNSET
    ]


def to_frames(segments: Sequence[Captioned], fps: float) -> list[Frames]:
    """int(seconds × fps) of both ends, swapped if the segment ends before it starts."""
    frames = [(int(start * fps), int(end * fps)) for start, end, _ in segments]
    return [(end, start) if end < start else (start, end) for start, end in frames]


def frame_iou(a: Frames, b: Frames) -> float:
    """Overlap over (the smaller of hull and sum of lengths, plus 1e-8)."""
    overlap = min(a[1], b[1]) - max(a[0], b[0])
    if overlap <= 0:
        return 0.0
    # Of whole numbers that overlap, this is the hull, which is smaller than the sum of lengths.
    return overlap / (a[1] - a[0] + b[1] - b[0] - overlap + _EPSILON)


def best_ious(
    predictions: Sequence[Frames], truths: Sequence[Frames]
) -> tuple[list[float], list[float]]:
    """Largest IoU of each prediction with any truth, and of each truth with any prediction."""
    of_predictions = [0.0] * len(predictions)
    of_truths = [0.0] * len(truths)
    for index, prediction in enumerate(predictions):
        for other, truth in enumerate(truths):
            if truth[0] < prediction[1] and prediction[0] < truth[1]:
                iou = frame_iou(prediction, truth)
                of_predictions[index] = max(of_predictions[index], iou)
                of_truths[other] = max(of_truths[other], iou)
    return of_predictions, of_truths


def _shares_above(ious: Sequence[float]) -> list[float]:
    """The share of IoUs above each threshold."""
    ordered, number = sorted(ious), len(ious)
    return [(number - bisect_right(ordered, least)) / number for least in THRESHOLDS]


def sample(index: int, record: TruthRecord, text: str) -> Sample:
    """Scores one answer: F1 of the precision and the recall averaged over the thresholds.

    Unscored without segments in the answer or in the reference.
    """
    fps = record.fps
    truths = to_frames(truth_segments(record), fps)
    read = parse_segments(text)
    predictions = to_frames(flatten(read), fps)
    if not predictions or not truths:
        reason = unscored_reason(text, parsed=bool(predictions) or bool(read))
        return Sample(index, record.dataset, {}, reason, items=len(read))
    of_predictions, of_truths = best_ious(predictions, truths)
    precisions, recalls = _shares_above(of_predictions), _shares_above(of_truths)
    parts: dict[str, float | None] = dict(zip(_PARTS, precisions + recalls, strict=True))
    precision, recall = mean(precisions), mean(recalls)
    total = precision + recall
    f1 = 2 * precision * recall / total if total > 0 else 0.0
    return Sample(index, record.dataset, {KEY: f1}, parts=parts, items=len(read))


def aggregate(samples: Sequence[Sample], strict: bool = False) -> dict[str, float]:
    """Metric key -> mean per dataset, weighted by the dataset's number of records.

    Unscored records count in the weight; a dataset without scores has mean 0.
    """
    groups = by_dataset(samples).values()
    total = sum(mean_score(group, KEY, strict) * len(group) for group in groups)
    return {KEY: total / len(samples) if samples else math.nan}


FORM = AnswerForm(
    wanted="“A-B seconds: caption”",
    without=left_out_of("DVC_F1"),
    read=lambda text: read_segments([(start, end) for start, end, _ in parse_segments(text)]),
    slips=(OTHER_DASH,),
    counted="segments",
    asked=segments_asked,
)
TASK = Task((KEY,), by_record(sample), aggregate, FORM)
