"""Applies changes to a state without a store, as a commit and a join do.

Each change is checked: applying its effects to the state before gives the state after,
and undoing them gives the state before.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.changes.act import At, Change, Done
from core.changes.acts import act_of, admitted, canonical, why_not
from core.changes.effects import Effect, applied, between, misfits, rows_of, swapped
from core.errors import RefusedError
from core.model.state import State
from core.store.lines import Line

Lookup = Callable[[str], Done | None]


def nothing(_change_id: str) -> Done | None:
    return None


def apply(state: State, change: Change, _personal: object = None, done: Lookup = nothing) -> State:
    """The state after a change, by the rules of a join; its effects are checked."""
    change = canonical(change)
    at = At(change.id, change.actor, change.time, done)
    return checked(state, change.act.apply(state, at), forget=change.act.forgets)[0]


def did(state: State, change: Change) -> Done:
    """The effects of a change on a state, as a journal would give them to an undo."""
    effects = between(state, apply(state, change), forget=change.act.forgets)
    return Done(change.kind, effects, why_not(change.kind, effects))


def admit(state: State, change: Change, _personal: object = None, done: Lookup = nothing) -> State:
    """The state after a change that is new."""
    change = canonical(change)
    at = At(change.id, change.actor, change.time, done)
    return checked(state, admitted(state, change, at), forget=change.act.forgets)[0]


def fold(
    base: State, changes: Iterable[Change], _personal: object = None, *, joining: bool = False
) -> State:
    """The state after many changes; a repeated one changes nothing, a refused one may say why."""
    state, done = base, dict[str, Done]()
    for one in changes:
        change = canonical(one)
        if change.id in done:
            continue
        at = At(change.id, change.actor, change.time, done.get, joining)
        try:
            after, refused = change.act.apply(state, at), False
        except RefusedError as error:
            after, refused = change.act.refused(state, at, str(error)), True
        state, effects = checked(state, after, forget=change.act.forgets)
        if not refused:
            done[change.id] = Done(change.kind, effects, why_not(change.kind, effects))
    return state


def checked(before: State, after: State, *, forget: bool) -> tuple[State, tuple[Effect, ...]]:
    """The state that the effects of a change give, which must be `after`."""
    effects = between(before, after, forget=forget)
    put = applied(before, effects)
    assert put == after
    rows: Mapping[str, Mapping[str, Any]] = rows_of(before)
    assert not any(misfits(rows, effect) for effect in effects if not forget)
    if not forget:
        assert applied(put, swapped(effects)) == before
    return put, effects


def changes_of(lines: Iterable[Line]) -> list[Change]:
    """The changes of a journal's lines, to apply again."""
    found = []
    for line in lines:
        act = act_of(line.act)
        assert act is not None
        found.append(Change(id=line.id, actor=line.actor, time=line.time, act=act))
    return found
