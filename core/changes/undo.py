"""Taking a change back: what it touched, as data, and the operation that puts it back.

An undo holds, for each thing that the change touched, the fields that it changed, before
and after; of a thing that came or went, all of it. It is refused when any of that looks
different by now, so it never overwrites later work, and other fields may have changed
since. An undo can be undone the same way. What it puts back into the trash stays there for
all its days, counted from the undo. Pure.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from core.changes.payloads import field, record, rekeyed
from core.changes.put_back import converted, held, put_back
from core.changes.taken_names import refuse_taken
from core.changes.touched import ABSENT, Item, touched, trash_key, trash_row
from core.errors import RefusedError
from core.model.entries import BOARD_NAMES, Submission
from core.model.state import Change, Operation, Personal, State

UNDOABLE = frozenset(
    {"promote", "add_official", "edit", "mark", "verification", "hide", "unhide", "remove",
     "delete", "withdraw", "restore", "new_key", "set_policy", "rescore", "close_report",
     "looked_at", "undo"}
)  # fmt: skip
# Why the others stay, and what to do instead.
_INSTEAD = {
    "submit": "a submission and its try are on record. Cancel its job under Submissions.",
    "add": "its submission is used up by being published. Hide or delete the entry under "
    "Community; what is deleted can be put back for 30 days.",
    "replaced": "the new version is published and the earlier scores stand in the entry's history. "
    "Hide the entry until its owner has sent the right file as a new version, or delete it.",
    "release": "the submission was given up when its job ended. Run the job again under "
    "Submissions.",
    "reopen": "the job runs again. Cancel it under Submissions.",
    "evaluated": "an evaluate-only run published nothing.",
    "import": "it took over what an older board held. Edit, hide or delete its entries.",
    "purge": "its files and personal data are erased for good. Only its owner can send it again, "
    "as a new entry.",
    "erase": "its file and personal data are erased for good. Only its owner can send it again.",
    "report": "what a reader said stays on record. Close the report instead.",
    "judge_open": "the run's calls are made and paid. Cancel it under Submissions.",
    "judge_close": "the run has ended. Start another under Submissions.",
    "judge": "the grades belong to a run that is on record. Start another, which replaces "
    "them, or hide the entry.",
}


def problem(op: Operation, before: State, after: State) -> str | None:
    """Why an operation cannot be undone at all, as one sentence; None when it may."""
    items = touched(before, after)
    if op.kind not in UNDOABLE:
        return why_not(op.kind, items)
    return None if items else "This changed nothing, so there is nothing to undo."


def why_not(kind: str, items: Sequence[Item]) -> str:
    """Why a kind of change is never undone and what to do instead; "" when it is."""
    if kind in UNDOABLE:
        return ""
    new_version = kind == "add" and any(
        item.place == "community" and item.before is not None for item in items
    )
    reason = _INSTEAD.get("replaced" if new_version else kind)
    told = f"A change of kind “{kind}” cannot be undone"
    return f"{told}: {reason}" if reason else f"{told}."


def is_undone(state: State, items: Sequence[Item]) -> bool:
    """Whether everything is as it was before the change."""
    return all(_looks(state, item, item.before, item.after) for item in items)


def _looks(
    state: State, item: Item, so: dict[str, Any] | None, other: dict[str, Any] | None
) -> bool:
    """Whether the item is as in `so`; where it stayed, in the fields that `other` has too."""
    now = held(state, item)
    if now is not None and so is not None and other is None and item.place == "submissions":
        # A row of an older journal lacks fields that came since.
        return converted(now, Submission) == converted(so, Submission)
    if so is None or other is None or now is None:
        return now == so
    return all(now.get(key, ABSENT) == so.get(key, ABSENT) for key in {**so, **other})


def _apply_undo(state: State, op: Operation, personal: Personal) -> State:
    items = record(op, "items", list[Item])
    field(op, "undoes", str)
    if is_undone(state, items):
        return state
    items = [_as_deleted(state, items, item) for item in items]
    changed = next(
        (item for item in items if not _looks(state, item, item.after, item.before)), None
    )
    if changed is not None:
        raise RefusedError(
            {
                "undo": f"This cannot be undone: {_WHAT[changed.place]} was changed again since. "
                "Undo the later change first, or edit it by hand."
            }
        )
    # Said by the operation: a journal of an older program folds as it did.
    since = op.time if op.payload.get("anew") is True else msgspec.UNSET
    for item in items:
        state = put_back(_later_versions(state, item), item, personal, since)
    _check_names(state, items)
    return state


def _as_deleted(state: State, items: Sequence[Item], item: Item) -> Item:
    """An item of an undone deletion with the entry, and its position, as the trash holds them.

    Where journals of two machines were put together, another change may stand before the deletion.
    """
    gone = next((t for t in state.trash if trash_key(t) == item.key), None)
    told = next((i for i in items if (i.place, i.key) == ("trash", item.key)), None)
    if gone is None or told is None or told.before is not None or told.after is None:
        return item
    row = trash_row(gone)
    if any(row.get(key) != told.after.get(key) for key in ("board", "time", "actor", "reason")):
        return item  # by another deletion
    if item is told:
        return msgspec.structs.replace(item, after=row)
    if item.place != gone.board:
        return item
    return msgspec.structs.replace(item, before=row["entry"], at=gone.position)


def _later_versions(state: State, item: Item) -> State:
    """The key of versions that were sent with a key which is taken back: what it was before."""
    given, known = (item.after or {}).get("key_hash"), state.submissions.get(item.key)
    if item.place != "submissions" or not given or known is None:
        return state
    old = str((item.before or {}).get("key_hash") or "")  # no key at all opens nothing
    entry_id = known.replaces or known.submission_id
    later = {
        key: rekeyed(state, entry_id, sent, old)
        for key, sent in state.submissions.items()
        if sent.replaces == entry_id and sent.key_hash == given and key != item.key
    }
    return replace(state, submissions={**state.submissions, **later}) if later else state


_WHAT = {
    "community": "the entry",
    "official": "the entry",
    "trash": "the trash",
    "submissions": "the submission",
    "reports": "the report",
    "policy": "a setting",
}


def _check_names(state: State, items: Sequence[Item]) -> None:
    ids = {item.key for item in items if item.place in BOARD_NAMES and item.before is not None}
    for board in BOARD_NAMES:
        for entry in state.board(board):
            if entry.entry_id in ids:
                refuse_taken(state, entry.model_name, entry_id=entry.entry_id)


KINDS: dict[str, Change] = {"undo": _apply_undo}
