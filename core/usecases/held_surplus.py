"""Entries whose metrics are held for surplus segments, for the admin: list and accept them."""

from core.changes import surplus as acts
from core.model.entries import BOARD_NAMES, Entry
from core.model.state import State
from core.model.surplus import held
from core.usecases.services import Services


def waiting(state: State) -> list[Entry]:
    """Entries, including hidden ones, with surplus segments that no admin has reviewed."""
    return [entry for board in BOARD_NAMES for entry in state.board(board) if held(entry)]


def looked_at(services: Services, entry: Entry, actor: str) -> str:
    """Accept the held metrics; returns the change's id, for undo.

    Raises RefusedError if the entry's answers have changed since.
    """
    change = acts.seen(entry, actor)
    services.store.commit(change)
    return change.id
