"""The ranking rule: average rank, with its tie-breaks. Arrays in, ranks out.

`RULE` and `TIE_BREAKS` describe the rule in words, `order` implements it. (The original also has
the smaller sum of ranks, which cannot differ between equal averages.) Checked against
tests/data/ranking.json.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

RULE: Final = (
    "Each board is ranked separately. In each metric the highest value has rank 1; equal values "
    "share the smaller rank (1, 2, 2, 4); a missing value ranks below all others. An entry’s "
    "**average rank** is the mean of its ranks in all metrics, and the lowest average ranks first."
)
RULE_IN_SHORT: Final = (
    "Mean of the entry’s ranks in all metrics, within this board; a missing value ranks last. It "
    "decides the rank."
)
# The tie-breaks between equal averages, in this order.
TIE_BREAKS: Final = (
    "more metrics at rank 1",
    "the larger sum of value divided by the metric’s largest value on the board",
    "the model’s name",
)

# Values are compared as whole billionths, so that floating-point noise does not matter.
_UNITS = 1e9
# So are sums of shares, since integer addition does not depend on the order. Each share is in units
# of 2**-48; the last 8 bits of the sum are only rounding errors.
_SHARE_UNITS, _NOISE_BITS = 2.0**48, 8


@dataclass(frozen=True, slots=True)
class Order:
    """Boards in order; every array has the shape (n,) of one board or (boards, n) of a stack.

    `order` holds row numbers, best first. `rank` (1 to n, without gaps) and `average` (the
    average rank, 1 to n; NaN without any metric) are those of the row in the same position of
    the input.
    """

    order: "Integers"
    rank: "Integers"
    average: "Floats"


def order(values: "Floats", names: Sequence[str]) -> Order:
    """Rank one board (n, metrics), or each board of a stack (boards, n, metrics).

    NaN is missing. Values are compared to nine decimals and must be within ±1e4 (the caller rounds:
    boards rank published values). `names`, one per row, are the last tie-break; rows with equal
    names keep their order.
    """
    if values.shape[-2] != len(names):
        raise ValueError(f"{values.shape[-2]} rows of values but {len(names)} names")
    import numpy as np  # imported here, since reading the store and starting a job do not need it

    ranks = metric_ranks(values)
    best = best_first(ranks, metric_shares(values), names)
    n, metrics = ranks.shape[-2:]
    rank = np.empty_like(best)
    np.put_along_axis(rank, best, np.arange(1, n + 1), axis=-1)
    sums = ranks.sum(axis=-1)
    average = sums / metrics if metrics else np.full(sums.shape, np.nan)
    return Order(best, rank, average)


def best_first(ranks: "Integers", shares: "Integers", names: Sequence[str]) -> "Integers":
    """Row numbers, best first, from the `metric_ranks` and `metric_shares` of the values."""
    import numpy as np

    keys = _keys(ranks, shares)
    found: Integers = np.lexsort(keys[::-1])
    tied = _tied_rows(found, keys)
    if not tied:
        return found
    by_name = np.zeros(ranks.shape[-2], dtype=np.int64)
    by_name[sorted(tied, key=names.__getitem__)] = np.arange(len(tied))
    keys.append(np.broadcast_to(by_name, found.shape))
    return np.lexsort(keys[::-1])


@dataclass(frozen=True, slots=True)
class Decision:
    """Why one entry ranks before another.

    `number` is 0 for the average rank, else the tie-break's number in TIE_BREAKS, from 1;
    `upper` and `lower` are the compared values: average ranks, numbers of first ranks, or sums of
    shares. 0 if the names decided.
    """

    number: int
    upper: float = 0.0
    lower: float = 0.0


def decision(values: "Floats", upper: int, lower: int) -> Decision:
    """Why row `upper` of one board (n, metrics) ranks before row `lower`."""
    keys = _keys(metric_ranks(values), metric_shares(values))
    units = (values.shape[-1], 1, _SHARE_UNITS / (1 << _NOISE_BITS))  # shares are not negative
    for number, (key, unit) in enumerate(zip(keys, units, strict=True)):
        if key[upper] != key[lower]:
            return Decision(number, abs(key[upper] / unit), abs(key[lower] / unit))
    return Decision(len(TIE_BREAKS))


def metric_ranks(values: "Floats") -> "Integers":
    """Each row's rank within each metric, in the shape of `values` (…, n, metrics).

    Missing values share the rank below all present ones.
    """
    import numpy as np

    n = values.shape[-2]
    row_bits = n.bit_length()
    # One integer per cell, the value in the high bits and the row in the low ones: faster than
    # argsort.
    cells = np.rint(np.swapaxes(values, -1, -2) * -_UNITS, order="C")
    cells[np.isnan(cells)] = 2.0 ** (62 - row_bits)
    keys = cells.astype(np.int64)
    keys <<= row_bits
    keys |= np.arange(n)
    keys.sort(axis=-1)
    rows = keys & ((1 << row_bits) - 1)
    keys >>= row_bits
    first = np.ones_like(keys)
    np.multiply(keys[..., 1:] != keys[..., :-1], np.arange(2, n + 1), out=first[..., 1:])
    np.maximum.accumulate(first, axis=-1, out=first)
    ranks = np.empty_like(first)
    np.put_along_axis(ranks, rows, first, axis=-1)
    return np.swapaxes(ranks, -1, -2)


def metric_shares(values: "Floats") -> "Integers":
    """Value / largest value on the board within each metric, in units of 2**-48, in the shape of
    `values` (…, n, metrics).

    0 for a missing value, or if the metric's largest value is not positive.
    """
    import numpy as np

    largest = np.fmax.reduce(values, axis=-2, keepdims=True, initial=0.0)
    shares = np.nan_to_num(values) / np.where(largest > 0, largest, np.inf)
    found: Integers = np.rint(shares * _SHARE_UNITS).astype(np.int64)
    return found


def _keys(ranks: "Integers", shares: "Integers") -> "list[Integers]":
    """The sort keys of a board before the names: the sum of ranks, then those of TIE_BREAKS,
    ascending."""
    return [ranks.sum(axis=-1), -(ranks == 1).sum(axis=-1), -_sum_of_shares(shares)]


def _sum_of_shares(shares: "Integers") -> "Integers":
    """Sum over the metrics, in units of 2**-40."""
    sums: Integers = shares.sum(axis=-1)
    return sums + (1 << (_NOISE_BITS - 1)) >> _NOISE_BITS


def _tied_rows(order: "Integers", keys: "Sequence[Integers]") -> list[int]:
    """The rows that equal another row of their board in all keys."""
    import numpy as np

    equal = np.ones(order[..., 1:].shape, dtype=bool)
    for key in keys:
        in_order = np.take_along_axis(key, order, axis=-1)
        equal &= in_order[..., 1:] == in_order[..., :-1]
        if not equal.any():
            return []
    rows: list[int] = np.union1d(order[..., 1:][equal], order[..., :-1][equal]).tolist()
    return rows
