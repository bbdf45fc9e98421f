"""What a change touched: each thing that differs between two states, as data. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeVar

import msgspec

from core.changes.payloads import payload_row, plain
from core.model.entries import BOARD_NAMES, Entry, Submission
from core.model.state import Report, State, Trashed

Place = Literal["community", "official", "trash", "submissions", "reports", "policy"]
ABSENT: Final = object()  # the value of a field that is not there
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
        found += _rows(board, before.board(board), after.board(board), entry_key, payload_row)
    found += _rows("trash", before.trash, after.trash, trash_key, trash_row)
    found += _rows("reports", before.reports, after.reports, report_key, report_row)
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
    keys = [k for k in {**old, **new} if old.get(k, ABSENT) != new.get(k, ABSENT)]
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


def entry_key(entry: Entry) -> str:
    return entry.entry_id


def trash_key(gone: Trashed) -> str:
    return gone.entry.entry_id


def report_key(report: Report) -> str:
    return report.report_id


def trash_row(gone: Trashed) -> dict[str, Any]:
    """Without `since`: when an undo put it back tells nothing of the change that is undone."""
    row: dict[str, Any] = plain(msgspec.structs.replace(gone, since=msgspec.UNSET))
    return {**row, "entry": payload_row(gone.entry)}


def report_row(report: Report) -> dict[str, Any]:
    row: dict[str, Any] = plain(report)
    return {key: value for key, value in row.items() if key not in ("text", "contact")}
