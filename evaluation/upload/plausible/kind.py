"""The input of a plausibility check, and its result for a wrong answer. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from evaluation.upload.plausible.clip import Clip

# The share of a task's answers from which a kind is reported.
ANY: Final = 0.0
"""One is enough: no correct answer looks like this."""
SOME: Final = 0.02
"""A model may slip in one answer of fifty; a script's fault affects far more."""
MANY: Final = 0.05
"""A few correct answers may look like this by chance, but not one in twenty."""
MOST: Final = 0.9
"""Only meaningful for the file as a whole."""

# Characters. The start of an answer shows its format. The second limit is for all answers to a task
# and keeps the check of a file of very long answers within its processor time.
_LOOKED_AT: Final = 2_000
_IN_ALL: Final = 1_000_000


def looked_at(answers: int) -> int:
    """How many characters of each of that many answers to check."""
    return min(_LOOKED_AT, _IN_ALL // max(answers, 1))


@dataclass(frozen=True, slots=True)
class Seen:
    """A non-empty answer: its beginning, its whole text, its question's words and its clip."""

    text: str
    whole: str
    question: str | None = None
    clip: Clip | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault.

    says: completes "n answers ...". counts: what to do instead, a clause of its own.
    least: the share of the task's non-empty answers from which it is reported.
    explains_odd: whether what is odd about the numbers read, such as an end before its start,
    follows from it.
    """

    code: str
    says: str
    counts: str
    least: float = ANY
    explains_odd: bool = False


Fault = tuple[Kind, str]
"""A kind, and the part of the answer that shows it."""


@dataclass(frozen=True, slots=True)
class Group:
    """The answers with one kind of fault: indexes among those checked; a quote of the first."""

    kind: Kind
    places: tuple[int, ...]
    shows: str


def grouped(faults: Iterable[tuple[int, Fault]], answers: int) -> Iterator[Group]:
    """The faults of `answers` answers by kind, in order of appearance, without rare kinds."""
    places: dict[Kind, dict[int, str]] = {}
    for place, (kind, shows) in faults:
        places.setdefault(kind, {}).setdefault(place, shows)
    for kind, found in places.items():
        if len(found) >= kind.least * answers:
            first = min(found)
            yield Group(kind, tuple(sorted(found)), found[first])


def piece(text: str, found: re.Match[str] | None = None, length: int = 40) -> str:
    """A quote of a text, on one line, starting where a pattern was found."""
    start = found.start() if found else 0
    return " ".join(text[start : start + 2 * length].split())[:length]


def in_order(
    patterns: Sequence[tuple[re.Pattern[str], Kind]], text: str, *, match: bool = False
) -> Iterator[Fault]:
    """The first of the patterns that a text contains, or, with `match`, starts with, as a fault."""
    for pattern, kind in patterns:
        found = pattern.match(text) if match else pattern.search(text)
        if found:
            yield kind, piece(text, found)
            return
