"""Every change as data: constructors, and `apply` and `fold`, which are pure.

`apply` gives the state after one operation, or raises RefusedError when a rule
forbids it; `fold` gives the state after many, in which a repeated operation changes
nothing and a refused one at most says why (core.changes.changes.refused).
A new kind of change is one constructor here and one function in core.changes.changes.
"""

import json
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from core.changes.changes import KINDS, refused
from core.changes.payloads import payload_row
from core.changes.taken_names import name_problem, refuse_alike
from core.errors import EntryError, RefusedError
from core.files.ids import is_id, new_id
from core.files.json_text import dumps
from core.model.entries import Entry, Submission
from core.model.state import EMPTY, Operation, Personal, Row, State, now

__all__ = [
    "EMPTY",
    "PARTICIPANT",
    "SYSTEM",
    "Operation",
    "Personal",
    "State",
    "add",
    "admit",
    "apply",
    "canonical",
    "evaluated",
    "fold",
    "import_rows",
    "name_problem",
    "now",
    "release",
    "reopen",
    "submit",
]
SYSTEM = "system"  # the actor when no person asked for the change
PARTICIPANT = "participant"  # of a submission; who it was is in private/ only


# Constructors: what may happen only once has an id that says what it does.


def submit(submission: Submission, actor: str) -> Operation:
    """Register an upload; reserves its name unless it is evaluate-only."""
    payload = {"submission": msgspec.to_builtins(submission)}
    return _operation(f"submit-{submission.submission_id}", "submit", actor, payload)


def add(submission_id: str, entry: Entry, actor: str = SYSTEM) -> Operation:
    """Publish a submission's entry on the community board. The contact stays outside."""
    payload = {"submission_id": submission_id, "entry": payload_row(entry)}
    return _operation(f"add-{submission_id}", "add", actor, payload)


def release(
    submission_id: str, reason: str, actor: str = SYSTEM, *, spent: bool = False
) -> Operation:
    """Give up a submission that failed or was cancelled; its name is free again.

    `spent`: it counts as a try all the same (core.changes.quota).
    """
    payload: dict[str, Any] = {"submission_id": submission_id, "reason": reason}
    return _operation(new_id(), "release", actor, payload | ({"spent": True} if spent else {}))


def reopen(submission_id: str, actor: str) -> Operation:
    """Reserve the name of a released submission again, for another run."""
    return _operation(new_id(), "reopen", actor, {"submission_id": submission_id})


def evaluated(submission_id: str, actor: str = SYSTEM) -> Operation:
    """Close an evaluate-only submission."""
    return _operation(new_id(), "evaluated", actor, {"submission_id": submission_id})


def import_rows(
    community: Sequence[Row], official: Sequence[Row], operation_id: str, actor: str = SYSTEM
) -> Operation:
    """Take over rows as another program wrote them; contacts by reference."""
    payload = {"community": list(community), "official": list(official)}
    return _operation(operation_id, "import", actor, payload)


def _operation(op_id: str, kind: str, actor: str, payload: dict[str, Any]) -> Operation:
    return Operation(id=op_id, kind=kind, actor=actor, time=now(), payload=payload)


def apply(state: State, op: Operation, personal: Personal) -> State:
    """The state after `op`; the very same object when it changes nothing.

    Raises RefusedError when a rule forbids the change, EntryError when the
    operation does not have its form.
    """
    change = KINDS.get(op.kind)
    if change is None:
        raise EntryError(
            f"operation {op.id}: kind {op.kind!r} is unknown, expected one of "
            f"{', '.join(KINDS)}. A newer version of this program may have written it."
        )
    return change(state, op, personal)


def admit(state: State, op: Operation, personal: Personal) -> State:
    """`apply`, for an operation that is about to be made and stands in no journal yet.

    Raises RefusedError also for a new name that looks like another. Not asked when journals
    are read: an entry that stood keeps standing, by whatever rule it got its name.
    """
    after = apply(state, op, personal)
    if op.kind != "import":  # what another program's boards held
        refuse_alike(state, after)
    return after


def fold(
    base: State,
    ops: Iterable[Operation],
    personal: Personal,
    seen: AbstractSet[str] = frozenset(),
) -> State:
    """The state after all `ops`. Ids in `seen`, and ids met before, are skipped.

    Two machines may have reserved one name: the earlier operation has it, and the
    other submission stands as released, with the reason.
    """
    done = set(seen)
    state = base
    for op in ops:
        if op.id in done:
            continue
        done.add(op.id)
        try:
            state = apply(state, op, personal)
        except RefusedError as error:
            state = refused(state, op, error)
    return state


def canonical(op: Operation) -> Operation:
    """`op` as it will be read back from the journal, so that both give the same boards.

    Half characters become U+FFFD. Raises EntryError for what JSON cannot hold (NaN, other
    types, extreme nesting) and for an id that is none.
    """
    if not is_id(op.id):
        raise EntryError(f"operation {op.id[:80]!r}: not an id. Make one with core.files.ids.")
    try:
        # Sorted as in the journal: a board written now must equal one made from it later.
        text = dumps(msgspec.to_builtins(op), canonical=True)
        return msgspec.convert(json.loads(text), Operation)
    except (TypeError, ValueError, RecursionError, msgspec.ValidationError) as error:
        raise EntryError(
            f"operation {op.id[:80]!r} ({op.kind[:40]!r}) cannot be written as JSON: {error}."
        ) from error
