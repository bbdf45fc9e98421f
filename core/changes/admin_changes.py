"""The rules of an admin's and an owner's changes: one pure function per kind, in KINDS.

Constructors stand in core.changes.admin_operations; how they are taken back in core.changes.undo.
"""

from dataclasses import replace

import msgspec

from core.benchmark import JUDGE_KEYS
from core.changes.entry_fields import EDITABLE, MARKS, VERIFIED, metric_problem, replaced, values
from core.changes.payloads import (
    board_field,
    entry_of,
    field,
    find_entry,
    optional,
    record,
    refuse_changed,
    rekeyed,
    submission_of,
    with_board,
    with_entry,
    with_submission,
)
from core.changes.taken_names import refuse_second, refuse_taken
from core.changes.versions import RESCORED, as_version
from core.errors import ChangedError, EntryError, RefusedError
from core.model.entries import BOARD_NAMES, Entry, Submission, Verification
from core.model.names import same_key
from core.model.policy import Policy, problems
from core.model.state import Change, Operation, Personal, Report, State, Trashed

# Which fields each kind of edit may change.
_FIELDS = {
    "edit": EDITABLE,
    "mark": frozenset(MARKS),
    "verification": frozenset(VERIFIED),
    "hide": frozenset({"hidden"}),
    "unhide": frozenset({"hidden"}),
}


def _apply_fields(state: State, op: Operation, personal: Personal) -> State:
    board, entry_id = board_field(op), field(op, "entry_id", str)
    _index, entry = find_entry(state, board, entry_id)
    old, new = field(op, "old", dict), field(op, "new", dict)
    unknown = sorted((set(old) | set(new)) - _FIELDS[op.kind])
    if unknown or set(old) != set(new):
        raise EntryError(
            f"operation {op.id} ({op.kind}): old and new must name the same fields of "
            f"{', '.join(sorted(_FIELDS[op.kind]))}; got {', '.join(unknown)[:80] or 'others'}."
        )
    refuse_changed(old, values(entry, old), new)
    made = replaced(entry, new, board, personal)
    if made.key != entry.key:
        refuse_taken(state, made.model_name, entry_id=entry_id)
    return with_entry(state, board, made)


def _apply_promote(state: State, op: Operation, _personal: Personal) -> State:
    entry_id = field(op, "entry_id", str)
    if any(entry.entry_id == entry_id for entry in state.official):
        return state
    index, entry = find_entry(state, "community", entry_id)
    refuse_second(state.official, entry, same_key)
    date = field(op, "verified_date", str)
    known = entry.verification.dates if entry.verification else {}
    made = msgspec.structs.replace(
        entry,
        status="api_verified",
        hidden=False,
        verified_date=date,
        verified_note=optional(op, "verified_note", str),
        verification=Verification(state="verified", dates={**known, "verified": date}),
    )
    rest = (*state.community[:index], *state.community[index + 1 :])
    return replace(state, community=rest, official=(*state.official, made))


def _apply_add_official(state: State, op: Operation, personal: Personal) -> State:
    entry = entry_of(field(op, "entry", dict), "official", personal, None)
    if any(other.entry_id == entry.entry_id for other in state.official):
        return state
    wrong = {
        f"metrics.{key}": problem
        for key, value in entry.metrics.items()
        if (problem := metric_problem(key, value))
    }
    if wrong:
        raise RefusedError(wrong)
    refuse_taken(state, entry.model_name)
    return replace(state, official=(*state.official, entry))


def _apply_trash(state: State, op: Operation, _personal: Personal) -> State:
    board, entry_id = board_field(op), field(op, "entry_id", str)
    if any(gone.entry.entry_id == entry_id for gone in state.trash):
        return state
    index, entry = find_entry(state, board, entry_id)
    gone = Trashed(
        entry=entry,
        board=board,
        position=index,
        time=op.time,
        actor=op.actor,
        reason=optional(op, "reason", str),
    )
    entries = state.board(board)
    state = with_board(state, board, (*entries[:index], *entries[index + 1 :]))
    return replace(state, trash=(*state.trash, gone))


