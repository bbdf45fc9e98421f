"""Undoing a change, or as many as possible of an act with several."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.changes import undoing
from core.changes.acts import why_not
from core.changes.undoing import is_undone
from core.errors import MedVidBenchError, RefusedError
from core.store.lines import Line
from core.usecases import rescore
from core.usecases.services import Services


@dataclass(frozen=True, slots=True)
class Undone:
    """The result: `left` has the changes that could not be undone, in their order.

    `problems` says why for each, with its entry's name. `back` is the number undone, including
    those undone before.
    """

    back: int
    left: tuple[str, ...]
    problems: tuple[str, ...]


def undo(services: Services, change_id: str, actor: str) -> str:
    """Undo a change. Raises RefusedError, with a sentence, if a later change depends on it."""
    line = refuse(services, change_id)
    change = undoing.undo(change_id, actor)
    state = services.store.commit(change)
    for effect in line.effects:
        if effect.table == "entries":
            rescore.align_files(services, state, effect.key)
    return change.id


def refuse(services: Services, change_id: str) -> Line:
    """The change, if it can be undone now. Raises RefusedError with the reason if not."""
    line, state = _line(services, change_id), services.store.read()
    reason = why_not(line.kind, line.effects)
    if not reason and not line.effects:
        reason = "This changed nothing, so there is nothing to undo."
    if not reason and is_undone(state, line.effects):
        reason = "This change is already undone."
    reason = reason or undoing.changed_since(state, line.effects)
    if reason:
        raise RefusedError({"undo": reason})
    return line


def undo_all(services: Services, change_ids: Sequence[str], actor: str) -> Undone:
    """Undo each change that can be undone, last one first. A change that cannot be undone does
    not prevent the others. Changes that are already undone are skipped.
    """
    left: list[str] = []
    problems: list[str] = []
    for change_id in reversed(change_ids):
        name = ""
        try:
            line = _line(services, change_id)
            name = line.about[1]
            if len(change_ids) == 1 or not _skipped(services, line):
                undo(services, change_id, actor)
        except (MedVidBenchError, OSError) as error:
            left.insert(0, change_id)
            several = name and len(change_ids) > 1
            problems.insert(0, f"“{name}”: {error}" if several else str(error))
    return Undone(len(change_ids) - len(left), tuple(left), tuple(problems))


def _line(services: Services, change_id: str) -> Line:
    """A change of the journal. Raises RefusedError if there is none."""
    line = services.store.line(change_id)
    if line is None:
        raise RefusedError({"undo": "There is no such change. Reload the page."})
    return line


def _skipped(services: Services, line: Line) -> bool:
    """Whether it is already undone, with its files, which an earlier attempt may have missed."""
    state = services.store.read()
    if not is_undone(state, line.effects):
        return False
    rescore.align_files(services, state, line.about[0])
    return True
