"""The review of an upload as data, and its JSON form.

Counts are records. Texts are for people and already safe to show (escaped, shortened).
"""

from dataclasses import dataclass

import msgspec

VERSION = 1


@dataclass(frozen=True, slots=True)
class Example:
    """One record that a finding is about; `answer` is the upload's own text, shortened."""

    index: int
    id: str
    qa_type: str
    answer: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the reader should know. `task` is a task key, None for the whole file."""

    code: str
    task: str | None
    count: int
    text: str
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskReview:
    """One row of the table: a task's records.

    `compared` counts answers whose question says how many boxes or segments it wants (0:
    not checked), `fewer` and `more` those that hold another number. `unread_reason` says
    what an unreadable answer lacks.
    """

    key: str
    name: str
    expected: int
    found: int
    empty: int
    unreadable: int
    unread_reason: str
    compared: int
    fewer: int
    more: int
    truncated: int


@dataclass(frozen=True, slots=True)
class Review:
    """What a careful reader says about an upload. `ready`: it can be scored."""

    verdict: str
    ready: bool
    records: int
    sha256: str
    tasks: tuple[TaskReview, ...]
    problems: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    version: int = VERSION
    content_sha256: str = ""  # of the answers alone; empty when they could not be read

    def to_json(self) -> bytes:
        return msgspec.json.encode(self)

    @staticmethod
    def from_json(data: bytes) -> "Review":
        """Raises msgspec.DecodeError when `data` is not a review."""
        return msgspec.json.decode(data, type=Review)


def verdict(problems: int, warnings: int) -> str:
    """One line: "ready", "ready with 3 warnings", "cannot be scored: 2 problems"."""
    if problems:
        return f"cannot be scored: {problems} problem{'s' if problems > 1 else ''}"
    if warnings:
        return f"ready with {warnings} warning{'s' if warnings > 1 else ''}"
    return "ready"


def refused(problem: str, sha256: str = "", records: int = 0) -> Review:
    """The review of a file that could not be read at all."""
    finding = Finding("file", None, 1, problem)
    return Review(verdict(1, 0), False, records, sha256, (), (finding,), (), ())
