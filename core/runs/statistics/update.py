"""Updates all statistics of a data folder, without recomputing unchanged parts."""

from pathlib import Path

import msgspec
from filelock import FileLock

from core.files import atomic
from core.files.hashes import cached_sha256
from core.model.entries import BOARD_NAMES
from core.model.statistics import SCHEMA, BoardStatistics
from core.ranking.board import Board, shown_board
from core.runs.statistics import boards, columns, pairs
from core.runs.statistics.columns import EntryColumns
from core.runs.statistics.folder import StatisticsFolder
from core.runs.statistics.judges import noise_of
from core.settings import Settings
from core.store.store import Store


def update(settings: Settings, store: Store) -> None:
    """Columns, figures of both boards, pairs, in this order; each file is written atomically.

    Waits for other processes: several servers on one folder do it one after another, and later
    ones find it done. Raises StoreError.
    """
    root = settings.root
    folder = StatisticsFolder(root)
    for each in (folder.path, folder.columns):
        atomic.make_folder(each)
    with FileLock(folder.lock):
        for left in (folder.path, folder.columns):
            atomic.remove_leftovers(left, 0)  # nobody else writes here
        state = store.read()
        truth = cached_sha256(settings.truth_path)
        shown = [shown_board(state, name) for name in BOARD_NAMES]
        found = {
            entry.entry_id: columns.entry_columns(root, entry, truth)
            for board in shown
            for entry in board.entries
        }
        for board in shown:
            _update_board(root, board, found)
        pairs.update(root, shown, found)
        columns.remove_others(root, {one.content for one in found.values()})


def read_board(path: Path) -> BoardStatistics | None:
    """The statistics in a file; None if it is missing, damaged, or of another format."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=BoardStatistics)
    except (OSError, ValueError):
        return None
    return found if found.schema == SCHEMA else None


def _update_board(root: Path, board: Board, found: dict[str, EntryColumns]) -> None:
    path = StatisticsFolder(root).board(board.name)
    old = read_board(path)
    noise = noise_of(root, board.entries)
    made_from = boards.made_from(board, found, noise)
    if old is None or old.made_from != made_from:
        atomic.write(path, msgspec.json.encode(boards.statistics(board, found, noise)))
