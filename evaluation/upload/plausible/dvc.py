"""Implausible answers to dense video captioning. Pure."""

import re
from collections.abc import Iterator, Sequence

from evaluation.tasks.caption_segments import parse_segments
from evaluation.upload.plausible import times
from evaluation.upload.plausible.kind import Fault, Kind, Seen, in_order, piece

_FORM = "start each line with “12.5-19.0 seconds: ”, followed by the caption"

CLOCK = Kind("clock_times", "give times as m:ss", _FORM, explains_odd=True)
COMMAS = Kind("decimal_commas", "have decimal commas", _FORM)
MILLISECONDS = Kind("milliseconds", "give milliseconds instead of seconds", _FORM)
FRAMES = Kind("frame_numbers", "give frame numbers instead of seconds", _FORM)
MINUTES = Kind("minutes", "give minutes instead of seconds", _FORM)
PERCENT = Kind("fractions", "give percentages of the clip instead of seconds", _FORM)
NO_UNIT = Kind(
    "no_unit", "have times that are not followed by “ seconds”, which are not read", _FORM
)
UNIT_INSIDE = Kind("unit_inside", "have a unit between the two numbers, which is not read", _FORM)
BLANKS = Kind("blanks_in_head", "have a space or another dash between the two numbers", _FORM)
BULLETS = Kind(
    "bullets",
    "have something before a line's times (a bullet, a number, spaces): such a line is read as "
    "part of the caption before it",
    _FORM,
)
TIGHT = Kind("no_blank", "have no space after “seconds:”: such a line is not read", _FORM)
JOINED = Kind(
    "one_line", "have several segments on one line, of which only the first is read", _FORM
)
OTHER = Kind("other_head", "have lines that start with times but cannot be read", _FORM)

_N = r"\d{1,9}(?:[.,:：]\d{1,9}){0,3}"
_UNIT = r"(?:milliseconds?|secondes|segundos|secondi|sekunden|seconds?|secs?|ms|s|%|秒)"
_DASH = r"(?:-{1,2}>?|[–—−‐‑－~～→/;]|\.{2,3}|,(?=\s)|(?:to|and|until|bis|a|à)\b|[到至])"
# A line's times as models write them: the text before, both times with their units, the text after.
_HEAD = re.compile(
    r"(?P<before>[^\w\n]{0,12}(?:(?:\d{1,3}[.)]|[A-Za-z]+ \d{1,3}[:.)]?)[^\w\n]{1,8})?)"
    rf"(?P<word>(?:from|frames?|between|time)\s{{0,3}})?"
    rf"(?P<start>{_N})\s{{0,3}}(?P<inside>{_UNIT}?)(?P<dash>\s{{0,3}}{_DASH}\s{{0,3}})"
    rf"(?P<end>{_N})(?P<gap>\s{{0,3}})(?P<unit>{_UNIT}?)(?P<rest>[^\w\n]{{0,6}})",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"\d+(?:\.\d+)?-\d+(?:\.\d+)?\s+seconds?:\s")
# How the lines of an unreadable answer may start.
_UNREAD = (
    (re.compile(r"[^\w\n]{0,12}(?:frames?|f)[ _#:]{0,2}\d", re.IGNORECASE), FRAMES),
    (re.compile(r"[^\d\n]{0,16}\d{1,3}(?:[:：]\d\d){1,2}(?:[.,]\d{1,9})?(?!\d)"), CLOCK),
    (
        re.compile(
            rf"[^\d\n]{{0,16}}{_N}[^\d\n]{{0,12}}(?:{_N}[^\d\n]{{0,3}})?\bmin(?:ute)?s?\b"
            rf"|[^\d\n]{{0,16}}\d{{1,3}}\s?m(?:in)?\s?\d{{1,2}}\s?s",
            re.IGNORECASE,
        ),
        MINUTES,
    ),
    (
        re.compile(
            rf"[^\w\n]{{0,12}}{_N}\s{{0,3}}{_UNIT}?[^\w\n]{{0,6}}[:,\])>{{|]", re.IGNORECASE
        ),
        OTHER,
    ),
    (re.compile(r"\W{0,12}(?:start|from|time|at|between)\b[^\d\n]{0,12}\d", re.IGNORECASE), OTHER),
)
# A time that a caption mentions: "scrubs for 10-15 seconds: palms first".
_MENTION = re.compile(r"\b(?:for|about|another|least|within|every|after|of|takes?|see|in) $")
_PREFIX = 40  # characters before a line's times
_STRICT = re.compile(r"\d-\d+(?:\.\d+)?\s+seconds?:")
_HEAD_LENGTH = 80


