"""Parses the captioned time segments of an answer, and cuts overlaps."""

import heapq
import re
from collections.abc import Sequence
from itertools import pairwise

from evaluation.tasks.numbers import NUMBER, numbers

# (start, end, caption); start and end in seconds.
Captioned = tuple[float, float, str]

_HEAD = re.compile(rf"{NUMBER}-{NUMBER}\s+seconds?:\s+")
_NEXT = re.compile(rf"\n{NUMBER}-{NUMBER}\s+seconds?:")
_LABEL = r"(?:^|\*\*Start Time:\*\*|Start\s*\(?Time\)?|Time\s*(?:Range|Interval):)"
_LOOSE = r"(\d+\.?\d*)"  # may end with a full stop
_LOOSE_HEAD = re.compile(rf"{_LABEL}\s*{_LOOSE}\s*[-–]\s*{_LOOSE}\s*seconds?")
_LOOSE_TAIL = re.compile(r"-|\*\*Description:\*\*")


def parse_segments(text: str) -> list[Captioned]:
    """Captioned segments of an answer, in order of appearance.

    `A-B second(s): caption` blocks, without repeats of the same (A, B); if there are none, the
    looser format, line by line.
    Cases: tests/data/answer_parsing.json and answer_forms.json.
    """
    segments: dict[tuple[float, float], str] = {}
    position = 0
    while head := _HEAD.search(text, position):
        # Only a line that starts with the next times ends a block: times after a bullet, or later
        # on the same line, are part of the caption.
        following = _NEXT.search(text, head.end())
        position = following.start() if following else len(text)
        span = numbers(head[1], head[2])
        if span:
            caption = text[head.end() : position].strip().replace("\n", " ")
            segments.setdefault((span[0], span[1]), caption)
    if not segments:
        return [found for line in text.strip().split("\n") if (found := _loose(line))]
    return [(start, end, caption) for (start, end), caption in segments.items()]


def _loose(line: str) -> Captioned | None:
    if "second" not in line:
        return None
    head = _LOOSE_HEAD.search(line)
    # Two searches instead of one pattern: if no tail follows the first head, none follows a
    # later one, so there is no backtracking.
    tail = _LOOSE_TAIL.search(line, head.end()) if head else None
    if head is None or tail is None or tail.end() == len(line):
        return None
    span = numbers(head[1], head[2])
    return (span[0], span[1], line[tail.end() :].strip().rstrip(".")) if span else None


def flatten(segments: Sequence[Captioned]) -> list[Captioned]:
    """Segments by (start, end), cut so that none overlap.

    With an overlap, all are cut at every boundary: a piece goes to the longest segment
    (the first wins a tie) that starts before the piece ends and ends after it starts.
    Pieces without a segment vanish, and so do segments that end before they start.
    """
    ordered = sorted(segments, key=lambda segment: segment[:2])
    if all(left[1] <= right[0] for left, right in pairwise(ordered)):
        return ordered
    bounds = sorted({bound for start, end, _ in ordered for bound in (start, end)})
    pieces: list[Captioned] = []
    # The heap has the segments that have started, longest first; ended ones are dropped when
    # they reach the top. n log n, whereas testing every piece is n².
    running: list[tuple[float, int]] = []
    coming = 0
    for left, right in pairwise(bounds):
        while coming < len(ordered) and ordered[coming][0] <= left:
            start, end, _ = ordered[coming]
            heapq.heappush(running, (start - end, coming))
            coming += 1
        while running and ordered[running[0][1]][1] <= left:
            heapq.heappop(running)
        if running:
            pieces.append((left, right, ordered[running[0][1]][2]))
    return pieces
