"""Sets of ranks that hold all at once, by a step-down over pairs. Pure, arrays in, arrays out.

Mogstad, Romano, Shaikh, Wilhelm 2024, Review of Economic Studies 91 (doi 10.1093/restud/rdad006):
“j is no better than k” is tested for all ordered pairs together. Hypotheses with a statistic beyond
the critical value, a quantile of the maximum of all statistics, are rejected; the critical value is
recomputed over the rest, and so on (Romano and Wolf 2005, doi 10.1111/j.1468-0262.2005.00615.x). A
model's set excludes the ranks of the models that are distinguishable from it, above and below.
Checked against tests/data/pisa2018_rank_sets.json.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from core.ranking.average_rank import Floats, Integers

_BLOCKS: Final = 48  # blocks of pairs; the largest statistic of each is kept
_AT_ONCE: Final = 1 << 20  # statistics at once, 4 MB as single precision


def rank_sets(
    values: "Floats",
    statistics: "Floats",
    errors: "Floats",
    draws: "npt.NDArray[np.floating]",
    alpha: float = 0.05,
) -> "Integers":
    """Best and worst rank of each model, (models, 2), simultaneous at level 1 - alpha.

    values (models,): larger is better. statistics, errors (pairs,), for each pair in the order of
    numpy.triu_indices(models, 1): |difference| / error on the scale of the draws, and the standard
    error of the difference; 0 if no draw moves the pair. draws (draws, models): values drawn
    around 0.
    """
    import numpy as np

    models = len(values)
    if models < 2:
        return np.ones((models, 2), dtype=np.int64)
    a, b = np.triu_indices(models, 1)
    order = np.argsort(-statistics, kind="stable")
    a, b = a[order], b[order]
    first = values[a] >= values[b]
    better, worse = np.where(first, a, b), np.where(first, b, a)
    with np.errstate(divide="ignore"):
        scale = np.where(errors > 0, 1 / errors, 0.0)[order]
    apart = _told_apart(statistics[order], (better, worse, scale), draws, alpha)
    best = 1 + np.bincount(worse[:apart], minlength=models)
    worst = models - np.bincount(better[:apart], minlength=models)
    return np.stack([best, worst], axis=1)


def holding(sets: "Integers", ranks: "Integers") -> "Integers":
    """The sets, widened where necessary to include the displayed rank, (models,)."""
    import numpy as np

    return np.stack([np.minimum(sets[:, 0], ranks), np.maximum(sets[:, 1], ranks)], axis=1)


def tiers(sets: "Integers") -> "Integers":
    """The tier of each model, from 1: sets that overlap, directly or through others, are in one
    tier, so that the order of tiers is certain."""
    import numpy as np

    order = np.argsort(sets[:, 0], kind="stable")
    best, worst = sets[order].T
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = best[1:] > np.maximum.accumulate(worst)[:-1]
    found = np.empty(len(order), dtype=np.int64)
    found[order] = np.cumsum(begins)
    return found


def _told_apart(
    statistics: "Floats",
    pairs: tuple["Integers", "Integers", "Floats"],
    draws: "npt.NDArray[np.floating]",
    alpha: float,
) -> int:
    """How many pairs, the most different first, are distinguishable; `pairs` are the better model
    of each, the worse one, and the factor for their difference.

    The rejected hypotheses are always the first pairs in their own direction; the remaining ones
    are both directions of the later pairs and the opposite direction of the first. The largest
    statistic of each block is therefore computed once, and a step recomputes only one block.
    """
    import numpy as np

    count = len(statistics)
    by_model = np.ascontiguousarray(draws.T, dtype=np.float32)
    scale = pairs[2].astype(np.float32)
    zero = np.zeros(by_model.shape[1], dtype=np.float32)
    step = max(1, _AT_ONCE // len(zero))

    def largest(begin: int, end: int) -> "tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]":
        """For each draw, the largest statistic of pairs begin to end, in both directions."""
        up, down = zero, zero
        for at in range(begin, end, step):
            part = slice(at, min(at + step, end))
            gap = by_model[pairs[0][part]]
            gap -= by_model[pairs[1][part]]
            gap *= scale[part, None]
            up, down = np.maximum(up, gap.max(axis=0)), np.maximum(down, -gap.min(axis=0))
        return up, down

    size = max(1, -(-count // _BLOCKS))
    starts = range(0, count, size)
    blocks = [largest(at, min(at + size, count)) for at in starts]
    later = [zero]  # both directions of all blocks from a given one on, the last block first
    for up, down in reversed(blocks):
        later.append(np.maximum(later[-1], np.maximum(up, down)))
    later.reverse()
    earlier = [zero]  # the other direction of all earlier blocks
    for _, down in blocks:
        earlier.append(np.maximum(earlier[-1], down))
    told = 0
    while told < count:
        block = told // size
        here, end = block * size, min((block + 1) * size, count)
        remaining = np.maximum(earlier[block], later[block + 1])
        remaining = np.maximum(remaining, largest(here, told)[1])
        remaining = np.maximum.reduce([remaining, *largest(told, end)])
        critical = float(np.quantile(remaining, 1 - alpha))
        beyond = int(np.searchsorted(-statistics, -critical, side="left"))
        if beyond <= told:
            break
        told = beyond
    return told
