"""What an operation's payload holds, read and checked: helpers of the rules (core.changes.changes).

Each raises EntryError for a malformed payload, RefusedError for what is not there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from core.errors import ChangedError, EntryError, RefusedError
from core.files.ids import is_id
from core.model.entries import BoardName, Entry, Submission, entry_from_row, entry_to_row
from core.model.state import Operation, Personal, Row, State

_T = TypeVar("_T")


def refuse_changed(
    old: Mapping[str, Any], present: Mapping[str, Any], new: Mapping[str, Any]
) -> None:
    """Raise ChangedError, by field, where `present` is not `old` any more and `new` differs.

    `new` says what is to change. That somebody made the same change already is no problem.
    """
    moved = [key for key in new if present[key] not in (old[key], new[key])]
    if moved:
        raise ChangedError(
            {
                key: f"{key} was changed meanwhile. Load the page again and look at it first."
                for key in moved
            }
        )


def changed(submission: Submission, **changes: Any) -> Submission:
    """The submission with other values in some fields."""
    return msgspec.structs.replace(submission, **changes)


def rekeyed(
    state: State, entry_id: str | None, submission: Submission, key_hash: str
) -> Submission:
    """A submission behind an entry with another key than it was sent with.

    Of accounts only the one that the entry was made with opens it then: whoever had the old
    key may have sent a version from an account of their own.
    """
    first = state.submissions.get(entry_id or "")
    own = submission.submission_id == entry_id or (
        first is not None and submission.submitter == first.submitter
    )
    return changed(submission, key_hash=key_hash, key_only=submission.key_only or not own)


def with_submission(state: State, submission: Submission) -> State:
    """The state with this submission in the place of the one of its id, or added."""
    return replace(state, submissions={**state.submissions, submission.submission_id: submission})


def submission_of(state: State, op: Operation) -> Submission:
    """The submission that an operation is about. Raises RefusedError when there is none."""
    wanted = field(op, "submission_id", str)
    found = state.submissions.get(wanted)
    if found is None:
        raise RefusedError({"submission": f"There is no submission {wanted[:80]!r}."})
    return found


def new_submission(op: Operation) -> Submission:
    """The submission that an operation brings. Raises EntryError when it has not its form."""
    try:
        submission = msgspec.convert(field(op, "submission", dict), Submission)
    except msgspec.ValidationError as error:
        raise EntryError(f"operation {op.id} ({op.kind}): submission: {error}.") from error
    if not is_id(submission.submission_id):
        raise EntryError(
            f"operation {op.id} ({op.kind}): submission_id {submission.submission_id[:80]!r} is no "
            "identifier. Make it with core.files.ids.new_id."
        )
    return submission


def payload_row(entry: Entry) -> dict[str, Any]:
    """The entry as an operation holds it: its row without rank and contact."""
    row = entry_to_row(entry, rank=0)
    return {key: plain(value) for key, value in row.items() if key not in ("rank", "contact")}


def plain(value: Any) -> Any:
    """A record or value as JSON gives it back: objects and lists, no tuples."""
    if isinstance(value, msgspec.Struct):
        value = msgspec.to_builtins(value)
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def entry_of(row: Row, board: BoardName, personal: Personal, contact_ref: str | None) -> Entry:
    """A row of a payload as an entry, its contact looked up by reference."""
    if row.get("contact") is not None:
        raise EntryError(
            f"{board} board: an operation holds a contact. Give it to Store.add_personal and "
            "put the reference into contact_ref."
        )
    entry = entry_from_row(row, board)
    ref = entry.contact_ref or contact_ref
    contact = personal.get(ref, {}).get("contact") if ref else None
    return msgspec.structs.replace(entry, contact=contact, contact_ref=ref)


def merged_rows(
    there: tuple[Entry, ...], rows: Sequence[Row], board: BoardName, personal: Personal
) -> tuple[Entry, ...]:
    """`there` and the rows that are not; equal old names get ids that differ."""
    entries: list[Entry] = []
    ids: dict[str, int] = {}
    for row in rows:
        if not isinstance(row, dict):
            raise EntryError(
                f"{board} board: expected an object per row, got {type(row).__name__}."
            )
        entry = entry_of(row, board, personal, None)
        count = ids[entry.entry_id] = ids.get(entry.entry_id, 0) + 1
        if count > 1:
            entry = msgspec.structs.replace(entry, entry_id=f"{entry.entry_id}-{count}")
        entries.append(entry)
    known = {entry.entry_id for entry in there}
    return (*there, *(entry for entry in entries if entry.entry_id not in known))


def field(op: Operation, key: str, kind: type[_T]) -> _T:
    """One value of the payload. Raises EntryError when it is missing or of another type."""
    value = op.payload.get(key)
    if not isinstance(value, kind):
        raise EntryError(
            f"operation {op.id} ({op.kind}): {key} must be {kind.__name__}, "
            f"got {type(value).__name__}."
        )
    return value


def find_entry(state: State, board: BoardName, entry_id: str) -> tuple[int, Entry]:
    """Where an entry stands among its board's entries, and the entry. Raises RefusedError."""
    for index, entry in enumerate(state.board(board)):
        if entry.entry_id == entry_id:
            return index, entry
    raise RefusedError(
        {
            "entry_id": f"There is no entry {entry_id[:80]!r} on the {board.capitalize()} board. "
            "It may have been moved or deleted meanwhile; load the page again."
        }
    )


def with_board(state: State, board: BoardName, entries: tuple[Entry, ...]) -> State:
    """The state with these entries on one board."""
    if board == "official":
        return replace(state, official=entries)
    return replace(state, community=entries)


def with_entry(state: State, board: BoardName, entry: Entry) -> State:
    """The entry in the place of the one of the same id; the same state when they are equal."""
    index, old = find_entry(state, board, entry.entry_id)
    if old == entry:
        return state
    entries = state.board(board)
    return with_board(state, board, (*entries[:index], entry, *entries[index + 1 :]))


def board_field(op: Operation, key: str = "board") -> BoardName:
    """The board that a payload names. Raises EntryError for any other word."""
    value = field(op, key, str)
    if value == "official":
        return "official"
    if value == "community":
        return "community"
    raise EntryError(
        f"operation {op.id} ({op.kind}): {key} must be official or community, got {value[:40]!r}."
    )


def optional(op: Operation, key: str, kind: type[_T]) -> _T | None:
    """As `field`, None when it is missing or null."""
    return None if op.payload.get(key) is None else field(op, key, kind)


def record(op: Operation, key: str, kind: type[_T]) -> _T:
    """A part of the payload as a typed record."""
    try:
        return msgspec.convert(op.payload.get(key), kind)
    except msgspec.ValidationError as error:
        raise EntryError(f"operation {op.id} ({op.kind}): {key}: {error}.") from error
