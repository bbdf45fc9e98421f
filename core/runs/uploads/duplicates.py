"""The same answers under several names: recognised by content and reported to the admin."""

from collections.abc import Iterable
from typing import Final

import msgspec

from core.changes import reporting
from core.changes.act import SYSTEM
from core.model.entries import Entry, Submission
from core.model.names import same_name
from core.model.state import State
from core.store.store import Store

SAME_PREDICTIONS: Final = "same predictions"


def same_answers(state: State, submission: Submission) -> list[Submission]:
    """Other submissions with the same answers under another name, oldest first.

    The same answers under one name are normal: a repeated run, or one evaluated only first and
    then published.
    """
    return [
        other
        for other in state.submissions.values()
        if other.submission_id != submission.submission_id
        and other.state in ("published", "evaluated", "open")
        and _same(submission, other)
        and not same_name(other.model_name, submission.model_name)
    ]


def _same(one: Submission, other: Submission) -> bool:
    if one.content_sha256 and one.content_sha256 == other.content_sha256:
        return True
    return bool(one.predictions_sha256) and one.predictions_sha256 == other.predictions_sha256


def report_same_answers(store: Store, submission_id: str) -> None:
    """Report a submission's same answers to the admin once: on its entry, else on another's."""
    state = store.read()
    submission = state.submissions[submission_id]
    found = same_answers(state, submission)
    names = ", ".join(dict.fromkeys(f"“{other.model_name}”" for other in found))
    entry = first_entry(state, [submission, *found])
    if found and entry:
        text = (
            f"“{submission.model_name}” has the same answers as {names}, "
            "regardless of other content in the file."
        )
        report(store, entry.entry_id, SAME_PREDICTIONS, text, f"same-{submission_id}")


def first_entry(state: State, submissions: Iterable[Submission]) -> Entry | None:
    """The first of their entries on a board, if any."""
    places = (state.by_upload(one.submission_id) for one in submissions)
    return next((found[1] for found in places if found), None)


def report(store: Store, entry_id: str, reason: str, text: str, change_id: str) -> None:
    """A report by the program, made once: `change_id` identifies its cause."""
    ref = store.add_personal({"text": text, "contact": None})
    change = msgspec.structs.replace(reporting.report(entry_id, reason, SYSTEM, ref), id=change_id)
    state = store.commit(change)
    if all(known.contact_ref != ref for known in state.reports):
        store.erase_personal(ref)  # already reported
