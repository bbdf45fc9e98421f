"""Implausible answers to temporal action localisation. Pure."""

import re
from collections.abc import Iterator, Sequence

from evaluation.tasks.tal import Segment, parse_segments, worded_segments
from evaluation.upload.plausible import times
from evaluation.upload.plausible.kind import SOME, Fault, Kind, Seen, in_order, piece

_FORM = "write “12.5-19.0, 30.0-31.5 seconds.”, in seconds from the start of the clip"

CLOCK = Kind("clock_times", "give times as m:ss", _FORM, explains_odd=True)
HOURS = Kind(
    "clock_hours",
    "give times as h:mm:ss, of which the middle is read as one more segment (“17 to 0” in "
    "“0:00:17 to 0:00:27”), which lowers the strict score",
    _FORM,
    explains_odd=True,
)
COMMAS = Kind("decimal_commas", "have decimal commas", _FORM)
MILLISECONDS = Kind("milliseconds", "give milliseconds instead of seconds", _FORM)
FRAMES = Kind("frame_numbers", "give frame numbers instead of seconds", _FORM)
PERCENT = Kind("fractions", "give percentages of the clip instead of seconds", _FORM)
MINUTES = Kind("minutes", "give minutes instead of seconds", _FORM)
EXPONENTS = Kind("exponents", "have numbers with an exponent, which are read as other numbers",
                 _FORM)  # fmt: skip
TO_BESIDE = Kind(
    "to_beside_hyphen",
    "have segments with “to” and others with “-”: only those with “-” are read",
    _FORM,
    SOME,
)
UNIT_INSIDE = Kind("unit_inside", "have a unit between the two numbers, so no segment is read",
                   _FORM)  # fmt: skip
DASH = Kind("other_dash", "have segments with a dash other than “-”, which are not read", _FORM)
APART = Kind("numbers_apart", "have two or more numbers, but not in a format that is read",
             _FORM)  # fmt: skip

_WRITTEN = (
    (times.EXPONENT, EXPONENTS),
    (times.MS_WORD, MILLISECONDS),
    (times.FRAME_WORD, FRAMES),
    (times.PERCENT, PERCENT),
    (times.MINUTES, MINUTES),
)
_UNREAD = ((times.UNIT_INSIDE, UNIT_INSIDE), (times.OTHER_DASH, DASH))
_REMARKS = 20  # of a kind: as many as need removing to tell
_TWO = re.compile(r"(?<![\d.])\d+(?:\.\d+)?(?!\.?\d)\D{1,60}\d")


def look(seen: Seen) -> Iterator[Fault]:
    """The first fault of one answer."""
    text = seen.text
    comma = times.holds_decimal_commas(text)
    if comma:
        yield COMMAS, piece(text, comma)
        return
    clock = times.CLOCK.search(text)
    hours = times.HOURS.search(text)
    if clock and not hours and not parse_segments(times.CLOCK.sub("", text)):
        yield CLOCK, piece(text, clock)
        return
    if hours and "-" not in text:
        yield HOURS, piece(text, hours)
        return
    segments = parse_segments(text)
    written = list(_in_segments(text, segments))
    if written or not segments:
        yield from written or in_order((*_UNREAD, (_TWO, APART)), text)
        return
    worded = worded_segments(text) if "-" in text else []
    if worded and worded[0] not in segments:  # hidden by text that is not a segment
        yield TO_BESIDE, piece(text)
        return
    yield from times.of_segments(segments, seen.clip)
    yield from in_order(_UNREAD, text)


def _in_segments(text: str, segments: Sequence[Segment]) -> Iterator[Fault]:
    """The first fault of the numbers that are read, not of a remark such as "90% sure"."""
    if not segments:
        yield from in_order(_WRITTEN, text)
        return
    first: Fault | None = None
    bare = text
    for pattern, kind in _WRITTEN:
        found = pattern.search(bare)
        if found:
            first = first or (kind, piece(text, found))
            bare = pattern.sub(" ", bare, count=_REMARKS)
    if first and parse_segments(bare) != segments:
        yield first
