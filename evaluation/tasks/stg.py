"""Spatiotemporal grounding: STG_mIoU."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from core.errors import GroundTruthError
from evaluation.tasks.answer_form import ZERO, AnswerForm, Reading
from evaluation.tasks.interface import Task, by_record
from evaluation.tasks.numbers import LIMIT, NUMBER, numbers, whole
from evaluation.tasks.question_counts import boxes_asked
from evaluation.tasks.sample import NOTHING_TO_MATCH, Sample, mean, mean_score
from evaluation.truth import Quantity, TruthRecord, structured

KEY = "stg_miou"

Box = tuple[float, float, float, float]
_ZEROS: Box = (0.0, 0.0, 0.0, 0.0)
_MIN_UNION = 1e-6

_ENTRY = re.compile(rf"{NUMBER}\s+seconds:\s*\[([^\]]+)\]")
_NO_TIME = re.compile(r"\[\s{0,9}\d[\d.]{0,20}\s{0,9},")
_OTHER_TIME = re.compile(
    r"\d\s{0,9}(?:seconds?|secs?|s|ms)?[^\w\[\]\n.]{0,5}\[\s{0,9}\d", re.IGNORECASE
)
_BARE = re.compile(r"\[\[\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\]\]")


_Boxes = dict[str, list[Quantity | None] | None]


class _Item(msgspec.Struct, gc=False):
    bbox_dict: _Boxes | msgspec.UnsetType | None = msgspec.UNSET


_TRUTH = msgspec.json.Decoder(list[_Item] | _Item | None, strict=False)
_BARE_TRUTH = msgspec.json.Decoder(list[_Boxes] | _Boxes, strict=False)


def parse_boxes(text: str) -> dict[str, Box] | None:
    """Boxes by time from `T seconds: [a, b, c, d]` entries.

    A time is compared as a number (`5` and `5.00` are "5.0", `5.04` is different). An entry
    that is not four numbers takes the last valid box before it, or is dropped.
    None if the answer has no such entry (then `parse_bare_boxes` is used).
    """
    entries = _entries(text)
    if not entries:
        return None
    boxes: dict[str, Box] = {}
    last: Box | None = None
    for time, content in entries:
        last = _box(content) or last
        if last is not None and (found := numbers(time)):
            boxes[str(found[0])] = last
    return boxes


def _entries(text: str) -> list[tuple[str, str]]:
    # An entry needs its closing bracket; cutting the text after the last one keeps the search
    # linear for an answer with brackets that are never closed.
    end = text.rfind("]")
    return [] if end < 0 else _ENTRY.findall(text, 0, end + 1)


def _box(content: str) -> Box | None:
    parts = content.split(",", 4)
    if len(parts) != 4:
        return None
    if "[" in content or "]" in content:
        parts = [part.strip().lstrip("[").rstrip("]") for part in parts]
    try:
        a, b, c, d = map(float, parts)
    except ValueError:
        return None
    # NaN fails every comparison, so it is rejected too.
    if not (abs(a) <= LIMIT and abs(b) <= LIMIT and abs(c) <= LIMIT and abs(d) <= LIMIT):
        return None
    return a, b, c, d


def parse_bare_boxes(text: str) -> list[tuple[int, int, int, int]]:
    """`[[a, b, c, d]]` boxes of integers, in order of appearance."""
    boxes = []
    for texts in _BARE.findall(text):
        a, b, c, d = (whole(corner) for corner in texts)
        if a is not None and b is not None and c is not None and d is not None:
            boxes.append((a, b, c, d))
    return boxes


def box_iou(a: Box, b: Box) -> float:
    """IoU of two (x1, y1, x2, y2) boxes; the union is at least 1e-6."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    overlap = width * height if width > 0 and height > 0 else 0.0
    area_a = (a[2] - a[0]) * (a[3] - a[1])
    area_b = (b[2] - b[0]) * (b[3] - b[1])
    return overlap / max(area_a + area_b - overlap, _MIN_UNION)


def predicted_boxes(text: str, times: Sequence[str]) -> tuple[Mapping[str, Box], int]:
    """The answer's boxes by time, and how many there are.

    Boxes without times are assigned to `times`, as written in the reference.
    """
    boxes = parse_boxes(text)
    if boxes is None:
        bare = parse_bare_boxes(text)
        return dict(zip(times, bare, strict=False)), len(bare)
    return boxes, len(boxes)


def truth_boxes(record: TruthRecord) -> list[tuple[str, Box | None]]:
    """(time as written, box) in order; None instead of a box that is not four numbers.

    From `bbox_dict` of the first item, or of the object itself; without that key, from the
    times of that item or object.
    """
    info = structured(record, _TRUTH)
    item = (info[0] if info else None) if isinstance(info, list) else info
    if item is None:
        return []
    boxes = item.bbox_dict
    if boxes is msgspec.UNSET:
        bare = structured(record, _BARE_TRUTH)
        boxes = bare[0] if isinstance(bare, list) else bare
    return [(time, _valid_box(values)) for time, values in (boxes or {}).items()]


def _time_key(text: str) -> str:
    """The time with one decimal, as used to look up the answer's times."""
    try:
        return f"{float(text):.1f}"
    except ValueError:
        raise GroundTruthError("struc_info: expected a time in seconds as bbox_dict key") from None


def _valid_box(values: Sequence[float | None] | None) -> Box | None:
    if values is None or len(values) != 4:
        return None
    a, b, c, d = values
    if a is None or b is None or c is None or d is None:
        return None
    return a, b, c, d


def sample(index: int, record: TruthRecord, text: str) -> Sample:
    """Scores one answer: mean IoU over the reference's times.

    A time without a box (or with zeros) takes the box used before it, zeros at first.
    Unscored only where the reference has no valid box: an empty answer scores 0.
    """
    truths = truth_boxes(record)
    boxes, items = predicted_boxes(text, [time for time, _ in truths])
    used = _ZEROS
    ious = []
    for time, truth in truths:
        box = boxes.get(_time_key(time), _ZEROS)
        if box != _ZEROS:
            used = box
        if truth is not None:
            ious.append(box_iou(used, truth))
    if not ious:
        return Sample(index, record.dataset, {}, NOTHING_TO_MATCH, items=items)
    return Sample(index, record.dataset, {KEY: mean(ious)}, items=items)


def aggregate(samples: Sequence[Sample], strict: bool = False) -> dict[str, float]:
    """Metric key -> mean over scored records; over all records where `strict`."""
    return {KEY: mean_score(samples, KEY, strict)}


def _read(text: str) -> Reading:
    boxes = parse_boxes(text)
    return Reading(len(parse_bare_boxes(text)) if boxes is None else len(boxes))


FORM = AnswerForm(
    wanted="“T seconds: [x1, y1, x2, y2]”",
    without=ZERO,
    read=_read,
    slips=(
        (_OTHER_TIME, "with a time, but not in the form “T seconds:”"),
        (_NO_TIME, "with a box but no time before it"),
    ),
    counted="boxes",
    asked=boxes_asked,
)
TASK = Task((KEY,), by_record(sample), aggregate, FORM)
