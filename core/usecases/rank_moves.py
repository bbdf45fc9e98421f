"""What changed an entry's rank recently, and which entry caused it: from the end of the journal.

Changes are undone one by one and the boards ranked again, at most a few times, and once per
revision for all entries. An entry that is not shown now is never named.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from core.benchmark import JUDGE_KEYS
from core.changes.effects import Effect, applied, swapped
from core.changes.versions import RESCORED, TAKEN_BACK
from core.model.entries import BoardName
from core.model.state import State
from core.publish.sentences import Named, Sentence
from core.ranking.board import shown_board
from core.store.lines import Line
from core.store.recent import recent_lines
from core.store.store import Store

What = Literal[
    "added", "promoted", "moved away", "back", "gone", "new version", "taken back", "re-scored",
    "judged", "let count", "edited", "rules",
]  # fmt: skip
MOST: Final = 5  # moves listed for one entry
_LOOKED_AT: Final = 40  # changes of a board's order that are examined
_ORDERS: Final = ("metrics.", "hidden", "deleted", "board", "model_name", "coverage", "surplus")
_JUDGED: Final = {f"metrics.{key}" for key in JUDGE_KEYS}
_RULES: Final = ("min_coverage", "enforce_min_coverage")
_DID: Final[Mapping[What, str]] = {
    "added": "was added",
    "promoted": "",
    "moved away": "",
    "back": "was shown again",
    "gone": "was removed",
    "new version": "was replaced by a new version",
    "taken back": "went back to its earlier version",
    "re-scored": "was scored again",
    "judged": "had its captions graded",
    "let count": "had held scores approved by the maintainers",
    "edited": "was corrected",
    "rules": "",
}
_BY_VERSION: Final[Mapping[str, What]] = {RESCORED: "re-scored", TAKEN_BACK: "taken back"}
# Verified entries move to the Official board; an undo brings them back.
_CAME: Final[Mapping[BoardName, str]] = {
    "official": "was verified and moved here",
    "community": "moved back here",
}
_LEFT: Final[Mapping[BoardName, str]] = {
    "official": "moved back to the Community board",
    "community": "was verified and moved to the Official board",
}
_HIDDEN: Final = "an entry that is not shown now"
_RULES_CHANGED: Final = "the maintainers changed what counts as too few questions"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a board's order.

    `what` happened to the entry `about` and to `others` more entries; `before` and `after` are the
    ranks of all entries by id.
    """

    time: str
    what: What
    about: str
    others: int
    before: Mapping[str, int]
    after: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Move:
    """One entry's rank before and after a change (None: not on the board), and why."""

    time: str
    before: int | None
    after: int | None
    cause: Sentence


@lru_cache(maxsize=8)
def recent_steps(store: Store, root: Path, _revision: str, board: BoardName) -> tuple[Step, ...]:
    """The latest changes of a board's order, newest first; `root` is the store's folder.

    Raises StoreError.
    """
    return tuple(steps(store.read(), recent_lines(root), board))


def steps(state: State, lines: list[Line], board: BoardName) -> Iterator[Step]:
    """The same for the last lines of the journal, which lead to `state`."""
    after, looked_at = _ranks(state, board), 0
    for line in reversed(lines):
        state = applied(state, swapped(line.effects))
        ordering = [effect for effect in line.effects if _orders(effect)]
        if not ordering:
            continue
        before = _ranks(state, board)
        if before != after:
            first, others = ordering[0], len(ordering) - 1
            what, about = _what(first, before, after), _about(first)
            yield Step(line.time, what, about, others, before, after)
        after, looked_at = before, looked_at + 1
        if looked_at == _LOOKED_AT:
            return


def moves(state: State, found: tuple[Step, ...], board: BoardName, entry_id: str) -> list[Move]:
    """The moves of one entry, newest first."""
    return [
        Move(
            step.time,
            step.before.get(entry_id),
            step.after.get(entry_id),
            _cause(state, step, board, entry_id),
        )
        for step in found
        if step.before.get(entry_id) != step.after.get(entry_id)
    ][:MOST]


def _ranks(state: State, board: BoardName) -> dict[str, int]:
    found = shown_board(state, board).entries
    return {entry.entry_id: rank for rank, entry in enumerate(found, start=1)}


def _orders(effect: Effect) -> bool:
    """Whether a change of a row may change the order of a board."""
    if effect.table == "settings":
        return any(_field(effect, name) for name in _RULES)
    if effect.table != "entries":
        return False
    if effect.before is None or effect.after is None:
        return True
    return any(name.startswith(_ORDERS) for name in {**effect.before, **effect.after})


def _field(effect: Effect, name: str) -> bool:
    return name in (effect.before or {}) or name in (effect.after or {})


def _about(effect: Effect) -> str:
    return effect.key if effect.table == "entries" else ""


def _what(effect: Effect, before: Mapping[str, int], after: Mapping[str, int]) -> What:
    if effect.table != "entries":
        return "rules"
    was, row = effect.before or {}, effect.after or {}
    if effect.key not in before:
        if effect.before is None:
            return "added"
        return "promoted" if _moved(was, row) else "back"
    if effect.key not in after:
        return "moved away" if _moved(was, row) else "gone"
    changed = {**was, **row}
    if versions := [row[name] for name in row if name.startswith("history.")]:
        return _BY_VERSION.get(versions[-1].get("why"), "new version")
    if "judge" in changed and {n for n in changed if n.startswith("metrics.")} <= _JUDGED:
        return "judged"
    return "let count" if "surplus_seen" in changed else "edited"


def _moved(was: Mapping[str, object], row: Mapping[str, object]) -> bool:
    return bool(was.get("board") and row.get("board") and was["board"] != row["board"])


def _cause(state: State, step: Step, board: BoardName, entry_id: str) -> Sentence:
    if step.what == "rules":
        return (f"{_RULES_CHANGED}.",)
    did = {"promoted": _CAME[board], "moved away": _LEFT[board]}.get(step.what, _DID[step.what])
    if step.others:
        did = f"(and {step.others:,} more) {did}"
    if step.about == entry_id:
        return (f"this entry {did}.",)
    found = state.find(step.about)
    if found is None or found[1].hidden:
        return (f"an entry {did}." if step.what == "gone" else f"{_HIDDEN} {did}.",)
    return (Named(found[1].model_name, step.about), f" {did}.")
