"""Ranks a board repeatedly: a metric with unchanged values keeps its ranks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.ranking.average_rank import Order, metric_ranks, metric_shares, order_by

if TYPE_CHECKING:
    from core.ranking.average_rank import Floats, Integers


class Ranker:
    """Gives the result of core.ranking.average_rank.order, reusing parts of the previous one."""

    def __init__(self) -> None:
        self._values: Floats | None = None
        self._ranks: Integers
        self._shares: Integers
        self._names: Sequence[str] = ()
        self._order: Order | None = None

    def order(self, values: "Floats", names: Sequence[str]) -> Order:
        """Rank a board (n, metrics) with one name per row. Keeps and changes neither."""
        import numpy as np  # not needed by programs that only read the boards

        known = self._values
        if known is None or known.shape != values.shape:
            self._ranks, self._shares = metric_ranks(values), metric_shares(values)
            self._order = None
        else:
            # Bit by bit, so that a missing value equals another one.
            other = values.view(np.int64) != known.view(np.int64)
            changed = np.flatnonzero(other.any(axis=0))
            if changed.size:
                self._ranks[:, changed] = metric_ranks(values[:, changed])
                self._shares[:, changed] = metric_shares(values[:, changed])
                self._order = None
        if self._order is None or self._names != names:
            self._order = order_by(self._ranks, self._shares, names)
        self._values, self._names = values.copy(), list(names)
        return self._order
