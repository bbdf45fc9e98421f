"""One metric of several models over the same recordings, computed under any weights. Pure.

Arrays in, arrays out. `weights` have the shape (units, draws): how often each unit counts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.benchmark import JUDGE_KEYS
from core.ranking.columns import Columns
from core.ranking.units import Unit

if TYPE_CHECKING:
    from core.ranking.average_rank import Floats, Integers

    # For one group in every draw: sums of scores and their counts, (draws, models x cells), and its
    # records, (draws, 1).
    Sums = tuple[Floats, Floats, Floats]


@dataclass(frozen=True, slots=True)
class Rule:
    """How a metric is computed from its cells (docs/evaluation.md).

    by_source: a value for each source, then their mean, weighted by the source's number of records
    if `by_records`; otherwise all sources are one. A value is the mean of the cells with a score;
    without any it is 0, or missing if `absent`.
    """

    by_source: bool = False
    by_records: bool = False
    absent: bool = False


RULES: Final = {
    "cvs_acc": Rule(by_source=True),
    "sa_acc": Rule(by_source=True),
    "dvc_f1": Rule(by_source=True, by_records=True),
    "dvc_llm": Rule(by_source=True, by_records=True, absent=True),
    **{key: Rule(absent=True) for key in JUDGE_KEYS if key != "dvc_llm"},
}


def rule_of(key: str) -> Rule:
    """The rule of a metric: by default the mean over all scored records."""
    return RULES.get(key, Rule())


@dataclass(frozen=True, eq=False)
class Stack:
    """One metric of the `models` that have it; `u` units, `c` cells.

    rows: the models' rows on the board. units: sorted, by source. records (u,). sums, counts:
    (u, models, c). index, scores: for each model, the records with a score.
    """

    key: str
    rows: "Integers"
    units: tuple[Unit, ...]
    records: "Floats"
    sums: "Floats"
    counts: "Floats"
    index: "tuple[Integers, ...]" = ()
    scores: "tuple[Floats, ...]" = ()

    @property
    def groups(self) -> list[slice]:
        """The slices of units with a value of their own: each source, or all as one."""
        if rule_of(self.key).by_source:
            return [part for _, part in self.sources]
        return [slice(0, len(self.units))]

    @property
    def sources(self) -> list[tuple[str, slice]]:
        """Each source with its slice of units."""
        names = [unit.source for unit in self.units]
        return [
            (name, slice(names.index(name), names.index(name) + names.count(name)))
            for name in dict.fromkeys(names)
        ]


def stack(key: str, models: Sequence[Columns | None]) -> Stack | None:
    """The stack of a metric over the models with columns for it; None without any.

    `models` are the rows of a board; all are scored on one truth.
    """
    import numpy as np

    found = [(n, one[key]) for n, one in enumerate(models) if one and key in one]
    if not found:
        return None
    units = sorted({unit for _, one in found for unit in one.units})
    cells = sorted({cell for _, one in found for cell in one.cells})
    at, column = ({one: n for n, one in enumerate(every)} for every in (units, cells))
    records = np.zeros(len(units))
    sums, counts = np.zeros((2, len(units), len(found), len(cells)))
    for model, (_, one) in enumerate(found):
        place = np.array([at[unit] for unit in one.units])
        records[place] = np.maximum(records[place], one.records)
        if one.cells:
            where = place[:, None], model, np.array([column[cell] for cell in one.cells])
            sums[where], counts[where] = one.sums, one.counts
    return Stack(
        key,
        np.array([n for n, _ in found]),
        tuple(Unit(*unit) for unit in units),
        records,
        sums,
        counts,
        tuple(np.array(one.index, dtype=np.int64) for _, one in found),
        tuple(np.array(one.scores) for _, one in found),
    )


def values(stack: Stack, weights: "Floats | None" = None) -> "Floats":
    """The metric of every model, (draws, models); NaN if missing. No draw is left out: a source
    without scores counts as the metric's definition says.

    Without weights every unit counts once: one draw, the published value.
    """
    import numpy as np

    if weights is None:
        weights = np.ones((len(stack.units), 1))

    def sums() -> "Iterator[Sums]":
        for part in stack.groups:
            weight = weights[part].T
            yield tuple(  # type: ignore[misc]
                weight @ one[part].reshape(weight.shape[1], -1)
                for one in (stack.sums, stack.counts, stack.records)
            )

    return combined(stack, sums())


def combined(stack: Stack, sums: "Iterable[Sums]") -> "Floats":
    """The metric, (draws, models), from the sums of its groups of sources (`Stack.groups`)."""
    import numpy as np

    rule = rule_of(stack.key)
    total: Floats | float = 0.0
    shares: Floats | float = 0.0
    for scores, counts, records in sums:
        value = _mean_of_cells(scores, counts, stack.sums.shape[1])
        share = records if rule.by_records else 1.0
        missing = np.isnan(value)
        shares = shares + (np.where(missing, 0.0, share) if rule.absent else share)
        total = total + np.where(missing, 0.0, value) * share
    with np.errstate(invalid="ignore"):
        return np.asarray(total / shares)  # 0 / 0: nothing is graded


def _mean_of_cells(scores: "Floats", counts: "Floats", models: int) -> "Floats":
    """The mean of the cells with a score, (draws, models); NaN without any."""
    import numpy as np

    cells = scores.shape[1] // models
    if not cells:
        return np.full((len(scores), models), np.nan)
    with np.errstate(invalid="ignore"):
        ratio: Floats = scores / counts
        if cells == 1:
            return ratio
        ratio = ratio.reshape(len(scores), models, cells)
        scored = ~np.isnan(ratio)
        found: Floats = np.where(scored, ratio, 0.0).sum(axis=-1) / scored.sum(axis=-1)
    return found
