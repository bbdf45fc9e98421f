"""Taking back an act that was made of several operations: as much of it as can be."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.admin import admin, rescoring
from core.boards import Services
from core.changes.undo import inverse, is_undone
from core.errors import MedVidBenchError
from core.store.replay import Step


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of it: `left` holds the operations that still stand, in their order.

    `problems` says of each why, with its entry's name. `back` of them are taken back, those that
    had been before too.
    """

    back: int
    left: tuple[str, ...]
    problems: tuple[str, ...]


def undo_all(services: Services, op_ids: Sequence[str], actor: str) -> Undone:
    """Take back each operation that can be, the last one first. Entries do not wait for each
    other: one that was changed since holds up no other. What was taken back before is skipped.
    """
    left: list[str] = []
    problems: list[str] = []
    for op_id in reversed(op_ids):
        name = ""
        try:
            step = admin.step(services, op_id)
            name = _name(step)
            if len(op_ids) == 1 or not _skipped(services, step):
                admin.undo(services, op_id, actor)
        except (MedVidBenchError, OSError) as error:
            left.insert(0, op_id)
            problems.insert(0, f"“{name}”: {error}" if name and len(op_ids) > 1 else str(error))
    return Undone(len(op_ids) - len(left), tuple(left), tuple(problems))


def _skipped(services: Services, step: Step) -> bool:
    """Whether it is taken back already; its files too, which an earlier try may have missed."""
    state = services.store.read()
    if not is_undone(state, inverse(step.before, step.after)):
        return False
    rescoring.align_files(services, state, str(step.op.payload.get("entry_id")))
    return True


def _name(step: Step) -> str:
    """The name of the entry that an operation is about; "" when it is about something else."""
    wanted = step.op.payload.get("entry_id")
    entries = (*step.before.official, *step.before.community)
    return next((entry.model_name for entry in entries if entry.entry_id == wanted), "")
