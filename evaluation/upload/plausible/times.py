"""Times in answers that cannot be seconds of the clip: frames, milliseconds, fractions. Pure."""

import re
from collections.abc import Iterator, Sequence

from evaluation.upload.plausible.clip import Clip
from evaluation.upload.plausible.kind import MANY, SOME, Fault, Kind

SECONDS = "give times in seconds from the start of the clip"

FRAMES = Kind("frame_numbers", "give frame numbers instead of seconds", SECONDS, SOME)
MILLISECONDS = Kind("milliseconds", "give milliseconds instead of seconds", SECONDS, SOME)
ABSOLUTE = Kind(
    "video_times", "give times of the whole video instead of the clip's own", SECONDS, SOME
)
BEYOND = Kind("beyond_clip", "give times after the end of their clip", SECONDS, SOME)
FRACTIONS = Kind(
    "fractions", "give fractions of the clip, or minutes, instead of seconds", SECONDS, MANY
)

# Twelve percent: the id does not have the exact frame rate, and some references end shortly after
# their clip.
_SLACK = 1.12
_SLACK_S = 1.0
# The lowest and highest frame rates considered.
_RATES = (23.0, 61.0)
_SHORTEST_S = 5.0  # in shorter clips, fractions look like seconds


def time_fault(times: Sequence[float], clip: Clip | None) -> Kind | None:
    """What is wrong with all of an answer's times together; None if they may be right.

    Times after the end of the clip are reported as what they most likely are.
    """
    if not times:
        return None
    last, first = max(times), min(times)
    if (
        last <= 1
        and any(not time.is_integer() for time in times)
        and len(set(times)) > 1
        and (clip is None or clip.seconds > _SHORTEST_S)
    ):
        return FRACTIONS
    if clip is None or last <= clip.seconds * _SLACK + _SLACK_S:
        return None
    frames = clip.end - clip.start
    whole = all(time.is_integer() for time in times)
    if not clip.own_frames:
        known = clip.start > clip.seconds and clip.start <= first and last <= clip.end + 1
        return ABSOLUTE if known and not whole else FRAMES if known else BEYOND
    if clip.start - 1 <= first and last <= clip.end + 1 and clip.start > frames / 50 and whole:
        return FRAMES
    slowest, fastest = _RATES
    if (
        first >= clip.start / fastest - 1
        and last <= clip.end / slowest + 1
        and (clip.start / fastest > clip.seconds or not whole)
    ):
        return ABSOLUTE
    if last <= frames + 1 and whole:
        return FRAMES
    if last <= clip.seconds * 1000 * _SLACK and whole:
        return MILLISECONDS
    return BEYOND


def of_segments(segments: Sequence[tuple[float, float]], clip: Clip | None) -> Iterator[Fault]:
    """The fault of the times of (start, end) segments, if any."""
    kind = time_fault([time for segment in segments for time in segment], clip)
    if kind:
        start, end = max(segments, key=max)
        yield kind, shown_with(f"{start:g}-{end:g}", clip, kind)


def shown_with(times: str, clip: Clip | None, kind: Kind) -> str:
    """The times and, if relevant, the length of their clip."""
    if clip is None or kind is FRACTIONS:
        return times
    return f"{times}, in a clip of at most {clip.seconds:,.0f} s"


# Formats that are wrong for any clip.
_TIME = r"(?<![\d.])\d{1,9}(?:\.\d{1,9})?"
_TO = r"\s{0,5}(?:-|–|—|~|to\b|until\b)\s{0,5}"
CLOCK = re.compile(r"(?<![\d:：.])(?:\d{1,3}[:：])?\d{1,3}[:：]\d\d(?:\.\d{1,9})?(?![\d:：])")
HOURS = re.compile(r"\d+:\d+:\d+\s+to\s+\d+:\d+:\d+", re.IGNORECASE)
# A decimal comma, or what stands for it in other scripts, in both numbers or in one.
_COMMA = r"\d{1,6}[,٫·]\d{1,3}"
_UNIT = r"\s{0,3}(?:s|sec|seconds?)?"
COMMA = re.compile(
    rf"(?<![\d.,:٫·-])(?:{_COMMA}{_UNIT}{_TO}{_COMMA}(?!\d)"
    rf"|(?:{_COMMA}{_UNIT}{_TO}\d{{1,6}}|\d{{1,6}}{_UNIT}{_TO}{_COMMA})(?!\d|[.,٫·]\d|{_TO}))",
    re.IGNORECASE,
)
_MORE = re.compile(r"\d\s{0,5}(?:-|to\b)|(?:-|\bto)\s{0,5}\d", re.IGNORECASE)
EXPONENT = re.compile(r"(?<![\w.])\d{1,9}(?:\.\d{1,18})?e[+-]?\d{1,3}\b", re.IGNORECASE)
MS_WORD = re.compile(
    r"(?<!\d)\d{1,12}(?:\.\d{1,9})?\s{0,3}(?:ms\b|msecs?\b|milli-?seconds?\b)", re.IGNORECASE
)
FRAME_WORD = re.compile(
    r"\bframes?\s{0,3}[:#]?\s{0,3}\d|\d\s{0,3}(?:st|nd|rd|th)?\s{0,3}frames?\b|\bf\d{2}",
    re.IGNORECASE,
)
# In one time (`1m05s`, `1 min 5 s`), or as the unit of a segment (`0.3-0.5 minutes`).
MINUTES = re.compile(
    rf"{_TIME}\s{{0,3}}m(?:in(?:ute)?s?)?\.?(?:,|\s{{1,3}}and\b)?\s{{0,3}}\d{{1,2}}(?:\.\d{{1,9}})?"
    r"\s{0,3}s"
    rf"|{_TIME}{_TO}\d{{1,9}}(?:\.\d{{1,9}})?\s{{0,3}}min(?:ute)?s?\b"
    rf"|{_TIME}\s{{0,3}}min(?:ute)?s?{_TO}\d",
    re.IGNORECASE,
)
PERCENT = re.compile(r"(?<!\d)\d{1,9}(?:\.\d{1,9})?\s{0,3}(?:%|per ?cent\b)", re.IGNORECASE)
UNIT_INSIDE = re.compile(
    rf"{_TIME}[ \t]{{0,3}}(?:s|sec|secs|seconds?)[ \t]{{0,3}}(?:-|–|—|~|until\b)"
    rf"[ \t]{{0,3}}{_TIME}",
    re.IGNORECASE,
)
OTHER_DASH = re.compile(rf"{_TIME}\s{{0,3}}[–—−‐‑~]\s{{0,3}}{_TIME}")


def holds_decimal_commas(text: str) -> re.Match[str] | None:
    """Decimal commas, but not a list without spaces (`1-2,3-4`, `1 to 2,3 to 4`)."""
    found = COMMA.search(text)
    if found is None:
        return None
    return None if _MORE.search(COMMA.sub(" ", text)) else found
