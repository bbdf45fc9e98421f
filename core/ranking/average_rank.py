"""Average rank over the metrics, with its tie-breaks. Values in, ranks out.

Per metric: rank 1 is the highest value, ties share the smaller rank, a missing
value ranks below all present ones. The average over the metrics decides, lower
is better; ties go by more metrics at rank 1, then by the larger sum of
value / largest value on the board, then by name. (The original also names the
sum of ranks; it cannot differ where the average does not.)
Checked against tests/data/ranking.json.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.benchmark import METRIC_KEYS
from core.model.entries import Entry, rounded

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

Values = Mapping[str, float | None]
_LAST_NAME = "\U0010ffff"  # sorts behind every name


@dataclass(frozen=True, slots=True)
class Ranked:
    """Where the row at `index` of the input stands: `rank` 1, 2, 3, … without gaps."""

    index: int
    rank: int
    average_rank: float


@dataclass(frozen=True, slots=True)
class Place:
    """The place a new row would take; `size` counts it."""

    rank: int
    size: int


def per_metric_ranks(
    values: Sequence[Values], keys: Sequence[str] = METRIC_KEYS
) -> list[dict[str, int | None]]:
    """For display: each row's rank within each metric; None where the value is missing."""
    columns = {key: _column(values, key) for key in keys}
    ranks = {key: _column_ranks(column) for key, column in columns.items()}
    return [
        {key: None if columns[key][i] is None else ranks[key][i] for key in keys}
        for i in range(len(values))
    ]


def rank(
    values: Sequence[Values], names: Sequence[str], keys: Sequence[str] = METRIC_KEYS
) -> list[Ranked]:
    """Rows in order, best first. `values` and `names` go together by position.

    Missing, None and NaN are the same. Without any key, every average is NaN.
    """
    if len(values) != len(names):
        raise ValueError(f"{len(values)} rows of values but {len(names)} names")
    columns = [_column(values, key) for key in keys]
    ranks = list(zip(*map(_column_ranks, columns), strict=True)) or [()] * len(values)
    shares = list(zip(*map(_shares, columns), strict=True)) or [()] * len(values)

    def order(i: int) -> tuple[int, int, float, str, int]:
        firsts = sum(place == 1 for place in ranks[i])
        return (sum(ranks[i]), -firsts, -math.fsum(shares[i]), names[i], i)

    return [
        Ranked(i, position, sum(ranks[i]) / len(keys) if keys else math.nan)
        for position, i in enumerate(sorted(range(len(values)), key=order), start=1)
    ]


def rank_entries(
    entries: Sequence[Entry],
    keys: Sequence[str] = METRIC_KEYS,
    counted: Sequence[Values] | None = None,
) -> list[tuple[Ranked, Entry]]:
    """One board in order, best first; `counted` are the values that count, if not all do."""
    values = [e.metrics for e in entries] if counted is None else counted
    found = rank(values, [e.model_name for e in entries], keys)
    return [(ranked, entries[ranked.index]) for ranked in found]


def place(
    entries: Sequence[Entry],
    metrics: Values,
    keys: Sequence[str] = METRIC_KEYS,
    name: str = _LAST_NAME,
) -> Place:
    """The rank that `metrics` would have among `entries`; without a name, last of equals."""
    values: list[Values] = [entry.metrics for entry in entries]
    found = rank([*values, metrics], [*(entry.model_name for entry in entries), name], keys)
    return Place(next(r.rank for r in found if r.index == len(entries)), len(found))


def rank_table(frame: "pd.DataFrame") -> "pd.DataFrame":
    """The rows in order with columns `rank` and `average_rank` added or replaced.

    A metric column that is not there counts as missing; so does what is no number.
    """
    import pandas as pd  # here, so that job processes start without it

    columns = {
        key: pd.to_numeric(frame[key], errors="coerce").tolist()
        for key in METRIC_KEYS
        if key in frame.columns
    }
    values = [{key: columns[key][i] for key in columns} for i in range(len(frame))]
    names = (
        [str(n) for n in frame["model_name"]]
        if "model_name" in frame.columns
        else [""] * len(values)
    )
    found = rank(values, names)
    ordered = frame.iloc[[ranked.index for ranked in found]].reset_index(drop=True)
    return ordered.assign(
        rank=pd.Series([ranked.rank for ranked in found], dtype="int64"),
        average_rank=pd.Series([ranked.average_rank for ranked in found], dtype="float64"),
    )


