"""Constructors of an admin's and an owner's operations; the rules: core.changes.admin_changes.

Every one takes the `actor`: who did it, without personal data ("admin", "admin:<account>",
"owner"). `entry` is the entry as its page showed it: what is to change is recorded with
its old value, and refused when that has changed meanwhile.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from core.changes.entry_fields import values
from core.changes.payloads import payload_row, plain
from core.changes.touched import inverse
from core.files.ids import new_id
from core.model.entries import BoardName, Entry, Verification, VerificationState
from core.model.policy import Policy
from core.model.state import Operation, Report, State, now


def promote(
    entry: Entry, actor: str, *, verified_date: str, verified_note: str | None = None
) -> Operation:
    """Move a community entry, with all it has, to the Official board as verified."""
    return _operation(
        "promote",
        actor,
        entry_id=entry.entry_id,
        verified_date=verified_date,
        verified_note=verified_note,
    )


def add_official(entry: Entry, actor: str) -> Operation:
    """Put an entry on the Official board that no submission is behind. Its name must be free."""
    return _operation("add_official", actor, entry=payload_row(entry))


def edit(board: BoardName, entry: Entry, new: Mapping[str, Any], actor: str) -> Operation:
    """Change fields (core.changes.entry_fields.EDITABLE): texts, ten metrics, declared data, marks.

    A new contact is given to Store.add_personal; its reference is the field contact_ref.
    """
    return _fields("edit", board, entry, new, actor)


def mark(board: BoardName, entry: Entry, new: Mapping[str, Any], actor: str) -> Operation:
    """Set off_the_shelf (bool), organiser (bool or None) or track (str or None)."""
    return _fields("mark", board, entry, new, actor)


def hide(board: BoardName, entry: Entry, actor: str) -> Operation:
    """Take an entry off every page; it keeps its name and has no rank."""
    return _fields("hide", board, entry, {"hidden": True}, actor)


def unhide(board: BoardName, entry: Entry, actor: str) -> Operation:
    """Show a hidden entry again."""
    return _fields("unhide", board, entry, {"hidden": False}, actor)


def verification(
    board: BoardName,
    entry: Entry,
    told: Verification | None,
    actor: str,
    also: Mapping[str, str | None] | None = None,
) -> Operation:
    """Say where an entry's verification stands (`next_verification`); its owner asks so too.

    `told` None leaves that; `also` may set verified_date (YYYY-MM-DD) and verified_note.
    """
    new = {"verification": plain(told)} if told else {}
    return _fields("verification", board, entry, {**new, **(also or {})}, actor)


def next_verification(
    entry: Entry, state: VerificationState, reason: str | None = None
) -> Verification:
    """The entry's verification at its next state, entered now; a reason is shown to the owner."""
    dates = dict(entry.verification.dates) if entry.verification else {}
    return Verification(state=state, reason=reason, dates={**dates, state: now()})


def remove(entry: Entry, actor: str, reason: str | None = None) -> Operation:
    """Move an official entry to the trash."""
    return _operation("remove", actor, board="official", entry_id=entry.entry_id, reason=reason)


def delete(entry: Entry, actor: str, reason: str | None = None) -> Operation:
    """Move a community entry to the trash."""
    return _operation("delete", actor, board="community", entry_id=entry.entry_id, reason=reason)


def withdraw(board: BoardName, entry: Entry, actor: str, reason: str | None = None) -> Operation:
    """As `delete`, by its owner."""
    return _operation("withdraw", actor, board=board, entry_id=entry.entry_id, reason=reason)


def restore(entry_id: str, actor: str) -> Operation:
    """Bring an entry back from the trash to its old place."""
    return _operation("restore", actor, entry_id=entry_id)


def purge(entry_id: str, erased: Iterable[str], actor: str) -> Operation:
    """Forget an entry of the trash for good; `erased` names all that goes with it.

    Call core.usecases.forget, which finds private records, uploads and jobs, and erases them.
    """
    return _operation("purge", actor, entry_id=entry_id, erased=sorted(set(erased)))


def erase(submission_id: str, erased: Iterable[str], actor: str) -> Operation:
    """Forget a submission that no entry stands for; `erased` as for `purge`, and so the call."""
    return _operation("erase", actor, submission_id=submission_id, erased=sorted(set(erased)))


def new_key(entry_id: str, key_hash: str, actor: str) -> Operation:
    """Give out another submission key for an entry on a board; the old one opens nothing."""
    return _operation("new_key", actor, entry_id=entry_id, key_hash=key_hash)


def set_policy(old: Policy, policy: Policy, actor: str) -> Operation:
    """Replace the board's settings (core.model.policy)."""
    return _operation("set_policy", actor, old=plain(old), policy=plain(policy))


def rescore(board: BoardName, entry: Entry, scores: Mapping[str, Any], actor: str) -> Operation:
    """Replace an entry's scores by those of a re-evaluation; the old ones go to its history.

    `scores`: metrics (all ten), strict, coverage, by_dataset, scorer_version,
    ground_truth_sha256.
    """
    old = {key: getattr(entry, key) for key in ("metrics", "scorer_version", "ground_truth_sha256")}
    return _operation(
        "rescore", actor, board=board, entry_id=entry.entry_id, old=old, new=dict(scores)
    )


def report(entry_id: str, reason: str, actor: str, contact_ref: str | None = None) -> Operation:
    """Report a problem with an entry on a board. `reason` is one of a page's choices.

    What the reader wrote, and an address, go to Store.add_personal as {"text", "contact"};
    the reference is `contact_ref`.
    """
    told = Report(
        report_id=new_id(),
        entry_id=entry_id,
        created=now(),
        reason=reason,
        contact_ref=contact_ref,
    )
    return _operation("report", actor, report=plain(told))


def close_report(report_id: str, actor: str, note: str | None = None) -> Operation:
    """Say that a report is dealt with."""
    return _operation("close_report", actor, report_id=report_id, note=note)


def undo(op: Operation, before: State, after: State, actor: str) -> Operation:
    """Take `op` back, which led from `before` to `after` (see Store.steps, undoing.undo)."""
    items = [plain(item) for item in inverse(before, after)]
    return _operation("undo", actor, undoes=op.id, kind=op.kind, items=items, anew=True)


def signed_in(actor: str, address: str) -> Operation:
    """For the audit only. `address` is a keyed hash of the network address, never itself."""
    return _operation("sign_in", actor, address=address)


def sign_in_failed(address: str) -> Operation:
    """For the audit only; `address` as for `signed_in`."""
    return _operation("sign_in_failed", "unknown", address=address)


def signed_out(actor: str) -> Operation:
    """For the audit only."""
    return _operation("sign_out", actor)


def acted(act: str, subject: str, actor: str, **details: Any) -> Operation:
    """For the audit only: an act on a job, say, as one phrase ("cancel job") and its subject."""
    return _operation("acted", actor, act=act, subject=subject, details=details)


def _fields(
    kind: str, board: BoardName, entry: Entry, new: Mapping[str, Any], actor: str
) -> Operation:
    return _operation(
        kind,
        actor,
        board=board,
        entry_id=entry.entry_id,
        old=values(entry, new),
        new=dict(new),
    )


def _operation(kind: str, actor: str, /, **payload: Any) -> Operation:
    return Operation(id=new_id(), kind=kind, actor=actor, time=now(), payload=payload)
