"""The fewest recordings that the first place depends on. Pure.

The recordings to remove are approximated as by Broderick, Giordano, Meager 2020 (arXiv 2011.14999):
those whose individual removal brings a rival nearest in a smoothed average rank. The result is then
verified with the metrics' definitions and the board's rule, and unnecessary recordings are put
back: the reported number suffices, but a smaller one might.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.benchmark import METRIC_KEYS
from core.model.entries import DECIMALS
from core.ranking.average_rank import order
from core.ranking.columns import Columns
from core.ranking.metric_figures import measured_stack
from core.ranking.stacks import Stack, values
from core.ranking.units import Unit

if TYPE_CHECKING:
    from core.ranking.average_rank import Floats, Integers

_RIVALS: Final = 3  # rivals considered, next in order
# Smoothing widths, in standard deviations of a metric's jackknife deviations.
_WIDTHS: Final = (0.3, 1.0, 3.0)
_AT_ONCE: Final = 100
_PRUNED: Final = 200  # with more, putting single ones back is not worthwhile


@dataclass(frozen=True, slots=True)
class Swap:
    """Without `units` of `of` recordings the model in row `leader` would be first.

    least: whether this is the minimum, which is certain for one and two; otherwise “at most”.
    """

    units: int
    of: int
    leader: int
    least: bool


def fewest_units(
    models: Sequence[Columns | None], board: "Floats", names: Sequence[str]
) -> Swap | None:
    """The fewest recordings found without which row 0 would not lead; None if there are none
    among half of them. `models` and `board` as for `figures`; `names` break ties.
    """
    import numpy as np

    if len(board) < 2:
        return None
    removal = _Removal(models, board, names)
    count = len(removal.units)
    if not count:
        return None
    singles = 1.0 - np.eye(count)
    alone, leaders = [], []
    for begin in range(0, count, _AT_ONCE):
        values_, first = removal.boards(singles[:, begin : begin + _AT_ONCE])
        alone.append(values_)
        leaders.append(first)
    found = np.concatenate(leaders)
    if (found != 0).any():
        return Swap(1, count, int(found[found != 0][0]), least=True)
    best: tuple[int, Integers] | None = None
    for chosen in _orders(removal.exact, np.concatenate(alone)):
        most = min(count // 2, len(chosen), best[0] - 1 if best else count)
        size = removal.first_swap(chosen[:most])
        if size:
            best = size, chosen[:size]
    if best is None:
        return None
    kept = removal.pruned(best[1])
    leader = int(removal.boards(removal.without(kept[None]))[1][0])
    return Swap(len(kept), count, leader, least=len(kept) == 2)


class _Removal:
    """A board recomputed without some recordings."""

    def __init__(
        self, models: Sequence[Columns | None], board: "Floats", names: Sequence[str]
    ) -> None:
        import numpy as np

        self._board, self._names = board, names
        self._stacks: list[tuple[int, Stack]] = []
        for column, key in enumerate(METRIC_KEYS):
            one, _ = measured_stack(key, models, board[:, column])
            if one is not None:
                self._stacks.append((column, one))
        self.units: list[Unit] = sorted({unit for _, one in self._stacks for unit in one.units})
        at = {unit: n for n, unit in enumerate(self.units)}
        self._places = [np.array([at[unit] for unit in one.units]) for _, one in self._stacks]
        self.exact = self.boards(np.ones((len(self.units), 1)))[0][0]

    def boards(self, weights: "Floats") -> tuple["Floats", "Integers"]:
        """Values (draws, rows, metrics) under weights (units, draws), and each draw's leader."""
        import numpy as np

        found = np.repeat(self._board[None], weights.shape[1], axis=0)
        for (column, one), place in zip(self._stacks, self._places, strict=True):
            found[:, one.rows, column] = values(one, weights[place])
        return found, order(found.round(DECIMALS), self._names).order[:, 0]

    def without(self, groups: "Integers") -> "Floats":
        """Weights (units, groups) that leave out each group of units, (groups, n)."""
        import numpy as np

        weights = np.ones((len(self.units), len(groups)))
        np.put_along_axis(weights, groups.T, 0.0, axis=0)
        return weights

    def first_swap(self, chosen: "Integers") -> int:
        """How many of the chosen, in order, must be removed until another leads; 0 if all are not
        enough."""
        import numpy as np

        for begin in range(0, len(chosen), _AT_ONCE):
            sizes = np.arange(begin + 1, min(begin + _AT_ONCE, len(chosen)) + 1)
            weights = np.ones((len(self.units), len(sizes)))
            weights[chosen[: sizes[-1]]] = np.arange(sizes[-1])[:, None] >= sizes
            swapped = np.flatnonzero(self.boards(weights)[1])
            if len(swapped):
                return int(sizes[swapped[0]])
        return 0

    def pruned(self, chosen: "Integers") -> "Integers":
        """The chosen without those that can be put back."""
        import numpy as np

        while 1 < len(chosen) <= _PRUNED:
            fewer = np.array([np.delete(chosen, n) for n in range(len(chosen))])
            swapped = np.flatnonzero(self.boards(self.without(fewer))[1])
            if not len(swapped):
                break
            chosen = fewer[swapped[-1]]
        return chosen


def _orders(exact: "Floats", alone: "Floats") -> "Iterator[Integers]":
    """For each rival and width, the units whose removal brings it nearer, most effective first.

    exact (rows, metrics): the board. alone (units, rows, metrics): without each unit.
    """
    import numpy as np
    from scipy import special

    spread = np.sqrt(np.nansum((alone - exact) ** 2, axis=(0, 1)) / len(exact))
    for width in _WIDTHS:
        scale = np.where(spread > 0, width * spread, 1.0)

        def smooth(board: "Floats", row: int, scale: "Floats" = scale) -> "Floats":
            """A row's smoothed average rank, up to a constant; missing values are far below."""
            filled = np.nan_to_num(board, nan=-100.0)
            ahead = special.ndtr((filled - filled[..., row : row + 1, :]) / scale)
            return np.asarray(ahead.sum(axis=(-1, -2)))

        for rival in range(1, min(len(exact), _RIVALS + 1)):
            now = smooth(exact, 0) - smooth(exact, rival)
            gain = smooth(alone, 0) - smooth(alone, rival) - now
            best_first = np.argsort(-gain, kind="stable")
            yield best_first[gain[best_first] > 0]
