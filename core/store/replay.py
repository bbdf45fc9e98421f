"""The journal once more from its beginning: every operation with the states around it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.changes import operations
from core.changes.state import Operation, Personal, State
from core.errors import EntryError, StoreError
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
