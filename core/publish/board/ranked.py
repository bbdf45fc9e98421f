"""A board as readers see it, ranked. Pure."""

from core.changes.quota import tries_by_entry, uploads
from core.model.entries import BoardName
from core.model.state import State
from core.ranking.board import Board, shown_board


def with_tries(state: State, name: BoardName) -> Board:
    """The board, with the number of times that each entry's team had answers scored."""
    chains = {entry.entry_id: uploads(entry) for entry in state.shown(name)}
    return shown_board(state, name, tries_by_entry(state, chains))