def _apply_restore(state: State, op: Operation, _personal: Personal) -> State:
    entry_id = field(op, "entry_id", str)
    gone = _trashed(state, entry_id)
    if gone is None:
        if any(e.entry_id == entry_id for e in (*state.community, *state.official)):
            return state
        raise RefusedError({"entry_id": "This entry is not in the trash; it may be purged."})
    refuse_taken(state, gone.entry.model_name, entry_id=entry_id)
    entries = state.board(gone.board)
    at = min(gone.position, len(entries))
    state = with_board(state, gone.board, (*entries[:at], gone.entry, *entries[at:]))
    return replace(state, trash=tuple(found for found in state.trash if found is not gone))


def _apply_purge(state: State, op: Operation, _personal: Personal) -> State:
    entry_id = field(op, "entry_id", str)
    erased = frozenset(name for name in field(op, "erased", list) if isinstance(name, str))
    gone = _trashed(state, entry_id)
    if gone is None:
        raise RefusedError({"entry_id": "Only an entry in the trash can be purged: delete it."})
    state = replace(
        state,
        trash=tuple(found for found in state.trash if found is not gone),
        purged=state.purged | erased,
        reports=tuple(report for report in state.reports if report.entry_id != entry_id),
    )
    for submission_id in uploads_of(state, gone.entry):
        if submission_id in state.submissions:
            state = with_submission(state, _scrubbed(state.submissions[submission_id]))
    return state


# No entry stands for them: they gave up their name, or were to be evaluated only.
ERASABLE = frozenset({"released", "evaluated"})


def _apply_erase(state: State, op: Operation, _personal: Personal) -> State:
    submission = submission_of(state, op)
    erased = frozenset(name for name in field(op, "erased", list) if isinstance(name, str))
    if submission.state == "purged":
        return state
    if submission.state not in ERASABLE:
        raise RefusedError(
            {
                "submission": f"The submission is {submission.state}. Cancel its job first, or "
                "delete and purge its entry."
            }
        )
    state = replace(state, purged=state.purged | erased)
    return with_submission(state, _scrubbed(submission))


def uploads_of(state: State, entry: Entry) -> set[str]:
    """The submissions behind an entry: of today, of its history, and meant to replace it."""
    meant = (s.submission_id for s in state.submissions.values() if s.replaces == entry.entry_id)
    before = (old.submission_id for old in entry.history)
    return {entry.entry_id, entry.upload_id, *before, *meant}


def _scrubbed(submission: Submission) -> Submission:
    """A purged submission: that there was one, when and which file, and nothing else."""
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


def _trashed(state: State, entry_id: str) -> Trashed | None:
    return next((gone for gone in state.trash if gone.entry.entry_id == entry_id), None)


def _apply_new_key(state: State, op: Operation, _personal: Personal) -> State:
    """Another key for an entry. One without a submission (added by hand, old) gets one.

    Each version is a submission with a hash of its own: all of them get the new one, or the old
    key would open the next version, or an earlier one with its log.
    """
    entry_id, key_hash = field(op, "entry_id", str), field(op, "key_hash", str)
    entry = _on_boards(state, entry_id)
    for submission_id in uploads_of(state, entry):
        known = state.submissions.get(submission_id)
        if known is not None and known.state != "purged" and known.key_hash != key_hash:
            state = with_submission(state, rekeyed(state, entry_id, known, key_hash))
    if entry.upload_id in state.submissions:
        return state
    made = Submission(
        submission_id=entry.upload_id,
        model_name=entry.model_name,
        organization=entry.organization,
        created=op.time,
        key_hash=key_hash,
        predictions_sha256=entry.predictions_sha256 or "",
        records=0,
        state="published",
        contact_ref=entry.contact_ref,
        model_url=entry.model_url,
        declared=entry.declared,
    )
    return with_submission(state, made)


def _on_boards(state: State, entry_id: str) -> Entry:
    for board in BOARD_NAMES:
        for entry in state.board(board):
            if entry.entry_id == entry_id:
                return entry
    return find_entry(state, "community", entry_id)[1]  # raises


