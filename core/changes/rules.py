"""Shared by the rules of all acts: finding and changing an act's subject. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from core.errors import ChangedError, EntryError, RefusedError
from core.files.ids import is_id
from core.model.entries import BoardName, Entry, Submission
from core.model.state import State


def entry_on(state: State, board: BoardName, entry_id: str) -> Entry:
    """An entry of a board, hidden or not. Raises RefusedError when there is none."""
    found = state.find(entry_id)
    if found is None or found[0] != board:
        raise RefusedError(
            {
                "entry_id": f"There is no entry {entry_id[:80]!r} on the {board.capitalize()} "
                "board. It may have been moved or deleted; reload the page."
            }
        )
    return found[1]


def on_boards(state: State, entry_id: str) -> Entry:
    """An entry of either board. Raises RefusedError when it is on none."""
    found = state.find(entry_id)
    return entry_on(state, "community", entry_id) if found is None else found[1]


def submission_of(state: State, submission_id: str) -> Submission:
    """A submission by its id. Raises RefusedError when there is none."""
    if submission_id not in state.submissions:
        raise RefusedError({"submission": f"There is no submission {submission_id[:80]!r}."})
    return state.submissions[submission_id]


def with_entry(state: State, entry: Entry) -> State:
    """The state with this entry replaced, or added."""
    entries = state.entries.with_record(entry.entry_id, entry)
    return state if entries is state.entries else replace(state, entries=entries)


def with_submission(state: State, submission: Submission) -> State:
    """The state with this submission replaced, or added."""
    known = state.submissions.with_record(submission.submission_id, submission)
    return state if known is state.submissions else replace(state, submissions=known)


def changed(submission: Submission, **changes: Any) -> Submission:
    """The submission with some fields changed."""
    return msgspec.structs.replace(submission, **changes)


def arrival(time: str, what: str) -> str:
    """The sort key of something that arrives on a board at this time."""
    return f"{time} {what}"


def refuse_changed(
    old: Mapping[str, Any], present: Mapping[str, Any], new: Mapping[str, Any]
) -> None:
    """Raise ChangedError, by field, if `present` is no longer `old` and `new` differs.

    `new` has the fields to change. It is not an error if somebody already made the same change.
    """
    moved = [key for key in new if present[key] not in (old[key], new[key])]
    if moved:
        raise ChangedError(
            {key: f"{key} has been changed. Reload the page and check it first." for key in moved}
        )


def refuse_bad_id(what: str, found: str) -> None:
    """Raise EntryError for an id that cannot be used in file names."""
    if not is_id(found):
        raise EntryError(
            f"{what} {found[:80]!r} is not an identifier. Create one with core.files.ids.new_id."
        )


def rekeyed(
    state: State, entry_id: str | None, submission: Submission, key_hash: str
) -> Submission:
    """A submission of an entry, with a replaced key.

    Of accounts, only the one that created the entry has access then: a holder of the old key may
    have submitted a version from another account.
    """
    first = state.submissions.get(entry_id or "")
    own = submission.submission_id == entry_id or (
        first is not None and submission.submitter == first.submitter
    )
    return changed(submission, key_hash=key_hash, key_only=submission.key_only or not own)
