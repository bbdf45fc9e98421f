"""Implausible answers to spatiotemporal grounding: boxes and their times. Pure."""

import re
from collections.abc import Iterator, Sequence

from evaluation.tasks.question_counts import times_asked
from evaluation.tasks.stg import parse_boxes
from evaluation.upload.plausible import times
from evaluation.upload.plausible.kind import ANY, MANY, SOME, Fault, Kind, Seen, in_order, piece

_FORM = "write “26.0 seconds: [x1, y1, x2, y2]”"
_CORNERS = f"{_FORM} with corners in pixels"
_TIMES = f"{_FORM} with the times in the question, in seconds from the start of the clip"

UNIT = Kind("coordinates_0_1", "give coordinates from 0 to 1 instead of pixels", _CORNERS, SOME)
PERMILLE = Kind(
    "coordinates_0_1000",
    "may give coordinates from 0 to 1000 instead of pixels: all boxes are within that square",
    f"{_CORNERS}; if they are pixels, ignore this",
    ANY,
)
PERCENT = Kind(
    "coordinates_0_100",
    "may give coordinates in percent instead of pixels: all boxes are within 100 by 100",
    f"{_CORNERS}; if they are pixels, ignore this",
    ANY,
)
REVERSED = Kind(
    "corners_reversed",
    "give a box whose second corner is left of or above the first (x2 < x1 or y2 < y1), as "
    "in [x, y, width, height] or [centre, size]",
    _CORNERS,
    MANY,
)
NOT_ASKED = Kind(
    "other_times", "give boxes at times that the question does not ask for, which are ignored",
    _TIMES, SOME,
)  # fmt: skip
FINE = Kind(
    "finer_times", "give times with more than one decimal (5.04 is not 5.0), which are ignored",
    _TIMES, SOME,
)  # fmt: skip
UNREAD_TIME = Kind(
    "time_form",
    "have a time that is not written as “T seconds:”, so its box is not read",
    _TIMES,
)
CLOCK = Kind("clock_times", "give times as m:ss", _TIMES, explains_odd=True)
COMMAS = Kind("decimal_commas", "have decimal commas", _TIMES)
FRAMES = Kind("frame_numbers", "give frame numbers instead of seconds", _TIMES)
MILLISECONDS = Kind("milliseconds", "give milliseconds instead of seconds", _TIMES)
MINUTES = Kind("minutes", "give minutes instead of seconds", _TIMES)
NO_AREA = Kind(
    "no_area",
    "give a box without area, or only [0, 0, 0, 0]",
    _CORNERS,
    SOME,
)
NO_TIME = Kind(
    "no_time", "have boxes without a time written as “T seconds:” before them, so none is read",
    _TIMES, SOME,
)  # fmt: skip
NOT_FOUR = Kind(
    "other_box", "have numbers after a time that are not a box, which are not read",
    f"{_FORM} with four plain numbers, separated by commas",
)  # fmt: skip
BRACKETS = Kind("other_brackets", "have a box in brackets other than [ ], which is not read", _FORM)

_NUMBER = r"-?\d{1,9}(?:\.\d{1,9})?"
_TIME = r"(?<![\d.])\d{1,9}(?:\.\d{1,9})?"
_FOUR = rf"\s{{0,5}}{_NUMBER}(?:\s{{0,5}},\s{{0,5}}{_NUMBER}){{3}}\s{{0,5}}"
_BOX = re.compile(rf"\[{_FOUR}\]")
_ROUND = re.compile(rf"[(<{{]{_FOUR}[)>}}]")
_GOOD = re.compile(r"\d\s{1,9}seconds:\s{0,9}\[")
_WRITTEN = (
    (re.compile(r"(?<![\d:：.])\d{1,3}(?:[:：]\d\d){1,2}(?:\.\d{1,9})?[^\d\[\n]{0,20}\["), CLOCK),
    (re.compile(r"\bframes?\s{0,3}[:#]?\s{0,3}\d{1,9}[^\d\[\n]{0,12}\[|\d{1,9}\s{0,3}frames?\s{0,3}:",
                re.IGNORECASE), FRAMES),
    (re.compile(rf"{_TIME}\s{{0,3}}min(?:ute)?s?\s{{0,3}}:?\s{{0,3}}\[", re.IGNORECASE), MINUTES),
    (re.compile(rf"{_TIME}\s{{0,3}}(?:ms|milliseconds?)\s{{0,3}}:?\s{{0,3}}\[", re.IGNORECASE),
     MILLISECONDS),
    (re.compile(r"(?<![\d.,\[])\d{1,9}(?:\.\d{1,9})?\s{0,3}(?:seconds?|secs?|s)?[^\w\[\]\n.]{0,5}"
                r"(?:\bb?box\b)?[^\w\[\]\n.]{0,5}\[\s{0,3}-?\d", re.IGNORECASE), UNREAD_TIME),
)  # fmt: skip
_CLOCK = re.compile(r"(?<![\d:：.])(?:\d{1,3}[:：]){1,2}\d\d(?:\.\d{1,9})?\s{1,9}seconds:\s{0,9}\[")
# A time followed by numbers that are not a box: points, names, units, other commas.
_HEADED = re.compile(
    rf"{_TIME}\s{{1,9}}seconds:[^\d\n]{{0,20}}\d(?![\d.]{{0,12}}\s{{1,9}}seconds:)"
)
_COMMA = re.compile(
    r"(?<![\d.,])\d{1,9},\d{1,3}\s{0,3}(?:seconds?|secs?|s)\s{0,3}:?\s{0,3}\[", re.IGNORECASE
)
_NEAR = 0.05  # seconds; the truth's times have one decimal


