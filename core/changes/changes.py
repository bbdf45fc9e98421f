"""The rules: one pure function per kind of operation, listed in KINDS.

Each takes the state, the operation and the personal data it may refer to, and
gives the new state (the same object when nothing changes). It raises
RefusedError when a rule forbids the change, EntryError for a malformed payload.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from core.changes import admin_changes, judge_changes, undo
from core.changes.payloads import (
    changed,
    entry_of,
    field,
    merged_rows,
    new_submission,
    rekeyed,
    submission_of,
    with_submission,
)
from core.changes.taken_names import refuse_taken
from core.changes.versions import new_version, replaceable
from core.errors import RefusedError
from core.model.entries import Entry, Submission
from core.model.state import Change, Operation, Personal, State


def _apply_submit(state: State, op: Operation, _personal: Personal) -> State:
    submission = new_submission(op)
    if submission.submission_id in state.submissions:
        return state
    if submission.replaces:
        replaceable(state, submission.replaces)
    if not submission.evaluate_only:
        _refuse_taken(state, submission)
    submission = _keyed(state, submission)
    return with_submission(state, changed(submission, state="open", reason=None))


def _keyed(state: State, submission: Submission) -> Submission:
    """A new version with the key that its entry has where the journal has it.

    Its sender read the entry's key before, on another machine perhaps before it was replaced.
    """
    entry_id = submission.replaces
    if not entry_id:
        return submission
    entry = next((e for e in (*state.community, *state.official) if e.entry_id == entry_id), None)
    known = state.submissions.get(entry.upload_id) if entry else None
    if known is None or known.key_hash == submission.key_hash:
        return submission
    return rekeyed(state, entry_id, submission, known.key_hash)


def _refuse_taken(state: State, submission: Submission) -> None:
    refuse_taken(state, submission.model_name, submission.submission_id, submission.replaces or "")


def refused(state: State, op: Operation, error: RefusedError) -> State:
    """The state after an operation of a journal that is refused where it stands.

    Commits refuse before they write, so this happens only when journals of two machines
    are put together. A submission stays known, as given up, so that its owner reads why.
    """
    if op.kind != "submit":
        return state
    submission = _keyed(state, new_submission(op))
    reason = f"Another machine was first. {error}"
    return with_submission(state, changed(submission, state="released", reason=reason))


def _apply_add(state: State, op: Operation, personal: Personal) -> State:
    submission = submission_of(state, op)
    entry = entry_of(field(op, "entry", dict), "community", personal, submission.contact_ref)
    entry = judge_changes.unjudged(entry)  # an upload never sets what only a judge run may
    if submission.state in ("published", "purged"):
        return state
    if submission.evaluate_only:
        raise RefusedError({"submission": "An evaluate-only submission cannot be published."})
    if submission.state == "released":
        raise RefusedError(
            {"submission": f"The submission was given up ({submission.reason}). Run it again."}
        )
    if submission.replaces:
        state = new_version(state, submission.replaces, entry, op.time)
        return with_submission(state, changed(submission, state="published"))
    refuse_taken(state, entry.model_name, submission.submission_id)
    if any(entry.entry_id == other.entry_id for other in state.community):
        raise RefusedError({"entry_id": f"The entry {entry.entry_id} is on the board already."})
    state = replace(state, community=(*state.community, entry))
    return with_submission(state, changed(submission, state="published"))


def _apply_release(state: State, op: Operation, _personal: Personal) -> State:
    submission = submission_of(state, op)
    if submission.state != "open":
        return state
    reason = field(op, "reason", str)
    # What an earlier run has spent stays so: its log was there to be read.
    spent = submission.spent or op.payload.get("spent") is True
    return with_submission(state, changed(submission, state="released", reason=reason, spent=spent))


def _apply_reopen(state: State, op: Operation, _personal: Personal) -> State:
    submission = submission_of(state, op)
    if submission.state != "released":
        return state
    if not submission.evaluate_only:
        _refuse_taken(state, submission)
    return with_submission(state, changed(submission, state="open", reason=None, opened=op.time))


def _apply_evaluated(state: State, op: Operation, _personal: Personal) -> State:
    submission = submission_of(state, op)
    if submission.state != "open":
        return state
    if not submission.evaluate_only:
        raise RefusedError({"submission": "Only an evaluate-only submission ends unpublished."})
    return with_submission(state, changed(submission, state="evaluated"))


def _apply_import(state: State, op: Operation, personal: Personal) -> State:
    # What was promoted, deleted or purged since does not come back by the same old row.
    here = {entry.entry_id for entry in (*state.community, *state.official)}
    gone = state.purged | {trashed.entry.entry_id for trashed in state.trash}
    community = merged_rows(state.community, field(op, "community", list), "community", personal)
    official = merged_rows(state.official, field(op, "official", list), "official", personal)
    old, known = len(state.community), len(state.official)
    return replace(
        state,
        community=(*state.community, *_unknown(community[old:], here | gone)),
        official=(*state.official, *_unknown(official[known:], here | gone)),
    )


def _unknown(entries: Sequence[Entry], known: AbstractSet[str]) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.entry_id not in known)


KINDS: dict[str, Change] = {
    "import": _apply_import,
    "submit": _apply_submit,
    "add": _apply_add,
    "release": _apply_release,
    "reopen": _apply_reopen,
    "evaluated": _apply_evaluated,
    **admin_changes.KINDS,
    **judge_changes.KINDS,
    **undo.KINDS,
}
