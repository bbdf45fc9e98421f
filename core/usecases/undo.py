"""Taking back a change, or as much as can be of an act that was made of several."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.changes import admin_operations as make
from core.changes.touched import inverse
from core.changes.undo import is_undone
from core.changes.undo import problem as undo_problem
from core.errors import MedVidBenchError, RefusedError
from core.store.replay import Step
from core.usecases import rescore
from core.usecases.services import Services


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of it: `left` holds the operations that still stand, in their order.

    `problems` says of each why, with its entry's name. `back` of them are taken back, those that
    had been before too.
    """

    back: int
    left: tuple[str, ...]
    problems: tuple[str, ...]


def undo(services: Services, op_id: str, actor: str) -> str:
    """Take a change back. Refused, with a sentence, when something was built on it since."""
    found = step(services, op_id)
    why_not = undo_problem(found.op, found.before, found.after)
    if why_not:
        raise RefusedError({"undo": why_not})
    if is_undone(services.store.read(), inverse(found.before, found.after)):
        raise RefusedError({"undo": "Everything is as it was before this change already."})
    op = make.undo(found.op, found.before, found.after, actor)
    state = services.store.commit(op)
    for item in op.payload["items"]:
        if item["place"] in ("community", "official"):
            rescore.align_files(services, state, item["key"])
    return op.id


def step(services: Services, op_id: str) -> Step:
    """An operation of the journal with the states around it. Raises RefusedError."""
    for found in services.store.steps():
        if found.op.id == op_id:
            return found
    raise RefusedError({"undo": "There is no such change. Load the page again."})


def undo_all(services: Services, op_ids: Sequence[str], actor: str) -> Undone:
    """Take back each operation that can be, the last one first. Entries do not wait for each
    other: one that was changed since holds up no other. What was taken back before is skipped.
    """
    left: list[str] = []
    problems: list[str] = []
    for op_id in reversed(op_ids):
        name = ""
        try:
            found = step(services, op_id)
            name = _name(found)
            if len(op_ids) == 1 or not _skipped(services, found):
                undo(services, op_id, actor)
        except (MedVidBenchError, OSError) as error:
            left.insert(0, op_id)
            problems.insert(0, f"“{name}”: {error}" if name and len(op_ids) > 1 else str(error))
    return Undone(len(op_ids) - len(left), tuple(left), tuple(problems))


def _skipped(services: Services, found: Step) -> bool:
    """Whether it is taken back already; its files too, which an earlier try may have missed."""
    state = services.store.read()
    if not is_undone(state, inverse(found.before, found.after)):
        return False
    rescore.align_files(services, state, str(found.op.payload.get("entry_id")))
    return True


def _name(found: Step) -> str:
    """The name of the entry that an operation is about; "" when it is about something else."""
    there = found.before.find(str(found.op.payload.get("entry_id")))
    return there[1].model_name if there else ""
