"""Ranks a board repeatedly: a metric with unchanged values keeps its ranks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.ranking.average_rank import best_first, metric_ranks, metric_shares

if TYPE_CHECKING:
    from core.ranking.average_rank import Floats, Integers


class Ranker:
    """Gives the order of core.ranking.average_rank.order, reusing parts of the previous one."""

    def __init__(self) -> None:
        self._values: Floats | None = None
        self._ranks: Integers
        self._shares: Integers
        self._names: Sequence[str] = ()
        self._order: Integers | None = None

    def best_first(self, values: "Floats", names: Sequence[str]) -> "Integers":
        """The rows of a board (n, metrics), best first, with one name per row. Keeps and changes
        neither."""
        import numpy as np  # not needed by programs that only read the boards

        known = self._values
        if known is None or known.shape != values.shape:
            self._ranks = metric_ranks(values)
            self._shares = np.asfortranarray(metric_shares(values))  # faster to add up, like ranks
            self._order = None
        else:
            # Bit by bit, so that a missing value equals another one.
            other = values.view(np.int64) != known.view(np.int64)
            changed = np.unique(np.flatnonzero(other) % values.shape[-1])
            if changed.size:
                self._ranks[:, changed] = metric_ranks(values[:, changed])
                self._shares[:, changed] = metric_shares(values[:, changed])
                self._order = None
        if self._order is None or self._names != names:
            self._order = best_first(self._ranks, self._shares, names)
        self._values, self._names = values.copy(), list(names)
        return self._order