def _apply_policy(state: State, op: Operation, _personal: Personal) -> State:
    policy = record(op, "policy", Policy)
    if policy == state.policy:
        return state
    if record(op, "old", Policy) != state.policy:
        raise ChangedError(
            {"policy": "The settings were changed meanwhile. Load the page again and look first."}
        )
    wrong = problems(policy)
    if wrong:
        raise RefusedError(wrong)
    return replace(state, policy=policy)


class _Scores(msgspec.Struct, frozen=True, kw_only=True):
    """What a re-evaluation replaces in an entry."""

    metrics: dict[str, float | None]
    scorer_version: str | None
    ground_truth_sha256: str | None
    strict: dict[str, float | None] = {}
    coverage: dict[str, object] = {}
    by_dataset: dict[str, object] = {}


def _apply_rescore(state: State, op: Operation, _personal: Personal) -> State:
    board, entry_id = board_field(op), field(op, "entry_id", str)
    _index, entry = find_entry(state, board, entry_id)
    old, new = record(op, "old", _Scores), record(op, "new", _Scores)
    wrong = {k: p for k, v in new.metrics.items() if (p := metric_problem(k, v))}
    if wrong:
        raise RefusedError(wrong)
    # Caption metrics come of judge runs: a re-evaluation keeps all of them or none.
    captions = {key: new.metrics.get(key) for key in JUDGE_KEYS}
    kept = captions == {key: entry.metrics.get(key) for key in JUDGE_KEYS}
    if not kept and any(value is not None for value in captions.values()):
        raise RefusedError({"metrics": "Only a judge run sets the caption metrics."})
    made = {key: getattr(new, key) for key in _Scores.__struct_fields__}
    if all(getattr(entry, key) == value for key, value in made.items()):
        return state
    if (entry.metrics, entry.scorer_version, entry.ground_truth_sha256) != (
        old.metrics,
        old.scorer_version,
        old.ground_truth_sha256,
    ):
        raise ChangedError({"entry_id": f"“{entry.model_name}” was changed since it was scored."})
    history = (*entry.history, as_version(entry, RESCORED, op.time))
    runs = {} if kept else {"judge": None, "held": None}
    return with_entry(state, board, msgspec.structs.replace(entry, **made, **runs, history=history))


def _apply_report(state: State, op: Operation, personal: Personal) -> State:
    report = record(op, "report", Report)
    if any(known.report_id == report.report_id for known in state.reports):
        return state
    _on_boards(state, report.entry_id)
    said = personal.get(report.contact_ref, {}) if report.contact_ref else {}
    report = msgspec.structs.replace(report, text=said.get("text"), contact=said.get("contact"))
    return replace(state, reports=(*state.reports, report))


def _apply_close_report(state: State, op: Operation, _personal: Personal) -> State:
    wanted = field(op, "report_id", str)
    note = optional(op, "note", str)
    for index, report in enumerate(state.reports):
        if report.report_id == wanted:
            if report.state == "closed":
                return state
            done = msgspec.structs.replace(report, state="closed", closed=op.time, closed_note=note)
            rest = (*state.reports[:index], done, *state.reports[index + 1 :])
            return replace(state, reports=rest)
    raise RefusedError({"report_id": f"There is no report {wanted[:80]!r}."})


def _unchanged(state: State, _op: Operation, _personal: Personal) -> State:
    return state


# Recorded for the audit only: who signed in, and what was done to jobs.
AUDIT_ONLY = ("sign_in", "sign_in_failed", "sign_out", "acted")

KINDS: dict[str, Change] = {
    **dict.fromkeys(_FIELDS, _apply_fields),
    "promote": _apply_promote,
    "add_official": _apply_add_official,
    "remove": _apply_trash,
    "delete": _apply_trash,
    "withdraw": _apply_trash,
    "restore": _apply_restore,
    "purge": _apply_purge,
    "erase": _apply_erase,
    "new_key": _apply_new_key,
    "set_policy": _apply_policy,
    "rescore": _apply_rescore,
    "report": _apply_report,
    "close_report": _apply_close_report,
    **dict.fromkeys(AUDIT_ONLY, _unchanged),
}
