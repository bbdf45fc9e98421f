"""Reads the statistics of boards and pairs. Pages only read: figures are made in the background."""

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from core.model.entries import BoardName, Entry
from core.model.statistics import SCHEMA, BoardStatistics, PairFigures
from core.ranking.board import Board, shown_board
from core.usecases.services import Services

FOLDER: Final = "statistics"
COMPUTING: Final = "Intervals are being computed."  # what pages say while there are no figures


def board_statistics(services: Services, name: BoardName) -> BoardStatistics | None:
    """The figures of a board as it stands; None while they are being computed."""
    return statistics_of(services.settings.root, shown_board(services.store.read(), name))


def statistics_of(root: Path, board: Board) -> BoardStatistics | None:
    """The same of a board that is ranked already."""
    found = _read(board_path(root, board.name))
    return found if found is not None and found.stands_for == stands_for(board) else None


def pair_figures(services: Services, a: str, b: str) -> PairFigures | None:
    """Entry a against entry b; None where there are no sample scores of both to compare."""
    del services, a, b  # the figures of pairs come with the columns
    return None


def board_path(root: Path, name: BoardName) -> Path:
    """Where the published statistics of a board are kept."""
    return root / FOLDER / f"{name}.json"


def file_mark(root: Path, name: BoardName) -> str:
    """Changes whenever the figures of a board did; empty while there are none."""
    try:
        found = board_path(root, name).stat()
    except FileNotFoundError:
        return ""
    return f"{found.st_mtime_ns}.{found.st_ino}.{found.st_size}"


def stands_for(board: Board) -> str:
    """A digest of what a board's figures follow from, but for the sample scores themselves."""
    entries = [
        (one.entry_id, one.upload_id, one.ground_truth_sha256, one.scorer_version, _run(one))
        for one in board.entries
    ]
    values = [str(value) for value in board.values.ravel().tolist()]
    return hashlib.sha256(msgspec.json.encode([SCHEMA, entries, values])).hexdigest()[:32]


def _run(entry: Entry) -> str:
    return entry.judge.run_id if entry.judge else ""


def _read(path: Path) -> BoardStatistics | None:
    """None for what is not there, damaged, or of another form: it is made again."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=BoardStatistics)
    except (OSError, ValueError):
        return None
    return found if found.schema == SCHEMA else None
