"""The exception tree: every error this program raises on purpose.

A message says what failed, where, what was expected, what was received and
what to do next. Messages are shown to participants, so they never quote the
ground truth, a key or a contact.
"""

from typing import Literal


class MedVidBenchError(Exception):
    """Root of all errors raised on purpose."""


class SettingsError(MedVidBenchError):
    """A setting has an invalid value."""


class PredictionsError(MedVidBenchError):
    """A predictions file cannot be read, or is not a predictions file."""


class GroundTruthError(MedVidBenchError):
    """The ground truth is missing or malformed. Never quotes its content."""


class AlignmentError(MedVidBenchError):
    """Predictions and ground truth cannot be matched record by record."""


class EntryError(MedVidBenchError):
    """A board row, submission or job record does not have the documented format."""


class RefusedError(MedVidBenchError):
    """A request violates a rule. `problems` maps a field name to one sentence."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(problems.values()))


class PartlyDoneError(MedVidBenchError):
    """Several changes were requested and one failed; the message says why.

    `done` describes the changes made before it; `changes` are their ids, for undo.
    """

    def __init__(self, message: str, done: str, changes: tuple[str, ...]) -> None:
        self.done = done
        self.changes = changes
        super().__init__(message)


class StoreError(MedVidBenchError):
    """The data folder could not be read or written; the old files are unchanged."""


class JobError(MedVidBenchError):
    """A job could not be started, watched or stopped."""


class ChangedError(RefusedError):
    """Somebody else changed the data that a page showed, so nothing was overwritten."""


MirrorProblem = Literal[
    "token",  # 401: no token, or an invalid one
    "forbidden",  # 403: the token may not do this
    "missing",  # 404: no such repo, or hidden from this token
    "absent",  # 404: the repo has no such file
    "gone",  # 404: the repo has no such commit
    "moved",  # 412: somebody else committed first
    "busy",  # 429: too many requests
    "server",  # 5xx, or a response that the Hub does not send
    "network",  # no response
    "public",  # the repo is public
    "unchanged",  # nothing was sent: the repo already has identical files
]


class MirrorError(MedVidBenchError):
    """The dataset repo could not be read or written; local files are unchanged.

    `retry_after_s` says how long the Hub asks to wait, None when it does not.
    `unknown_outcome` is true when a commit may have succeeded without a response: look for it
    at the head before trying again.
    """

    def __init__(
        self,
        message: str,
        kind: MirrorProblem,
        *,
        retry_after_s: float | None = None,
        unknown_outcome: bool = False,
    ) -> None:
        self.kind: MirrorProblem = kind
        self.retry_after_s = retry_after_s
        self.unknown_outcome = unknown_outcome
        super().__init__(message)


class HeadMovedError(MirrorError):
    """The commit's parent is no longer the head. Nothing was committed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "moved")
