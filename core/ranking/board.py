"""A board in rank order: its entries, the metrics that count, and their ranks.

Everything that shows or writes a rank gets it from here, or from core.ranking.what_if. Pure.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from core.benchmark import METRIC_KEYS
from core.model.entries import DECIMALS, BoardName, Entry
from core.model.policy import Policy
from core.model.state import State
from core.model.surplus import withheld
from core.ranking.average_rank import metric_ranks, order
from core.ranking.coverage import counted, low

if TYPE_CHECKING:
    from core.ranking.average_rank import Floats


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry with its rank on its board, and its rank within each metric (None: no value).

    `low` has the metrics based on too few questions, with the share; `tries` is how often the
    team had answers scored, if known.
    """

    entry: Entry
    rank: int
    average_rank: float
    metric_ranks: Mapping[str, int | None]
    low: Mapping[str, float] = field(default_factory=dict)
    tries: int | None = None

    @property
    def not_counted(self) -> tuple[str, ...]:
        """The metrics with a value that has no rank, being from too few questions."""
        values, ranks = self.entry.metrics, self.metric_ranks
        return tuple(k for k in METRIC_KEYS if values.get(k) is not None and ranks[k] is None)


@dataclass(frozen=True, eq=False)
class Board:
    """One board, best first. `policy` decides which metrics count.

    `values` (entries, metrics) are the values that count, in the order of `entries` and of
    core.benchmark.METRIC_KEYS; NaN without a value that counts.
    """

    name: BoardName
    entries: tuple[Entry, ...]
    values: "Floats"
    average_ranks: tuple[float, ...]
    policy: Policy
    tries: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> Mapping[str, "Standing"]:
        """The standings by entry id."""
        return {standing.entry.entry_id: standing for standing in self.standings}

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """The entries with everything that a table shows about their ranks."""
        ranks = metric_ranks(self.values).tolist()
        return tuple(
            Standing(
                entry,
                index + 1,
                self.average_ranks[index],
                {
                    key: None if math.isnan(value) else rank
                    for key, value, rank in zip(METRIC_KEYS, values, ranks[index], strict=True)
                },
                low(entry.metrics, entry.coverage, self.policy),
                self.tries.get(entry.entry_id),
            )
            for index, (entry, values) in enumerate(
                zip(self.entries, self.values.tolist(), strict=True)
            )
        )


def rank_board(
    name: BoardName,
    entries: Sequence[Entry],
    policy: Policy,
    tries: Mapping[str, int] | None = None,
) -> Board:
    """Rank the shown entries of one board; `tries` by entry id."""
    values = counted_values(entries, policy)
    found = order(values, [entry.model_name for entry in entries])
    return Board(
        name,
        tuple(entries[index] for index in found.order),
        values[found.order],
        tuple(found.average[found.order].tolist()),
        policy,
        tries or {},
    )


def shown_board(state: State, name: BoardName, tries: Mapping[str, int] | None = None) -> Board:
    """A board of a state as shown: without hidden entries, by the state's policy."""
    return rank_board(name, state.shown(name), state.policy, tries)


def counted_values(entries: Iterable[Entry], policy: Policy) -> "Floats":
    """The metric values that count, (entries, metrics), as published: three decimals."""
    import numpy as np

    shown = map(withheld, entries)
    rows = [counted(entry.metrics, entry.coverage, policy) for entry in shown]
    cells = [[row.get(key) for key in METRIC_KEYS] for row in rows]
    values = np.array(cells, dtype=np.float64).reshape(len(rows), len(METRIC_KEYS))
    return values.round(DECIMALS)
