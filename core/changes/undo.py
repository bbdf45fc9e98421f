"""Taking a change back: what it touched, as data, and the operation that puts it back.

An undo holds, for each thing that the change touched, the fields that it changed, before
and after; of a thing that came or went, all of it. It is refused when any of that looks
different by now, so it never overwrites later work, and other fields may have changed
since. An undo can be undone the same way. What it puts back into the trash stays there for
all its days, counted from the undo. Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeVar

import msgspec

from core.changes.payloads import (
    entry_of,
    field,
    payload_row,
    plain,
    record,
    rekeyed,
    with_board,
)
from core.changes.policy import Policy
from core.changes.state import Change, Operation, Personal, Report, Row, State, Trashed
from core.changes.taken_names import refuse_taken
from core.entries import BOARD_NAMES, BoardName, Entry, Submission
from core.errors import EntryError, RefusedError

_Part = dict[str, Any] | None  # a row, or some of its fields
Place = Literal["community", "official", "trash", "submissions", "reports", "policy"]
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
_ABSENT = object()
_T = TypeVar("_T")


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a change touched: None where it was not there. `at`: its old position."""

    place: Place
    key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    at: int = 0


def touched(before: State, after: State) -> list[Item]:
    """Everything that differs between two states, the contacts aside; in order of position."""
    found: list[Item] = []
    for board in BOARD_NAMES:
        found += _rows(board, before.board(board), after.board(board), _entry_key, payload_row)
    found += _rows("trash", before.trash, after.trash, _trash_key, _trash_row)
    found += _rows("reports", before.reports, after.reports, _report_key, _report_row)
    if before.submissions is not after.submissions:
        found += _submissions(before.submissions, after.submissions)
    if before.policy != after.policy:
        old, new = plain(before.policy), plain(after.policy)
        found.append(Item(place="policy", key="policy", before=old, after=new))
    return found


def inverse(before: State, after: State) -> list[Item]:
    """What an undo holds: `touched`, of a thing that stayed only the fields that changed."""
    return [_narrowed(item) for item in touched(before, after)]


def _narrowed(item: Item) -> Item:
    if item.before is None or item.after is None:
        return item
    old, new = item.before, item.after
    keys = [k for k in {**old, **new} if old.get(k, _ABSENT) != new.get(k, _ABSENT)]
    return msgspec.structs.replace(
        item,
        before={k: old[k] for k in keys if k in old},
        after={k: new[k] for k in keys if k in new},
    )


def _rows(
    place: Place,
    before: Sequence[_T],
    after: Sequence[_T],
    key: Callable[[_T], str],
    row: Callable[[_T], dict[str, Any]],
) -> list[Item]:
    if before is after:
        return []
    start = _common(before, after)  # most changes touch one of thousands
    end = _common(before[start:][::-1], after[start:][::-1])
    before, after = before[start : len(before) - end], after[start : len(after) - end]
    old, new = {key(x): x for x in before}, {key(x): x for x in after}
    positions = {key(x): index for index, x in enumerate(before, start)}
    found = []
    for name in [*old, *(name for name in new if name not in old)]:
        was, now = old.get(name), new.get(name)
        if was is now or was == now:
            continue
        found.append(
            Item(
                place=place,
                key=name,
                before=None if was is None else row(was),
                after=None if now is None else row(now),
                at=positions.get(name, 0),
            )
        )
    return found