def look(seen: Seen) -> Iterator[Fault]:
    """The faults of one answer: unreadable parts, then times, then boxes."""
    text = seen.text
    entries = len(_GOOD.findall(text))
    boxes = len(_BOX.findall(text))
    written: list[Fault] = []
    if entries < boxes or not boxes:
        bare = _GOOD.sub("", text)
        if not (text.lstrip().startswith("[[") and not entries):
            known = (*_WRITTEN, (_ROUND, BRACKETS)) if not entries else _WRITTEN
            written = list(in_order(known, bare))
            yield from written
    comma = _COMMA.search(text)
    if comma:
        yield COMMAS, piece(text, comma)
        return
    clock = _CLOCK.search(text)
    if clock:
        yield CLOCK, piece(text, clock)
        return
    found = parse_boxes(text)
    if not found:
        headed = None if _ROUND.search(text) else _HEADED.search(text)
        if headed:
            yield NOT_FOUR, piece(text, headed)
        elif boxes and not written and not text.lstrip().startswith("[["):
            yield NO_TIME, piece(text)
    else:
        yield from _times([float(time) for time in found], text, seen)
        yield from _corners(list(found.values()))


def _times(given: Sequence[float], text: str, seen: Seen) -> Iterator[Fault]:
    beyond = times.time_fault(given, seen.clip)
    if beyond and beyond is not times.FRACTIONS:
        yield beyond, times.shown_with(f"{max(given):g} seconds", seen.clip, beyond)
        return
    fine = re.search(r"(?<!\d)\d{1,9}\.\d(?!0+\s)\d{1,9}\s{1,9}seconds:", text)
    if fine:
        yield FINE, piece(text, fine, 14)
        return
    asked = times_asked(seen.question) if seen.question else None
    if asked and not any(abs(time - one) < _NEAR for time in given for one in asked):
        yield NOT_ASKED, f"{given[0]:g} seconds, asked {asked[0]:g}"


def _corners(boxes: Sequence[tuple[float, float, float, float]]) -> Iterator[Fault]:
    drawn = [box for box in boxes if any(box)]  # an all-zero box means that there is none
    flat = next((box for box in drawn if box[0] == box[2] or box[1] == box[3]), None)
    if not drawn or flat:
        yield NO_AREA, str(list(flat or boxes[0]))
        return
    boxes = drawn
    if all(0 <= value <= 1 for box in boxes for value in box):
        yield UNIT, str(list(boxes[0]))
        return
    turned = next((box for box in boxes if box[2] < box[0] or box[3] < box[1]), None)
    if turned:
        yield REVERSED, str(list(turned))


# Images are wider than high: if boxes in pixels come near 1000 vertically, some exceed it
# horizontally.
_LOW, _SQUARE, _PERCENT = 850.0, 1000.0, 100.0
_NEARLY = 900.0
_FEW = 5  # too few answers to tell


def look_at_all(all_seen: Sequence[Seen]) -> Iterator[tuple[int, Fault]]:
    """Coordinates from 0 to 100 or 1000: only many answers together suggest them."""
    found = [
        (place, boxes)
        for place, seen in enumerate(all_seen)
        if (boxes := [box for box in (parse_boxes(seen.text) or {}).values() if any(box)])
    ]
    small = [(place, boxes) for place, boxes in found if 1 < _largest(boxes) <= _PERCENT]
    if len(small) >= max(_FEW, MANY * len(all_seen)) and any(
        _largest(boxes) > _PERCENT / 2 for _, boxes in small
    ):
        yield from ((place, (PERCENT, _shown(small[0][1]))) for place, _ in small)
        return
    if len(found) < _FEW or max(_largest(boxes) for _, boxes in found) > _SQUARE:
        return
    bottom = max(max(box[1], box[3]) for _, boxes in found for box in boxes)
    right = max(max(box[0], box[2]) for _, boxes in found for box in boxes)
    whole = all(value.is_integer() for _, boxes in found for box in boxes for value in box)
    if bottom >= _LOW or (whole and max(right, bottom) >= _NEARLY):
        shows = _shown(found[0][1])
        yield from ((place, (PERMILLE, shows)) for place, _ in found)


def _largest(boxes: Sequence[tuple[float, float, float, float]]) -> float:
    return max(value for box in boxes for value in box)


def _shown(boxes: Sequence[tuple[float, float, float, float]]) -> str:
    return str([float(f"{value:g}") for value in boxes[0]])
