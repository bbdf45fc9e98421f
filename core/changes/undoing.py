"""Undoing a change: its effects reversed, as they are in the journal now.

Refused if a value has changed since, so it never overwrites later work; other fields may have
changed. An undo can be undone the same way. An entry that it puts back into the trash stays there
for the full 30 days, counted from the undo.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from core.changes.act import Act, At, Change, change
from core.changes.effects import ABSENT, Effect, applied, swapped, table
from core.changes.rules import rekeyed, with_entry, with_submission
from core.changes.taken_names import refuse_taken
from core.errors import RefusedError
from core.model.state import State

# When the days in the trash began; not part of the change that put the entry there.
_SINCE: Final = "trash_since"
_WHAT: Final = {
    "entries": "the entry",
    "submissions": "the submission",
    "reports": "the report",
    "settings": "a setting",
}


class Undo(Act, frozen=True, kw_only=True, tag="undo"):
    """Undoes the change `of`."""

    of: str

    undoable = True

    def apply(self, state: State, at: At) -> State:
        done = at.done(self.of)
        if done is None:
            raise RefusedError({"undo": "There is no such change. Reload the page."})
        if done.why_not:
            raise RefusedError({"undo": done.why_not})
        if is_undone(state, done.effects):
            return state
        if changed := changed_since(state, done.effects):
            raise RefusedError({"undo": changed})
        for effect in done.effects:
            state = _later_versions(state, effect)
        state = applied(state, swapped(done.effects))
        for entry_id in {e.key for e in done.effects if e.table == "entries"}:
            state = _days_anew(state, entry_id, done.effects, at.time)
            _refuse_name(state, entry_id)
        return state


ACTS = (Undo,)


def undo(change_id: str, actor: str) -> Change:
    """Undo a change."""
    return change(Undo(of=change_id), actor)


def is_undone(state: State, effects: Sequence[Effect]) -> bool:
    """Whether everything is as before the change."""
    return all(_looks(state, effect, effect.before, effect.after) for effect in effects)


def changed_since(state: State, effects: Sequence[Effect]) -> str:
    """Why a change with these effects cannot be undone: a later one changed the same; or ""."""
    changed = next((e for e in effects if not _looks(state, e, e.after, e.before)), None)
    if changed is None:
        return ""
    if changed.key in state.purged:
        return f"This cannot be undone: {_WHAT.get(changed.table, changed.table)} has been erased."
    return (
        f"This cannot be undone: {_WHAT.get(changed.table, changed.table)} was changed again "
        "since. Undo the later change first, or edit it by hand."
    )


def _looks(
    state: State, effect: Effect, so: dict[str, Any] | None, other: dict[str, Any] | None
) -> bool:
    """Whether the row matches `so`; for an existing row, in the fields that `other` also has."""
    there = table(state, effect.table).rows.get(effect.key)
    if so is None or there is None:
        return so is None and there is None
    names = {**so, **(there if other is None else other)}
    names.pop(_SINCE, None)
    return all(there.get(name, ABSENT) == so.get(name, ABSENT) for name in names)


def _later_versions(state: State, effect: Effect) -> State:
    """Restores the previous key of versions that were submitted with an undone key."""
    given = (effect.after or {}).get("key_hash")
    if effect.table != "submissions" or not given or effect.key not in state.submissions:
        return state
    known = state.submissions[effect.key]
    old = str((effect.before or {}).get("key_hash") or "")  # without a key, nothing grants access
    entry_id = known.replaces or known.submission_id
    for key, sent in list(state.submissions.items()):
        if sent.replaces == entry_id and sent.key_hash == given and key != effect.key:
            state = with_submission(state, rekeyed(state, entry_id, sent, old))
    return state


def _days_anew(state: State, entry_id: str, effects: Sequence[Effect], time: str) -> State:
    """An entry put back into the trash gets its full days again; one that leaves it, none."""
    if entry_id not in state.entries:
        return state
    entry = state.entries[entry_id]
    came = any(
        e.table == "entries" and e.key == entry_id and e.before and "deleted" in e.before
        for e in effects
    )
    since = entry.trash_since if entry.deleted else None
    if entry.deleted and came:
        since = time
    return with_entry(state, msgspec.structs.replace(entry, trash_since=since))


def _refuse_name(state: State, entry_id: str) -> None:
    found = state.find(entry_id)
    if found is not None:
        refuse_taken(state, found[1].model_name, entry_id=entry_id)
