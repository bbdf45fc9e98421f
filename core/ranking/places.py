"""Where a submission stands, or would stand, on the board and on the judge-free metrics."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.benchmark import METRIC_KEYS, SCORED_KEYS
from core.model.entries import BOARD_NAMES
from core.model.state import State
from core.ranking.average_rank import Place, place
from core.ranking.coverage import as_counted


@dataclass(frozen=True, slots=True)
class Places:
    """`community`: by all ten metrics on the Community board. `judge_free`: by the seven
    that need no judge, among the models of both boards; a verified model counts once."""

    community: Place
    judge_free: Place


def places(
    state: State, metrics: Mapping[str, float | None], name: str, entry_id: str | None = None
) -> Places:
    """The places of `metrics`. `entry_id` names their own row, if there is one already.

    Give the values that count (core.ranking.coverage.counted)."""
    community, verified = (
        [as_counted(e, state.policy) for e in state.shown(board) if e.entry_id != entry_id]
        for board in BOARD_NAMES
    )
    known = {entry.key for entry in verified}
    both = [*verified, *(entry for entry in community if entry.key not in known)]
    return Places(
        place(community, metrics, METRIC_KEYS, name), place(both, metrics, SCORED_KEYS, name)
    )
