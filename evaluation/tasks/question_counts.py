"""How many boxes or segments a question asks for.

Only explicit numbers count; everything else is None, "not checked". The text comes from the
upload or from the public question file, never from the truth.
"""

import math
import re

from evaluation.tasks.numbers import NUMBER as _N

_SECONDS = r"\s*(?:seconds?\b|secs?\b|s\b)"
_EVERY = re.compile(rf"\b(?:every|each)(?:\s+{_N})?{_SECONDS}", re.IGNORECASE)
_RANGE = re.compile(
    rf"\b(?:from|between)\s+{_N}(?:{_SECONDS})?\s*(?:to|until|till|and|-|–)\s*{_N}"
    rf"|{_N}(?:{_SECONDS})?\s*(?:to|until|-|–)\s*{_N}{_SECONDS}",
    re.IGNORECASE,
)
_LIST = re.compile(
    rf"\bat\s+(?:times?\s+|timestamps?\s+|seconds?\s+)?({_N}(?:{_SECONDS})?"
    rf"(?:\s*(?:,\s*and|,|and|&)\s*{_N}(?:{_SECONDS})?)*)(?!\s*(?:-|–|to\b)\s*\d)",
    re.IGNORECASE,
)
_NUMBER = re.compile(_N)
_WORDS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1
    )
}
_COUNTED = re.compile(
    rf"\b(\d{{1,2}}|{'|'.join(_WORDS)})\s+(?:[a-z]+\s+){{0,2}}"
    r"(segments?|events?|spans?|intervals?|captions?|time\s+ranges?)\b",
    re.IGNORECASE,
)
_MOST = 10_000  # more than any clip has frames: the question was misread


def times_asked(question: str) -> list[float] | None:
    """Times in seconds at which boxes are asked for: every step seconds from a to b, inclusive, or
    the listed times."""
    every = _EVERY.search(question)
    if every:
        step = float(every[1] or 1)
        found = _RANGE.search(question)
        if not found or step <= 0:
            return None
        first, last = (float(part) for part in found.groups() if part is not None)
        # 1e-9: 0 to 0.3 every 0.1 seconds is four times, which binary division misses.
        count = math.floor((last - first) / step + 1e-9) + 1
        if last < first or count > _MOST:
            return None
        return [first + step * number for number in range(count)]
    listed = _LIST.search(question)
    return [float(time) for time in _NUMBER.findall(listed[1])] if listed else None


def boxes_asked(question: str) -> int | None:
    """Boxes: one for each time in the question."""
    times = times_asked(question)
    return None if times is None else len(times)


def segments_asked(question: str) -> int | None:
    """Segments: the number before "segments", "events" and the like; None if there are two."""
    counts = {found[1].lower() for found in _COUNTED.finditer(question)}
    if len(counts) != 1:
        return None
    (count,) = counts
    return _WORDS.get(count) or int(count) or None