def look(seen: Seen) -> Iterator[Fault]:
    """The fault of one answer: of its first faulty line, else of its times."""
    heads: list[re.Match[str]] = []
    bad: list[re.Match[str]] = []
    joined = ""
    lines = seen.text.split("\n")
    if len(seen.text) < len(seen.whole):
        lines = lines[:-1] or lines  # the last one may be truncated
    for line in lines:
        head = _HEAD.match(line, 0, _HEAD_LENGTH)
        if head:
            # What precedes the first block of all does no harm.
            at = 0 if heads else head.start("start")
            heads.append(head)
            if not _BLOCK.match(line + "\n", at):
                bad.append(head)
        if line.count("econd") > 1:
            joined = joined or next(
                (
                    piece(line[: found.end() + 20])
                    for found in _BLOCK.finditer(line, 1)
                    if line[: found.start()].rstrip()[-1:] not in "-*•"
                    and not _MENTION.search(line[max(0, found.start() - 9) : found.start()])
                    and _BLOCK.search(line[: found.start()])
                ),
                "",
            )
    segments = parse_segments(seen.text)
    # The looser format is read only if there is no block.
    loose = len(segments) >= len(heads) and not _STRICT.search(seen.text)
    if bad and not loose:
        for head in bad:
            kind = _why(head, alone=len(heads) == 1)
            if kind:
                yield kind, piece(head.string)
                return
    if joined:
        yield JOINED, joined
        return
    if not segments:
        found = next((one for line in lines for one in in_order(_UNREAD, line, match=True)), None)
        if found:
            yield found
            return
    late = _behind_something(lines)
    if late:
        yield BULLETS, late
        return
    yield from times.of_segments([(start, end) for start, end, _ in segments], seen.clip)


def _behind_something(lines: Sequence[str]) -> str:
    """The first line after the first block in which words precede a block; "" without one."""
    begun = False
    for line in lines:
        if "econd" in line:
            found = _BLOCK.search(line + "\n", 0, _PREFIX + _HEAD_LENGTH)
            if found and begun and 0 < found.start() <= _PREFIX:
                return piece(line)
            begun = begun or found is not None
    return ""


def _why(head: re.Match[str], *, alone: bool) -> Kind | None:
    start, end, unit = head["start"], head["end"], head["unit"].lower()
    if re.search(r"[:：]\d", f"{start} {end}"):
        return CLOCK
    if "," in start and "," in end:
        return COMMAS
    if unit in {"ms", "millisecond", "milliseconds"}:
        return MILLISECONDS
    if (head["word"] or "").lower().startswith("frame") or re.match(
        r"\s{0,3}frames?\b", head.string[head.end("end") :], re.IGNORECASE
    ):
        return FRAMES
    if unit == "%" or head["inside"] == "%":
        return PERCENT
    if head["inside"]:
        return UNIT_INSIDE
    if unit not in {"second", "seconds"}:
        # Only times followed by a colon or a bracket start a segment; "2-3 sutures" does not, nor
        # does the thread "4-0: Monocryl".
        return NO_UNIT if head["rest"].strip() and end != "0" else None
    if not head["gap"]:
        return NO_UNIT
    if head["dash"] != "-":
        return BLANKS
    if head["before"] or head["word"]:
        return None if alone and not head["rest"].startswith(")") else BULLETS
    if head["rest"].startswith(":") and not head["rest"][1:2].isspace():
        return TIGHT
    return OTHER
