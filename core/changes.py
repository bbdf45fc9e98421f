"""The rules: one pure function per kind of operation, listed in KINDS.

Each takes the state, the operation and the personal data it may refer to, and
gives the new state (the same object when nothing changes). It raises
RefusedError when a rule forbids the change, EntryError for a malformed payload.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from core.entries import BoardName, Entry, Submission, entry_from_row
from core.errors import EntryError, RefusedError
from core.ids import is_id
from core.names import name_key
from core.state import Operation, Personal, Row, State

_T = TypeVar("_T")


def name_problem(state: State, name: str, submission_id: str = "") -> str | None:
    """Why `name` is not free for this submission, as one sentence; None when it is."""
    key = name_key(name)
    if not key:
        return "The model name needs at least one visible letter or digit."
    for board, entries in (("Official", state.official), ("Community", state.community)):
        for entry in entries:
            if entry.key == key:
                return (
                    f"A model named “{entry.model_name}” is on the {board} board already. "
                    "Choose a name that differs in more than case, blanks or look-alike letters."
                )
    for other in state.submissions.values():
        if (
            other.submission_id != submission_id
            and other.state == "open"
            and not other.evaluate_only
            and name_key(other.model_name) == key
        ):
            return (
                f"The name “{other.model_name}” is reserved by a submission that is being "
                "evaluated. Choose another name, or wait until it has finished."
            )
    return None


def _refuse_taken(state: State, name: str, submission_id: str) -> None:
    problem = name_problem(state, name, submission_id)
    if problem:
        raise RefusedError({"model_name": problem})


def _apply_submit(state: State, op: Operation, _personal: Personal) -> State:
    submission = _new_submission(op)
    if submission.submission_id in state.submissions:
        return state
    if not submission.evaluate_only:
        _refuse_taken(state, submission.model_name, submission.submission_id)
    return _with_submission(state, _changed(submission, state="open", reason=None))


def refused(state: State, op: Operation, error: RefusedError) -> State:
    """The state after an operation of a journal that is refused where it stands.

    Commits refuse before they write, so this happens only when journals of two machines
    are put together. A submission stays known, as given up, so that its owner reads why.
    """
    if op.kind != "submit":
        return state
    submission = _new_submission(op)
    reason = f"Another machine was first. {error}"
    return _with_submission(state, _changed(submission, state="released", reason=reason))


def _apply_add(state: State, op: Operation, personal: Personal) -> State:
    submission = _submission(state, op)
    entry = _entry(_field(op, "entry", dict), "community", personal, submission.contact_ref)
    if submission.state == "published":
        return state
    if submission.evaluate_only:
        raise RefusedError({"submission": "An evaluate-only submission cannot be published."})
    if submission.state == "released":
        raise RefusedError(
            {"submission": f"The submission was given up ({submission.reason}). Run it again."}
        )
    _refuse_taken(state, entry.model_name, submission.submission_id)
    if any(entry.entry_id == other.entry_id for other in state.community):
        raise RefusedError({"entry_id": f"The entry {entry.entry_id} is on the board already."})
    state = replace(state, community=(*state.community, entry))
    return _with_submission(state, _changed(submission, state="published"))


def _apply_release(state: State, op: Operation, _personal: Personal) -> State:
    submission = _submission(state, op)
    if submission.state != "open":
        return state
    reason = _field(op, "reason", str)
    return _with_submission(state, _changed(submission, state="released", reason=reason))


def _apply_reopen(state: State, op: Operation, _personal: Personal) -> State:
    submission = _submission(state, op)
    if submission.state != "released":
        return state
    if not submission.evaluate_only:
        _refuse_taken(state, submission.model_name, submission.submission_id)
    return _with_submission(state, _changed(submission, state="open", reason=None))


def _apply_evaluated(state: State, op: Operation, _personal: Personal) -> State:
    submission = _submission(state, op)
    if submission.state != "open":
        return state
    if not submission.evaluate_only:
        raise RefusedError({"submission": "Only an evaluate-only submission ends unpublished."})
    return _with_submission(state, _changed(submission, state="evaluated"))


def _apply_import(state: State, op: Operation, personal: Personal) -> State:
    return replace(
        state,
        community=_merged(state.community, _field(op, "community", list), "community", personal),
        official=_merged(state.official, _field(op, "official", list), "official", personal),
    )


KINDS: dict[str, Callable[[State, Operation, Personal], State]] = {
    "import": _apply_import,
    "submit": _apply_submit,
    "add": _apply_add,
    "release": _apply_release,
    "reopen": _apply_reopen,
    "evaluated": _apply_evaluated,
}


# Reading payloads


def _changed(submission: Submission, **changes: Any) -> Submission:
    return msgspec.structs.replace(submission, **changes)


def _with_submission(state: State, submission: Submission) -> State:
    return replace(state, submissions={**state.submissions, submission.submission_id: submission})


def _submission(state: State, op: Operation) -> Submission:
    wanted = _field(op, "submission_id", str)
    found = state.submissions.get(wanted)
    if found is None:
        raise RefusedError({"submission": f"There is no submission {wanted[:80]!r}."})
    return found


def _new_submission(op: Operation) -> Submission:
    try:
        submission = msgspec.convert(_field(op, "submission", dict), Submission)
    except msgspec.ValidationError as error:
        raise EntryError(f"operation {op.id} ({op.kind}): submission: {error}.") from error
    if not is_id(submission.submission_id):
        raise EntryError(
            f"operation {op.id} ({op.kind}): submission_id {submission.submission_id[:80]!r} is no "
            "identifier. Make it with core.ids.new_id."
        )
    return submission


def _entry(row: Row, board: BoardName, personal: Personal, contact_ref: str | None) -> Entry:
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


def _merged(
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
        entry = _entry(row, board, personal, None)
        count = ids[entry.entry_id] = ids.get(entry.entry_id, 0) + 1
        if count > 1:
            entry = msgspec.structs.replace(entry, entry_id=f"{entry.entry_id}-{count}")
        entries.append(entry)
    known = {entry.entry_id for entry in there}
    return (*there, *(entry for entry in entries if entry.entry_id not in known))


def _field(op: Operation, key: str, kind: type[_T]) -> _T:
    value = op.payload.get(key)
    if not isinstance(value, kind):
        raise EntryError(
            f"operation {op.id} ({op.kind}): {key} must be {kind.__name__}, "
            f"got {type(value).__name__}."
        )
    return value
