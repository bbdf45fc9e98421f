"""Answers of dense video captioning that are off. Pure."""

import re
from collections.abc import Iterator, Sequence

from evaluation.tasks.caption_segments import parse_segments
from evaluation.upload.plausible import times
from evaluation.upload.plausible.kind import Fault, Kind, Seen, in_order, piece

_FORM = "begin each line with “12.5-19.0 seconds: ” and the caption"

CLOCK = Kind("clock_times", "give times as m:ss", _FORM)
COMMAS = Kind("decimal_commas", "have decimal commas", _FORM)
MILLISECONDS = Kind("milliseconds", "give milliseconds instead of seconds", _FORM)
FRAMES = Kind("frame_numbers", "give frame numbers instead of seconds", _FORM)
MINUTES = Kind("minutes", "give minutes instead of seconds", _FORM)
PERCENT = Kind("fractions", "give per cent of the clip instead of seconds", _FORM)
NO_UNIT = Kind("no_unit", "have times without “ seconds” after them, which are not read", _FORM)
UNIT_INSIDE = Kind("unit_inside", "have a unit between the two numbers, which is not read", _FORM)
BLANKS = Kind("blanks_in_head", "have a blank or another dash between the two numbers", _FORM)
BULLETS = Kind(
    "bullets",
    "have something before a line's times (a bullet, a number, blanks): such a line belongs to "
    "the caption before it",
    _FORM,
)
TIGHT = Kind("no_blank", "have no blank after “seconds:”: such a line is not read", _FORM)
JOINED = Kind("one_line", "have several blocks on one line, of which only the first is read", _FORM)
OTHER = Kind("other_head", "have lines that begin with times and are not read", _FORM)

_N = r"\d{1,9}(?:[.,:]\d{1,9}){0,3}"
_UNIT = r"(?:milliseconds?|secondes|segundos|secondi|sekunden|seconds?|secs?|ms|s|%|秒)"
_DASH = r"(?:-{1,2}>?|[–—−‐‑－~～→/;]|\.{2,3}|,(?=\s)|(?:to|and|until|bis|a|à)\b|[到至])"
# A line's times as models write them: what is before, both times with their units, what is after.
_HEAD = re.compile(
    r"(?P<before>[^\w\n]{0,12}(?:(?:\d{1,3}[.)]|[A-Za-z]+ \d{1,3}[:.)]?)[^\w\n]{1,8})?)"
    rf"(?P<word>(?:from|frames?|between|time)\s{{0,3}})?"
    rf"(?P<start>{_N})\s{{0,3}}(?P<inside>{_UNIT}?)(?P<dash>\s{{0,3}}{_DASH}\s{{0,3}})"
    rf"(?P<end>{_N})(?P<gap>\s{{0,3}})(?P<unit>{_UNIT}?)(?P<rest>[^\w\n]{{0,6}})",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"\d+(?:\.\d+)?-\d+(?:\.\d+)?\s+seconds?:\s")
# How a line of an answer begins of which nothing is read.
_UNREAD = (
    (re.compile(r"[^\w\n]{0,12}(?:frames?|f)[ _#:]{0,2}\d", re.IGNORECASE), FRAMES),
    (re.compile(r"[^\d\n]{0,16}\d{1,3}(?::\d\d){1,2}(?:[.,]\d{1,9})?(?!\d)"), CLOCK),
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
_PREFIX = 40  # characters before a line's times
_STRICT = re.compile(r"\d-\d+(?:\.\d+)?\s+seconds?:")
_HEAD_LENGTH = 80


def look(seen: Seen) -> Iterator[Fault]:
    """What is off in one answer: the first line that is, else its times."""
    heads: list[re.Match[str]] = []
    bad: list[re.Match[str]] = []
    joined = ""
    lines = seen.text.split("\n")
    if len(seen.text) < len(seen.whole):
        lines = lines[:-1] or lines  # the last one is cut
    for line in lines:
        head = _HEAD.match(line, 0, _HEAD_LENGTH)
        if head:
            heads.append(head)
            if not _BLOCK.match(line + "\n"):
                bad.append(head)
        if line.count("econd") > 1:
            joined = joined or next(
                (
                    piece(line[: found.end() + 20])
                    for found in _BLOCK.finditer(line, 1)
                    if line[: found.start()].rstrip()[-1:] not in "-*•"
                    and _BLOCK.search(line[: found.start()])
                ),
                "",
            )
    segments = parse_segments(seen.text)
    # The looser form is read where there is no block at all.
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
    """The first line, after the first block, in which a block stands behind some words; "" if
    none does."""
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
    if ":" in start or ":" in end.rstrip(":"):
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
        # Only what a colon or a bracket follows is a line's head, and not "2-3 sutures".
        return NO_UNIT if head["rest"].strip() else None
    if not head["gap"]:
        return NO_UNIT
    if head["dash"] != "-":
        return BLANKS
    if head["before"] or head["word"]:
        return None if alone and not head["rest"].startswith(")") else BULLETS
    if head["rest"].startswith(":") and not head["rest"][1:2].isspace():
        return TIGHT
    return OTHER
