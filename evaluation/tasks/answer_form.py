"""The answer format of a task, as the scorer reads it. Needs no truth.

Each task declares its `AnswerForm` from the parser that scores it; the review of an upload uses
the declarations.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """`items`: number of boxes, segments, aspects or components read; None if nothing is parsed.

    `odd` lists, in words, the kinds of values that were read but cannot be right.
    """

    items: int | None
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """The format of answers to a task. Without arguments: any text, as for captions.

    wanted: what a readable answer has, completing "n answers have no ..."; "" for any text.
    without: how an answer without it is scored, a clause of its own; "" for any text.
    read: what the scorer finds in a non-empty text.
    slips: (pattern, words) of common mistakes; the words complete "n ..." for an unread answer.
    counted: what is compared with the number in the question ("segments"); `asked` reads that
    number from the question, None if there is none.
    complete_after_any_word: whether an answer can never look truncated, as for a label.
    """

    wanted: str = ""
    without: str = ""
    read: Callable[[str], Reading] = lambda _text: Reading(None)
    slips: tuple[tuple[re.Pattern[str], str], ...] = ()
    counted: str = ""
    asked: Callable[[str], int | None] = lambda _question: None
    complete_after_any_word: bool = False

    def why_unread(self, text: str) -> str | None:
        """A guess why nothing was read, completing "n ..."; None without one."""
        for pattern, words in self.slips:
            if pattern.search(text):
                return words
        return None if re.search(r"\d", text) else "without any number"


def left_out_of(metric: str) -> str:
    """`without` of a task whose metric leaves unreadable answers out."""
    return f"such answers are left out of {metric}, whose coverage and strict score fall"


ZERO = "such an answer scores 0"
"""`without` of a task whose metrics count unreadable answers."""

OTHER_DASH = (
    re.compile(r"\d\s{0,9}[–—−‐‑]\s{0,9}\d"),
    "with a dash other than the hyphen “-”",
)
"""Common mistakes in time segments."""


_BACKWARDS = (
    "have a segment that ends before it starts: write its start and its end, not start and duration"
)


def read_segments(segments: Sequence[tuple[float, float]]) -> Reading:
    """The reading of (start, end) segments."""
    backwards = any(end < start for start, end in segments)
    return Reading(len(segments), (_BACKWARDS,) * backwards)


def read_grades(found: Mapping[str, int], wanted: int, parts: str, low: int, high: int) -> Reading:
    """The reading of name -> score; a full answer has `wanted` parts, each `low` to `high`."""
    odd: list[str] = []
    if 0 < len(found) < wanted:
        odd.append(f"name fewer than {wanted} {parts} that can be read (separate them by commas)")
    if len(found) > wanted:
        odd.append(f"name more than {wanted} {parts}")
    if any(not low <= score <= high for score in found.values()):
        odd.append(f"give a score outside {low} to {high}")
    return Reading(len(found), tuple(odd))
