"""The rules: one pure function per kind of operation, listed in KINDS.

Each takes the state, the operation and the personal data it may refer to, and
gives the new state (the same object when nothing changes). It raises
RefusedError when a rule forbids the change, EntryError for a malformed payload.
"""

from collections.abc import Callable
from dataclasses import replace

from core.errors import RefusedError
from core.names import name_key
from core.payloads import (
    changed,
    entry_of,
    field,
    merged_rows,
    new_submission,
    submission_of,
    with_submission,
)
from core.state import Operation, Personal, State

Change = Callable[[State, Operation, Personal], State]


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
    submission = new_submission(op)
    if submission.submission_id in state.submissions:
        return state
    if not submission.evaluate_only:
        _refuse_taken(state, submission.model_name, submission.submission_id)
    return with_submission(state, changed(submission, state="open", reason=None))


def refused(state: State, op: Operation, error: RefusedError) -> State:
    """The state after an operation of a journal that is refused where it stands.

    Commits refuse before they write, so this happens only when journals of two machines
    are put together. A submission stays known, as given up, so that its owner reads why.
    """
    if op.kind != "submit":
        return state
    submission = new_submission(op)
    reason = f"Another machine was first. {error}"
    return with_submission(state, changed(submission, state="released", reason=reason))


def _apply_add(state: State, op: Operation, personal: Personal) -> State:
    submission = submission_of(state, op)
    entry = entry_of(field(op, "entry", dict), "community", personal, submission.contact_ref)
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
    return with_submission(state, changed(submission, state="published"))


def _apply_release(state: State, op: Operation, _personal: Personal) -> State:
    submission = submission_of(state, op)
    if submission.state != "open":
        return state
    reason = field(op, "reason", str)
    spent = op.payload.get("spent") is True
    return with_submission(
        state, changed(submission, state="released", reason=reason, spent=spent)
    )


def _apply_reopen(state: State, op: Operation, _personal: Personal) -> State:
    submission = submission_of(state, op)
    if submission.state != "released":
        return state
    if not submission.evaluate_only:
        _refuse_taken(state, submission.model_name, submission.submission_id)
    return with_submission(state, changed(submission, state="open", reason=None, opened=op.time))


def _apply_evaluated(state: State, op: Operation, _personal: Personal) -> State:
    submission = submission_of(state, op)
    if submission.state != "open":
        return state
    if not submission.evaluate_only:
        raise RefusedError({"submission": "Only an evaluate-only submission ends unpublished."})
    return with_submission(state, changed(submission, state="evaluated"))


def _apply_import(state: State, op: Operation, personal: Personal) -> State:
    return replace(
        state,
        community=merged_rows(state.community, field(op, "community", list), "community", personal),
        official=merged_rows(state.official, field(op, "official", list), "official", personal),
    )


KINDS: dict[str, Change] = {
    "import": _apply_import,
    "submit": _apply_submit,
    "add": _apply_add,
    "release": _apply_release,
    "reopen": _apply_reopen,
    "evaluated": _apply_evaluated,
}
