"""All kinds of acts, and applying one. A new kind is a class listed in its family's module."""

import json
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any, Final

import msgspec

from core.changes import (
    auditing,
    editing,
    forgetting,
    importing,
    judging,
    keeping,
    keys,
    placing,
    reporting,
    rescoring,
    settings,
    submitting,
    surplus,
    undoing,
)
from core.changes.act import Act, At, Change, kind_of
from core.changes.effects import Effect
from core.changes.importing import Import
from core.changes.taken_names import refuse_alike
from core.errors import EntryError
from core.files.ids import is_id
from core.files.json_text import dumps
from core.model.state import State

_FAMILIES: Final = (
    submitting, keeping, importing, editing, placing, keys, forgetting, settings, rescoring,
    reporting, judging, surplus, undoing, auditing,
)  # fmt: skip
ACTS: Final[Mapping[str, type[Act]]] = {
    kind_of(act): act for family in _FAMILIES for act in family.ACTS
}
_ANY: Final[Any] = reduce(or_, ACTS.values())
# Depth that can be decoded even with little stack left.
MOST_LEVELS: Final = 100
_REPLACED: Final = (
    "the new version is published and the earlier scores are in the entry's history. Its owner "
    "can go back to them for 30 days. Hide the entry until then, or delete it."
)
_NEWER: Final = "a newer version of this program made it. Undo it there."


def admitted(state: State, change: Change, at: At) -> State:
    """The state after a change that is about to be committed.

    Also raises RefusedError for a new name that looks like another one: this is checked only when
    the name is given, not when journals are joined.
    """
    after = change.act.apply(state, at)
    if not isinstance(change.act, Import):  # rows of another program's boards
        refuse_alike(state, after)
    return after


def act_of(fields: Mapping[str, Any]) -> Act | None:
    """An act from the journal; None for a kind that this version does not know.

    Raises EntryError when an act of a known kind is malformed.
    """
    if str(fields.get("kind")) not in ACTS:
        return None
    try:
        act: Act = msgspec.convert(fields, _ANY)
    except msgspec.ValidationError as error:
        raise EntryError(f"act {str(fields.get('kind'))[:40]!r}: {error}.") from error
    return act


def canonical(change: Change) -> Change:
    """`change` as it will be read back from the journal, so that both give the same boards.

    Half characters become U+FFFD. Raises EntryError for values that JSON cannot represent (NaN,
    other types, extreme nesting) and for an invalid id.
    """
    if not is_id(change.id):
        raise EntryError(f"change {change.id[:80]!r}: not an id. Make one with core.files.ids.")
    try:
        found = json.loads(dumps(msgspec.to_builtins(change), canonical=True))
        refuse_deep(found)
        act = act_of(found.pop("act"))
    except (TypeError, ValueError, RecursionError) as error:
        raise EntryError(
            f"change {change.id[:80]!r} ({change.kind[:40]!r}) cannot be written as JSON: {error}."
        ) from error
    if act is None:
        raise EntryError(f"change {change.id[:80]!r}: kind {change.kind[:40]!r} is not listed.")
    return Change(**found, act=act)


def refuse_deep(value: Any, levels: int = MOST_LEVELS) -> None:
    """Raises ValueError for objects or lists nested deeper than a journal's line may be."""
    if levels < 0:
        raise ValueError(f"objects or lists nested more than {MOST_LEVELS} deep")
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            refuse_deep(inner, levels - 1)


def why_not(kind: str, effects: Sequence[Effect]) -> str:
    """Why a kind of change cannot be undone and what to do instead; "" if it can."""
    act = ACTS.get(kind)
    if act is not None and act.undoable:
        return ""
    reason = _NEWER if act is None else act.instead
    if kind == "add" and any(e.table == "entries" and e.before is not None for e in effects):
        reason = _REPLACED
    told = "This change cannot be undone"
    return f"{told}: {reason}" if reason else f"{told}."
