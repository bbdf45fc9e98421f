"""The review of an upload as data, written by the check as JSON and read by the pages.

Counts are records. Texts are safe to show (escaped, shortened).
Shared with evaluation/, so it imports nothing but data libraries.
"""

from dataclasses import dataclass

import msgspec

VERSION = 1
MACHINE = "machine"  # the code of the only problem of a file that was not checked


@dataclass(frozen=True, slots=True)
class Example:
    """One record that a finding is about; `answer` is the upload's text, shortened."""

    index: int
    id: str
    qa_type: str
    answer: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding for the participant. `task` is a task key, None for the whole file."""

    code: str
    task: str | None
    count: int
    text: str
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskReview:
    """One row of the table: a task's records.

    `compared` counts answers whose question asks for a number of boxes or segments (0: not
    checked), `fewer` and `more` those with another number. `unread_reason` says what an
    unreadable answer lacks; it is empty for tasks whose answers may be any text. `truncated` is
    None for a task whose answers are complete after any word. `counted` is what is compared
    ("boxes"), empty for tasks without counts. `off_label` counts answers far from every label;
    None for a task without labels.
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
    truncated: int | None
    counted: str = ""
    off_label: int | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """The review of an upload. `ready`: it can be scored.

    `sha256` is of the decompressed file, `content_sha256` of its answers alone, regardless of
    formatting; each is empty if the file could not be read.
    """

    verdict: str
    ready: bool
    records: int
    sha256: str
    tasks: tuple[TaskReview, ...]
    problems: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    version: int = VERSION
    content_sha256: str = ""

    def to_json(self) -> bytes:
        return msgspec.json.encode(self)

    @property
    def checked(self) -> bool:
        """Whether the file was checked; if not, the file is not at fault."""
        return not any(problem.code == MACHINE for problem in self.problems)

    @staticmethod
    def from_json(data: bytes) -> "Review":
        """Raises ValueError when `data` is not a review."""
        return msgspec.json.decode(data, type=Review)


def verdict(problems: int, warnings: int) -> str:
    """One line: "ready", "ready with 3 warnings", "cannot be scored: 2 problems"."""
    if problems:
        return f"cannot be scored: {problems} problem{'s' if problems > 1 else ''}"
    if warnings:
        return f"ready with {warnings} warning{'s' if warnings > 1 else ''}"
    return "ready"


def unchecked(problem: str) -> Review:
    """The review of a file that could not be checked, for reasons outside the file."""
    finding = Finding(MACHINE, None, 1, problem)
    return Review("not checked", False, 0, "", (), (finding,), (), ())


def refused(problem: str, sha256: str = "", code: str = "file") -> Review:
    """The review of a file with only this `problem`."""
    finding = Finding(code, None, 1, problem)
    return Review(verdict(1, 0), False, 0, sha256, (), (finding,), (), ())
