"""Computes the statistics of a board from its entries' columns."""

import hashlib
import traceback
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from core.model.statistics import SCHEMA, BoardStatistics, Removal
from core.publish import figures as published
from core.ranking.board import Board
from core.ranking.columns import VERSION, Columns
from core.ranking.figures import figures
from core.ranking.judge_noise import JudgeNoise, with_noise
from core.ranking.leader import fewest_units
from core.runs.statistics import marks
from core.runs.statistics.columns import EntryColumns

NOTHING: Final = "No intervals: no entry on this board has sample scores."
FAILED: Final = "No intervals: they could not be computed. The server's log has the reason."


def made_from(
    board: Board, columns: Mapping[str, EntryColumns], noise: Mapping[str, JudgeNoise]
) -> str:
    """Identifies all inputs of a board's statistics, without revealing the digests of private
    files."""
    rows = [columns[entry.entry_id] for entry in board.entries]
    parts = [(one.content, one.reason) for one in rows]
    return marks.digest([VERSION, marks.of_board(board), parts, noise])


def statistics(
    board: Board, columns: Mapping[str, EntryColumns], noise: Mapping[str, JudgeNoise]
) -> BoardStatistics:
    """The statistics of a board; if the computation fails, no entry has any.

    noise: the judge's, by metric key, if models were graded more than once.
    """
    rows = [columns[entry.entry_id] for entry in board.entries]
    stands_for, made = marks.of_board(board), made_from(board, columns, noise)
    none = BoardStatistics(schema=SCHEMA, board=board.name, stands_for=stands_for, made_from=made)
    nothing = "" if any(one.metrics for one in rows) else NOTHING
    models = [one.metrics or None for one in rows]
    try:
        found = figures(models, board.values, seed=_seed(rows))
        removable = _removable(board, models)
        found.metrics.update(
            {key: with_noise(found.metrics[key], one) for key, one in noise.items()}
        )
    except Exception:
        traceback.print_exc()
        return msgspec.structs.replace(none, reason=FAILED)
    reasons, few = [one.reason for one in rows], [one.few for one in rows]
    fields = published.board_fields(board, found, reasons, few, noise)
    return msgspec.structs.replace(none, reason=nothing, removable=removable, **fields)


def _removable(board: Board, models: Sequence[Columns | None]) -> Removal | None:
    swap = fewest_units(models, board.values, [entry.model_name for entry in board.entries])
    if swap is None:
        return None
    return Removal(swap.units, swap.of, board.entries[swap.leader].entry_id, swap.least)


def _seed(rows: Sequence[EntryColumns]) -> int:
    """The same for the same sample scores, and unpredictable without them."""
    found = hashlib.sha256(" ".join(one.content for one in rows).encode())
    return int.from_bytes(found.digest()[:8])
