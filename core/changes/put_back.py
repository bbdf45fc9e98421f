"""Putting one thing back as a change found it; its other fields stay as they are now. Pure."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from core.changes.payloads import entry_of, payload_row, plain, with_board
from core.changes.touched import Item, entry_key, report_key, report_row, trash_key, trash_row
from core.errors import EntryError
from core.model.entries import BoardName, Submission
from core.model.policy import Policy
from core.model.state import Personal, Report, Row, State, Trashed

_T = TypeVar("_T")


def held(state: State, item: Item) -> dict[str, Any] | None:
    """What the state holds of an item, in its form."""
    found: list[dict[str, Any]]
    match item.place:
        case "policy":
            found = [plain(state.policy)]
        case "submissions":
            known = state.submissions.get(item.key)
            found = [] if known is None else [plain(known)]
        case "trash":
            found = [trash_row(t) for t in state.trash if trash_key(t) == item.key]
        case "reports":
            found = [report_row(r) for r in state.reports if r.report_id == item.key]
        case "community" | "official" as board:
            found = [payload_row(e) for e in state.board(board) if e.entry_id == item.key]
    return found[0] if found else None


def _row_before(state: State, item: Item) -> dict[str, Any] | None:
    now = held(state, item)
    if item.before is None or item.after is None or now is None:
        return item.before
    kept = {k: v for k, v in now.items() if k not in item.after}
    return {**kept, **item.before}


def put_back(state: State, item: Item, personal: Personal, since: str | msgspec.UnsetType) -> State:
    """The state with the item as it was before; what comes into the trash has its days anew."""
    row = _row_before(state, item)
    match item.place:
        case "policy":
            return replace(state, policy=converted(row, Policy))
        case "submissions":
            rest = {k: v for k, v in state.submissions.items() if k != item.key or row is not None}
            if row is not None:
                rest[item.key] = converted(row, Submission)
            return replace(state, submissions=rest)
        case "trash":
            gone = None if row is None else _trash_of(row, personal)
            if gone is not None and item.after is None:
                gone = msgspec.structs.replace(gone, since=since)
            return replace(state, trash=_with(state.trash, item, gone, trash_key))
        case "reports":
            report = None if row is None else _report_of(row, personal)
            return replace(state, reports=_with(state.reports, item, report, report_key))
        case "community" | "official" as board:
            entry = None if row is None else entry_of(row, board, personal, None)
            return with_board(state, board, _with(state.board(board), item, entry, entry_key))


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


def _trash_of(row: Row, personal: Personal) -> Trashed:
    try:
        board: BoardName = "official" if row["board"] == "official" else "community"
        entry = entry_of(row["entry"], board, personal, None)
    except (KeyError, TypeError, AttributeError) as error:
        raise EntryError(f"an undo holds no entry of the trash: {error!r:.80}.") from error
    return converted({**row, "entry": msgspec.to_builtins(entry)}, Trashed)


def _report_of(row: Row, personal: Personal) -> Report:
    report = converted(row, Report)
    said = personal.get(report.contact_ref, {}) if report.contact_ref else {}
    return msgspec.structs.replace(report, text=said.get("text"), contact=said.get("contact"))


def converted(row: Row | None, kind: type[_T]) -> _T:
    try:
        return msgspec.convert(row, kind)
    except msgspec.ValidationError as error:
        raise EntryError(f"an undo holds no {kind.__name__}: {error}.") from error
