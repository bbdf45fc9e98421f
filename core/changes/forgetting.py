"""Permanent erasure: of an entry in the trash, or of a submission without an entry."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from core.changes.act import Act, At, Change, change
from core.changes.rules import submission_of, with_submission
from core.errors import RefusedError
from core.model.entries import Entry, Submission
from core.model.state import State
from core.model.tables import Row

# They have no entry: they released their name, or were evaluate-only.
ERASABLE: Final = frozenset({"released", "evaluated"})


class Purge(Act, frozen=True, kw_only=True, tag="purge"):
    """Erases an entry in the trash; `erased` has the names of everything that goes with it.

    Never refused when journals are joined: an entry erased on one machine is erased wherever
    another machine has moved it.
    """

    entry_id: str
    erased: list[str]

    forgets = True
    instead = (
        "its files and personal data are permanently erased. Only its owner can submit it as a "
        "new entry."
    )

    def apply(self, state: State, at: At) -> State:
        entry = state.entries.get(self.entry_id)
        if not at.joining and (entry is None or entry.deleted is None):
            raise RefusedError(
                {"entry_id": "Only an entry in the trash can be purged. Delete it first."}
            )
        told = [r.report_id for r in state.reports if r.entry_id == self.entry_id]
        reports = state.reports_by_id.with_rows(dict.fromkeys(told))
        entries = state.entries.without(self.entry_id)
        behind = uploads_of(state, entry) if entry else {self.entry_id}
        state = replace(state, entries=entries, reports_by_id=reports)
        erased = {*self.erased, *_came_since(state, entry, behind)} if at.joining else self.erased
        for submission_id in sorted(behind):
            if submission_id in state.submissions:
                state = with_submission(state, _scrubbed(state.submissions[submission_id]))
        return _erased(state, sorted(erased))


class Erase(Act, frozen=True, kw_only=True, tag="erase"):
    """Erases a submission without an entry. Never refused when journals are joined; an entry that
    another machine created from it meanwhile is erased too."""

    submission_id: str
    erased: list[str]

    forgets = True
    instead = (
        "its file and personal data are permanently erased. Only its owner can submit it again."
    )

    def apply(self, state: State, at: At) -> State:
        if at.joining and self.submission_id not in state.submissions:
            return _erased(state, self.erased)
        submission = submission_of(state, self.submission_id)
        if submission.state == "purged":
            return state
        published = _only_entry_of(state, self.submission_id) if at.joining else None
        if published is not None:
            return Purge(entry_id=published.entry_id, erased=self.erased).apply(state, at)
        if submission.state not in ERASABLE and not at.joining:
            raise RefusedError(
                {
                    "submission": f"The submission is {submission.state}. Cancel its job first, or "
                    "delete and purge its entry."
                }
            )
        return with_submission(_erased(state, self.erased), _scrubbed(submission))


ACTS = (Purge, Erase)


def purge(entry_id: str, erased: Iterable[str], actor: str) -> Change:
    """Permanently erase an entry in the trash; `erased` has the names of everything with it.

    Use core.usecases.forget, which finds and erases private records, uploads and jobs.
    """
    return change(Purge(entry_id=entry_id, erased=sorted(set(erased))), actor)


def erase(submission_id: str, erased: Iterable[str], actor: str) -> Change:
    """Permanently erase a submission without an entry; `erased` and the use case as for `purge`."""
    return change(Erase(submission_id=submission_id, erased=sorted(set(erased))), actor)


def uploads_of(state: State, entry: Entry) -> set[str]:
    """The submissions of an entry: current, in its history, and intended to replace it."""
    meant = (s.submission_id for s in state.submissions.values() if s.replaces == entry.entry_id)
    before = (old.submission_id for old in entry.history)
    return {entry.entry_id, entry.upload_id, *before, *meant}


def _came_since(state: State, entry: Entry | None, behind: Iterable[str]) -> Iterator[str]:
    """Submissions that another machine may have added to the erased entry."""
    if entry is not None and entry.contact_ref:
        yield entry.contact_ref
    for submission_id in behind:
        if submission_id in state.submissions:
            yield submission_id
            if ref := state.submissions[submission_id].contact_ref:
                yield ref


def _only_entry_of(state: State, submission_id: str) -> Entry | None:
    """The entry that another machine created from this submission only."""
    found, gone = state.by_upload(submission_id), state.trashed_by_upload(submission_id)
    entry = found[1] if found else gone.entry if gone else None
    return entry if entry and not entry.history else None


def _erased(state: State, names: Iterable[str]) -> State:
    new: dict[str, Row | None] = {name: {} for name in names if name not in state.purged_names}
    return replace(state, purged_names=state.purged_names.with_rows(new))


def _scrubbed(submission: Submission) -> Submission:
    """A purged submission: only that it existed, when, and which file."""
    return Submission(
        submission_id=submission.submission_id,
        model_name="",
        organization="",
        created=submission.created,
        key_hash="",
        predictions_sha256=submission.predictions_sha256,
        records=submission.records,
        evaluate_only=submission.evaluate_only,
        state="purged",
        reason="Purged.",
    )
