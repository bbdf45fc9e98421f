"""What figures stand for: digests by which a reader knows whether they are of what is shown now.

They name public facts only, so that pages can tell without the sample scores.
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
    """Of a board's entries in their order, and what counts of them."""
    rows = zip(board.entries, board.values.tolist(), strict=True)
    return digest([board.name, *(_facts(entry, values) for entry, values in rows)])


def of_entry(entry: Entry, policy: Policy) -> str:
    """Of one entry, and what counts of it."""
    return digest(_facts(entry, counted_values([entry], policy)[0].tolist()))


def digest(of: object) -> str:
    """A digest of JSON-like content, of the form of the figures, and of the scorer."""
    text = msgspec.json.encode([SCHEMA, SCORER_VERSION, of])
    return hashlib.sha256(text).hexdigest()[:32]


def _facts(entry: Entry, values: Iterable[float]) -> Sequence[str | None]:
    return [
        entry.entry_id,
        entry.upload_id,
        entry.ground_truth_sha256,
        entry.scorer_version,
        entry.judge.run_id if entry.judge else None,
        *map(str, values),  # NaN is no JSON
    ]
