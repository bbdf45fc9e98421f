"""Hypothetical ranks: a board with one more entry, with other scores, or by other rules. Pure.

Every function takes whole entries, so that metrics and coverage stay together: with a minimum
coverage enforced, the coverage decides what counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from core.benchmark import JUDGE_KEYS, METRIC_KEYS, SCORED_KEYS
from core.model.entries import BOARD_NAMES, BoardName, Entry
from core.model.policy import Policy
from core.model.state import State
from core.ranking.average_rank import order
from core.ranking.board import Board, counted_values, rank_board, shown_board
from core.ranking.coverage import left_out


@dataclass(frozen=True, slots=True)
class RankOf:
    """A rank among `size` models, including the one ranked."""

    rank: int
    size: int


@dataclass(frozen=True, slots=True)
class RunRanks:
    """The ranks of one run: `on_board` by all metrics, on `board`; `judge_free` by the metrics
    without a judge, among the models of both boards."""

    board: BoardName
    on_board: RankOf
    judge_free: RankOf


def ranks_with(board: Board, changed: Iterable[Entry]) -> dict[str, RankOf]:
    """The ranks of the entries in `changed`, by entry id, with all changes applied.

    An entry shown on the board replaces its own row. Any other one, new or hidden, is ranked as
    if it alone were added.
    """
    import numpy as np

    rows = {entry.entry_id: index for index, entry in enumerate(board.entries)}
    changed = tuple(changed)
    ours = counted_values(changed, board.policy)
    values, names = board.values.copy(), [entry.model_name for entry in board.entries]
    added = []
    for entry, own in zip(changed, ours, strict=True):
        row = rows.get(entry.entry_id)
        if row is None:
            added.append((entry, own))
        else:
            values[row], names[row] = own, entry.model_name
    found = order(values, names).rank
    ranks = {
        entry.entry_id: RankOf(int(found[rows[entry.entry_id]]), len(names))
        for entry in changed
        if entry.entry_id in rows
    }
    for entry, own in added:
        rank = order(np.vstack([values, own]), [*names, entry.model_name]).rank[-1]
        ranks[entry.entry_id] = RankOf(int(rank), len(names) + 1)
    return ranks


def rank_with(board: Board, entry: Entry) -> RankOf:
    """The rank of one entry, as given, on a board (see `ranks_with`)."""
    return ranks_with(board, [entry])[entry.entry_id]


def run_ranks(state: State, run: Entry, board: BoardName = "community") -> RunRanks:
    """The ranks of a run's scores, given as the entry that it is or would be."""
    return RunRanks(board, rank_with(shown_board(state, board), run), _judge_free(state, run))


@dataclass(frozen=True, slots=True)
class Ruled:
    """The effect of another policy on a board.

    `moved`: the entries with another rank as (name, rank now, rank then), best then first;
    `left_out`: how many scores do not count now, and then.
    """

    board: BoardName
    moved: tuple[tuple[str, int, int], ...]
    left_out: tuple[int, int]


def ruled_by(state: State, board: BoardName, policy: Policy) -> Ruled:
    """A board of the state as `policy` would rank it."""
    now, then = shown_board(state, board), rank_board(board, state.shown(board), policy)
    moved = tuple(
        (one.entry.model_name, old, one.rank)
        for one in then.standings
        if (old := now.by_id[one.entry.entry_id].rank) != one.rank
    )
    return Ruled(board, moved, (_left_out(now), _left_out(then)))


def _left_out(board: Board) -> int:
    return sum(len(left_out(e.metrics, e.coverage, board.policy)) for e in board.entries)


def caption_ranks(state: State, board: BoardName, entry: Entry) -> tuple[RankOf, RankOf]:
    """The entry's ranks among the current others: with the previous judgement (or none), and
    with this one."""
    known = entry.judge_history[-1].metrics if entry.judge_history else dict.fromkeys(JUDGE_KEYS)
    before = msgspec.structs.replace(entry, metrics={**entry.metrics, **known})
    ranked = shown_board(state, board)
    return rank_with(ranked, before), rank_with(ranked, entry)


def _judge_free(state: State, run: Entry) -> RankOf:
    """Each model counts once: the run instead of its other rows, else a verified row."""
    models = {entry.key: entry for board in BOARD_NAMES for entry in state.shown(board)}
    models = {key: entry for key, entry in models.items() if entry.entry_id != run.entry_id}
    models[run.key] = run
    entries = tuple(models.values())
    columns = [METRIC_KEYS.index(key) for key in SCORED_KEYS]
    values = counted_values(entries, state.policy)[:, columns]
    found = order(values, [entry.model_name for entry in entries])
    return RankOf(int(found.rank[list(models).index(run.key)]), len(entries))