def _common(one: Sequence[_T], other: Sequence[_T]) -> int:
    """How many of the first things are the very same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (x, y) in pairs if x is not y), min(len(one), len(other)))


def _submissions(before: Mapping[str, Submission], after: Mapping[str, Submission]) -> list[Item]:
    return [
        Item(
            place="submissions",
            key=key,
            before=plain(before[key]) if key in before else None,
            after=plain(after[key]) if key in after else None,
            at=list(before).index(key) if key in before else 0,
        )
        for key in {**before, **after}
        if before.get(key) is not after.get(key) and before.get(key) != after.get(key)
    ]


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


def _looks(state: State, item: Item, so: _Part, other: _Part) -> bool:
    """Whether the item is as in `so`; where it stayed, in the fields that `other` has too."""
    now = _now(state, item)
    if now is not None and so is not None and other is None and item.place == "submissions":
        # A row of an older journal lacks fields that came since.
        return _typed(now, Submission) == _typed(so, Submission)
    if so is None or other is None or now is None:
        return now == so
    return all(now.get(key, _ABSENT) == so.get(key, _ABSENT) for key in {**so, **other})


def _apply_undo(state: State, op: Operation, personal: Personal) -> State:
    items = record(op, "items", list[Item])
    field(op, "undoes", str)
    if is_undone(state, items):
        return state
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
        state = _put(_later_versions(state, item), item, personal, since)
    _check_names(state, items)
    return state


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


def _now(state: State, item: Item) -> dict[str, Any] | None:
    """What the state holds of an item, in its form."""
    found: list[dict[str, Any]]
    match item.place:
        case "policy":
            found = [plain(state.policy)]
        case "submissions":
            known = state.submissions.get(item.key)
            found = [] if known is None else [plain(known)]
        case "trash":
            found = [_trash_row(t) for t in state.trash if _trash_key(t) == item.key]
        case "reports":
            found = [_report_row(r) for r in state.reports if r.report_id == item.key]
        case "community" | "official" as board:
            found = [payload_row(e) for e in state.board(board) if e.entry_id == item.key]
    return found[0] if found else None


def _row_before(state: State, item: Item) -> _Part:
    now = _now(state, item)
    if item.before is None or item.after is None or now is None:
        return item.before
    kept = {k: v for k, v in now.items() if k not in item.after}
    return {**kept, **item.before}


def _put(state: State, item: Item, personal: Personal, since: str | msgspec.UnsetType) -> State:
    """The state with the item as it was before; what comes into the trash has its days anew."""
    row = _row_before(state, item)
    match item.place:
        case "policy":
            return replace(state, policy=_typed(row, Policy))
        case "submissions":
            rest = {k: v for k, v in state.submissions.items() if k != item.key or row is not None}
            if row is not None:
                rest[item.key] = _typed(row, Submission)
            return replace(state, submissions=rest)
        case "trash":
            gone = None if row is None else _trash_of(row, personal)
            if gone is not None and item.after is None:
                gone = msgspec.structs.replace(gone, since=since)
            return replace(state, trash=_with(state.trash, item, gone, _trash_key))
        case "reports":
            report = None if row is None else _report_of(row, personal)
            return replace(state, reports=_with(state.reports, item, report, _report_key))
        case "community" | "official" as board:
            entry = None if row is None else entry_of(row, board, personal, None)
            return with_board(state, board, _with(state.board(board), item, entry, _entry_key))


def _with(
    there: tuple[_T, ...], item: Item, wanted: _T | None, key: Callable[[_T], str]
) -> tuple[_T, ...]:
    """`there` with the item's thing replaced, taken out, or put back at its old position."""
    at = next((i for i, found in enumerate(there) if key(found) == item.key), None)
    if wanted is None:
        return tuple(found for found in there if key(found) != item.key)
    if at is not None:
        return (*there[:at], wanted, *there[at + 1 :])
    at = min(item.at, len(there))
    return (*there[:at], wanted, *there[at:])


def _entry_key(entry: Entry) -> str:
    return entry.entry_id


def _trash_key(gone: Trashed) -> str:
    return gone.entry.entry_id


def _report_key(report: Report) -> str:
    return report.report_id


def _trash_row(gone: Trashed) -> dict[str, Any]:
    """Without `since`: when an undo put it back tells nothing of the change that is undone."""
    row: dict[str, Any] = plain(msgspec.structs.replace(gone, since=msgspec.UNSET))
    return {**row, "entry": payload_row(gone.entry)}


def _trash_of(row: Row, personal: Personal) -> Trashed:
    try:
        board: BoardName = "official" if row["board"] == "official" else "community"
        entry = entry_of(row["entry"], board, personal, None)
    except (KeyError, TypeError, AttributeError) as error:
        raise EntryError(f"an undo holds no entry of the trash: {error!r:.80}.") from error
    return _typed({**row, "entry": msgspec.to_builtins(entry)}, Trashed)


def _report_row(report: Report) -> dict[str, Any]:
    row: dict[str, Any] = plain(report)
    return {key: value for key, value in row.items() if key not in ("text", "contact")}


def _report_of(row: Row, personal: Personal) -> Report:
    report = _typed(row, Report)
    said = personal.get(report.contact_ref, {}) if report.contact_ref else {}
    return msgspec.structs.replace(report, text=said.get("text"), contact=said.get("contact"))


def _typed(row: Row | None, kind: type[_T]) -> _T:
    try:
        return msgspec.convert(row, kind)
    except msgspec.ValidationError as error:
        raise EntryError(f"an undo holds no {kind.__name__}: {error}.") from error


KINDS: dict[str, Change] = {"undo": _apply_undo}
