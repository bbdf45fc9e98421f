"""The journal once more from its beginning: every operation with the states around it."""

import itertools
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

import msgspec

from core.changes import operations
from core.errors import EntryError, RefusedError, StoreError
from core.model.state import Operation, Personal, State
from core.store import journal


@dataclass(frozen=True, slots=True)
class Step:
    """An operation and the states around it: the same object when it changed nothing."""

    op: Operation
    before: State
    after: State


def steps(path: Path, end: int | None, base: State, personal: Personal) -> Iterator[Step]:
    """The operations of a journal up to byte `end`, in order. Raises StoreError.

    One whose id came before, or that is refused where it stands, changes nothing.
    """
    lines, _rest = journal.decode(journal.read(path, 0, end), journal.START, path)
    state, seen = base, set[str]()
    for line in lines:
        try:
            after = operations.fold(state, [line.op], personal, seen)
        except EntryError as error:
            raise StoreError(f"{path}: {error} {journal.ADVICE}") from error
        seen.add(line.op.id)
        yield Step(line.op, state, after)
        state = after


def again(
    op: Operation, ids: AbstractSet[str], there: Iterable[Step], personal: Personal
) -> Operation | None:
    """An operation whose id is among `ids`, under an id that is free; None when it is done.

    One that was refused when journals were put together was never done, but its line stays,
    so what it asks for is done under another id. `there` are the steps of the journal.
    """
    without = {step.op.id for step in there if _refused(step, personal)}
    names = itertools.chain([op.id], (f"{op.id}-{number}" for number in itertools.count(2)))
    free = next(name for name in names if name not in ids or name not in without)
    return None if free in ids else msgspec.structs.replace(op, id=free)


def _refused(step: Step, personal: Personal) -> bool:
    if step.before is not step.after:
        return False
    try:
        operations.apply(step.before, step.op, personal)
    except RefusedError:
        return True
    return False
