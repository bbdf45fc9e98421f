"""Digests that show whether figures belong to the entries that are shown now.

They depend only on public data, so that pages do not need the sample scores.
"""

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from core.benchmark import SCORER_VERSION
from core.model.entries import Entry
from core.model.policy import Policy
from core.model.statistics import SCHEMA
from core.ranking.board import Board, counted_values


def of_board(board: Board) -> str:
    """The digest of a board's entries in order, and their values that count."""
    rows = zip(board.entries, board.values.tolist(), strict=True)
    return digest([board.name, *(_facts(entry, values) for entry, values in rows)])


def of_entry(entry: Entry, policy: Policy) -> str:
    """The digest of one entry, and its values that count."""
    return digest(_facts(entry, counted_values([entry], policy)[0].tolist()))


def digest(of: object) -> str:
    """A digest of JSON-like content, the format of the figures, and the scorer version."""
    text = msgspec.json.encode([SCHEMA, SCORER_VERSION, of])
    return hashlib.sha256(text).hexdigest()[:32]


def _facts(entry: Entry, values: Iterable[float]) -> Sequence[str | None]:
    return [
        entry.entry_id,
        entry.upload_id,
        entry.ground_truth_sha256,
        entry.scorer_version,
        entry.judge.run_id if entry.judge else None,
        *map(str, values),  # NaN is not JSON
    ]
