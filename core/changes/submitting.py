"""Acts of a submission: submit, publish, give up, run again, evaluate only."""

import msgspec

from core.changes.act import PARTICIPANT, SYSTEM, Act, At, Change, change
from core.changes.judging import unjudged
from core.changes.rules import (
    arrival,
    changed,
    refuse_bad_id,
    rekeyed,
    submission_of,
    with_entry,
    with_submission,
)
from core.changes.taken_names import refuse_taken
from core.changes.versions import new_version, replaceable
from core.errors import RefusedError
from core.model.entries import Entry, Submission
from core.model.rows import entry_of, entry_row, submission_row
from core.model.rows import submission_of as submission_from
from core.model.state import State


class Submit(Act, frozen=True, kw_only=True, tag="submit"):
    """Registers an upload; reserves its name unless it is evaluate-only.

    `submission` is its row (core.model.rows).
    """

    submission: dict[str, object]

    instead = "a submission and its try are on record. Cancel its job under Submissions."

    def apply(self, state: State, at: At) -> State:
        submission = self._read()
        if submission.submission_id in state.submissions:
            return state
        if submission.replaces:
            replaceable(state, submission.replaces)
        if not submission.evaluate_only:
            _refuse_name(state, submission)
        submission = _keyed(state, submission)
        return with_submission(state, changed(submission, state="open", reason=None))

    def refused(self, state: State, at: At, reason: str) -> State:
        """Keeps the submission as given up, so that its owner can read why."""
        submission = _keyed(state, self._read())
        if submission.submission_id in state.submissions:
            return state
        told = f"Another machine was first. {reason}"
        return with_submission(state, changed(submission, state="released", reason=told))

    def _read(self) -> Submission:
        found = submission_from(str(self.submission.get("submission_id")), self.submission)
        refuse_bad_id("submission_id", found.submission_id)
        return found


class Add(Act, frozen=True, kw_only=True, tag="add"):
    """Publishes a submission's entry on the Community board, without caption metrics.

    If the submission replaces an entry, updates that entry's scores. `entry` is its row.
    """

    submission_id: str
    entry: dict[str, object]

    instead = (
        "a submission is published only once. Hide or delete the entry under Community; "
        "a deleted entry can be restored for 30 days."
    )

    def apply(self, state: State, at: At) -> State:
        submission = submission_of(state, self.submission_id)
        entry = unjudged(entry_of(str(self.entry.get("entry_id")), self.entry))
        if submission.state in ("published", "purged"):
            return state
        if submission.evaluate_only:
            raise RefusedError({"submission": "An evaluate-only submission cannot be published."})
        if submission.state == "released":
            raise RefusedError(
                {"submission": f"The submission was given up ({submission.reason}). Run it again."}
            )
        published = changed(submission, state="published")
        if submission.replaces:
            state = new_version(state, submission.replaces, entry, at.time)
            return with_submission(state, published)
        refuse_taken(state, entry.model_name, submission.submission_id)
        if entry.entry_id in state.entries:
            raise RefusedError({"entry_id": f"The entry {entry.entry_id} is on the board already."})
        entry = msgspec.structs.replace(
            entry,
            board="community",
            arrived=arrival(at.time, entry.entry_id),
            contact_ref=entry.contact_ref or submission.contact_ref,
        )
        return with_submission(with_entry(state, entry), published)


class Release(Act, frozen=True, kw_only=True, tag="release"):
    """Gives up an open submission and releases its name. `spent`: its try still counts."""

    submission_id: str
    reason: str
    spent: bool = False

    instead = "the submission was given up when its job ended. Run the job again under Submissions."

    def apply(self, state: State, at: At) -> State:
        submission = submission_of(state, self.submission_id)
        if submission.state != "open":
            return state
        # A try used by an earlier run stays used: its log could be read.
        given_up = changed(
            submission, state="released", reason=self.reason, spent=submission.spent or self.spent
        )
        return with_submission(state, given_up)


class Reopen(Act, frozen=True, kw_only=True, tag="reopen"):
    """Reserves the name of a released submission again for another run."""

    submission_id: str

    instead = "the job is running again. Cancel it under Submissions."

    def apply(self, state: State, at: At) -> State:
        submission = submission_of(state, self.submission_id)
        if submission.state != "released":
            return state
        if not submission.evaluate_only:
            _refuse_name(state, submission)
        return with_submission(
            state, changed(submission, state="open", reason=None, opened=at.time)
        )


class Evaluated(Act, frozen=True, kw_only=True, tag="evaluated"):
    """Closes an evaluate-only submission."""

    submission_id: str

    instead = "an evaluate-only run published nothing."

    def apply(self, state: State, at: At) -> State:
        submission = submission_of(state, self.submission_id)
        if submission.state != "open":
            return state
        if not submission.evaluate_only:
            raise RefusedError({"submission": "Only an evaluate-only submission ends unpublished."})
        return with_submission(state, changed(submission, state="evaluated"))


ACTS = (Submit, Add, Release, Reopen, Evaluated)


def submit(submission: Submission, actor: str = PARTICIPANT) -> Change:
    """Register an upload; it happens once."""
    act = Submit(submission=submission_row(submission))
    return change(act, actor, f"submit-{submission.submission_id}")


def add(submission_id: str, entry: Entry, actor: str = SYSTEM) -> Change:
    """Publish a submission's entry; it happens once. The contact is not included."""
    act = Add(submission_id=submission_id, entry=entry_row(entry))
    return change(act, actor, f"add-{submission_id}")


def release(submission_id: str, reason: str, actor: str = SYSTEM, *, spent: bool = False) -> Change:
    """Give up a submission that failed or was cancelled."""
    return change(Release(submission_id=submission_id, reason=reason, spent=spent), actor)


def reopen(submission_id: str, actor: str) -> Change:
    """Reserve the name of a released submission again."""
    return change(Reopen(submission_id=submission_id), actor)


def evaluated(submission_id: str, actor: str = SYSTEM) -> Change:
    """Close an evaluate-only submission."""
    return change(Evaluated(submission_id=submission_id), actor)


def _refuse_name(state: State, submission: Submission) -> None:
    refuse_taken(state, submission.model_name, submission.submission_id, submission.replaces or "")


def _keyed(state: State, submission: Submission) -> Submission:
    """A new version with the entry's key at this point in the journal.

    The key may have been replaced, perhaps on another machine, after the version was prepared.
    """
    found = state.find(submission.replaces) if submission.replaces else None
    known = state.submissions.get(found[1].upload_id) if found else None
    if known is None or known.key_hash == submission.key_hash:
        return submission
    return rekeyed(state, submission.replaces, submission, known.key_hash)
