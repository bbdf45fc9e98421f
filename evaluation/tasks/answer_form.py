"""The form that a task's answers have, as far as the scorer reads it. No truth is needed.

Each task declares its own (`AnswerForm`) from the parser that scores it; the review of an upload
goes through what is declared.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """`items`: boxes, segments, aspects or components read; None where nothing is parsed.

    `odd` lists what was read and cannot be right, in words, each a kind of its own.
    """

    items: int | None
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """How answers to a task look. Without arguments: any text will do, as for captions.

    wanted: what a readable answer holds, completing "n answers hold no ..."; "" for any text.
    read: what the scorer finds in a text that is not empty.
    slips: (pattern, words) of common mistakes; the words complete "n ..." for an unread answer.
    counted: what is compared with the number that the question asks for ("segments"); `asked`
    reads that number from the question, None where it is not said.
    complete_after_any_word: whether an answer can never look cut off, as a label.
    """

    wanted: str = ""
    read: Callable[[str], Reading] = lambda _text: Reading(None)
    slips: tuple[tuple[re.Pattern[str], str], ...] = ()
    counted: str = ""
    asked: Callable[[str], int | None] = lambda _question: None
    complete_after_any_word: bool = False

    def why_unread(self, text: str) -> str | None:
        """A guess why nothing was read, completing "n ..."; None where there is none."""
        for pattern, words in self.slips:
            if pattern.search(text):
                return words
        return None if re.search(r"\d", text) else "without any number"


OTHER_DASH = (
    re.compile(r"\d\s{0,9}[–—−‐‑]\s{0,9}\d"),
    "with another dash than the hyphen “-”",
)
"""The slip of answers that give time segments."""


def read_segments(segments: Sequence[tuple[float, float]]) -> Reading:
    """The reading of (start, end) segments."""
    backwards = any(end < start for start, end in segments)
    return Reading(len(segments), ("hold a segment that ends before it starts",) * backwards)


def read_grades(found: Mapping[str, int], wanted: int, parts: str, low: int, high: int) -> Reading:
    """The reading of name -> score; a full answer names `wanted` parts, each `low` to `high`."""
    odd: list[str] = []
    if 0 < len(found) < wanted:
        odd.append(f"name fewer than {wanted} {parts} that can be read (separate them by commas)")
    if len(found) > wanted:
        odd.append(f"name more than {wanted} {parts}")
    if any(not low <= score <= high for score in found.values()):
        odd.append(f"give a score outside {low} to {high}")
    return Reading(len(found), tuple(odd))