def _column(values: Sequence[Values], key: str) -> list[float | None]:
    return [rounded(row.get(key)) for row in values]


def _column_ranks(column: Sequence[float | None]) -> list[int]:
    """Rank of each value; missing ones share the rank below all present ones."""
    first: dict[float, int] = {}
    present = sorted((value for value in column if value is not None), reverse=True)
    for position, value in enumerate(present, start=1):
        first.setdefault(value, position)
    return [len(present) + 1 if value is None else first[value] for value in column]


def _shares(column: Sequence[float | None]) -> list[float]:
    """Each value / the largest; 0 for missing ones and where the largest is not positive."""
    largest = max((value for value in column if value is not None), default=0.0)
    if largest <= 0:
        return [0.0] * len(column)
    return [0.0 if value is None else value / largest for value in column]


# Values are compared as whole billionths, so that noise in the last bit decides nothing.
_UNITS = 1e9
# Sums of shares as well: integers do not depend on the order in which they are added. Each share
# is taken in units of 2**-48; the last 8 bits of the sum hold no more than their rounding.
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

    NaN is missing. Values are compared to nine decimals and must lie within ±1e4 (their number of
    decimals is the caller's choice: boards rank what they publish). `names`, one a row, decide
    where nothing else does; rows that are equal in name too keep their order.
    """
    import numpy as np  # here, so that reading the store and starting a job do without it

    n, metrics = values.shape[-2:]
    if n != len(names):
        raise ValueError(f"{n} rows of values but {len(names)} names")
    ranks = metric_ranks(values)
    sums = ranks.sum(axis=-1)
    places = sums * (metrics + 1) - (ranks == 1).sum(axis=-1)
    shares = _sum_of_shares(values)
    best_first = np.lexsort((-shares, places))
    if _any_equal(best_first, places, shares):
        by_name = np.empty(n, dtype=np.int64)
        by_name[sorted(range(n), key=names.__getitem__)] = np.arange(n)
        best_first = np.lexsort((np.broadcast_to(by_name, places.shape), -shares, places))
    rank = np.empty_like(best_first)
    np.put_along_axis(rank, best_first, np.arange(1, n + 1), axis=-1)
    average = sums / metrics if metrics else np.full(sums.shape, np.nan)
    return Order(best_first, rank, average)


def metric_ranks(values: "Floats") -> "Integers":
    """Each row's rank within each metric, in the shape of `values` (…, n, metrics).

    Missing values share the rank below all present ones.
    """
    import numpy as np

    n = values.shape[-2]
    row_bits = n.bit_length()
    # One integer a cell, value above row number: sorting those is faster than numpy's argsort.
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


def _sum_of_shares(values: "Floats") -> "Integers":
    """Sum over the metrics of value / largest value on the board, in units of 2**-40.

    A missing value adds nothing, nor does a metric whose largest value is not positive.
    """
    import numpy as np

    largest = np.fmax.reduce(values, axis=-2, keepdims=True, initial=0.0)
    shares = np.nan_to_num(values) / np.where(largest > 0, largest, np.inf)
    sums: Integers = np.rint(shares * _SHARE_UNITS).astype(np.int64).sum(axis=-1)
    return sums + (1 << (_NOISE_BITS - 1)) >> _NOISE_BITS


def _any_equal(best_first: "Integers", *keys: "Integers") -> bool:
    """Whether rows that follow each other are equal in all keys."""
    import numpy as np

    equal = np.ones(best_first[..., 1:].shape, dtype=bool)
    for key in keys:
        found = np.take_along_axis(key, best_first, axis=-1)
        equal &= found[..., 1:] == found[..., :-1]
    return bool(equal.any())
