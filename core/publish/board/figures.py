"""A board's statistics in words: rank sets, tiers, intervals. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from core.benchmark import Metric
from core.model.statistics import BoardStatistics, MetricFigures, Range
from core.publish.address import AVERAGE_RANK
from core.publish.numbers import count, ends, fixed
from core.ranking.board import Standing

COMPUTING: Final = "Intervals are being computed."  # shown until the figures are ready
_NONE: Final = MetricFigures()
# By whether the rows above and below belong to the same bracket.
_BRACKET: Final = {
    (False, False): "",
    (False, True): "ta",
    (True, True): "tb",
    (True, False): "tc",
}


def caption_note(figures: BoardStatistics | None) -> str:
    """One sentence on a board's statistics: why there are none, or what they do not include."""
    if figures is None:
        return COMPUTING
    if not any(entry.rank_set for entry in figures.entries.values()):
        return figures.reason
    if not figures.without:
        return ""
    models = count(len(figures.without), "model")
    return f"{models} without sample scores: no interval, and their uncertainty is not in any set."


def detectable_note(figures: BoardStatistics | None, key: str) -> str:
    """The smallest difference in a metric that the test set detects; empty if unknown."""
    found = figures.metrics.get(key) if figures else None
    if found is None or found.detectable is None:
        return ""
    return (
        f"Two models that differ by {fixed(found.detectable, 2)} are typically told apart: in 80 "
        "of 100 such test sets, at 5 %."
    )


def span(found: Range) -> str:
    """A set of ranks.

    >>> span((1, 3)), span((2, 2))
    ('1–3', '2')
    """
    best, worst = found
    return f"{best}–{worst}" if best != worst else str(best)


def rank_set(figures: BoardStatistics | None, standing: Standing) -> str:
    """The ranks that the data allow, in brackets; empty if unknown."""
    entry = figures.entries.get(standing.entry.entry_id) if figures else None
    return f"({span(entry.rank_set)})" if entry and entry.rank_set else ""


def rank_words(figures: BoardStatistics | None, standing: Standing, models: int) -> str:
    """The rank, its set, and whether the model may be first, in words; empty without statistics."""
    entry = figures.entries.get(standing.entry.entry_id) if figures else None
    if entry is None:
        return ""
    if not entry.rank_set:
        return entry.reason
    best, worst = entry.rank_set
    place = f"Rank {standing.rank} of {models}. "
    if best == worst:
        told = "It is distinguishable from all others."
    else:
        told = f"Not distinguishable from others: ranks {best} to {worst} are possible."
    first = " It may be the first." if entry.may_be_first and standing.rank != 1 else ""
    return f"{place}{told}{first}"


def metric_words(figures: BoardStatistics | None, standing: Standing, metric: Metric) -> str:
    """A value's interval, possible ranks and number of records; empty without statistics."""
    entry = figures.entries.get(standing.entry.entry_id) if figures else None
    found = entry.metrics.get(metric.key, _NONE) if entry else _NONE
    told = []
    if found.interval:
        told.append(f"95 % interval {ends(found.interval)}.")
    if found.rank_set:
        best, worst = found.rank_set
        ranks = f"Ranks {best} to {worst} are" if best != worst else f"Only rank {best} is"
        told.append(f"{ranks} possible.")
    if found.interval and found.n and found.units:
        told.append(f"{count(found.n, 'record')} of {count(found.units, 'recording')}.")
    if found.reason:
        told.append(found.reason)
    if found.note:
        told.append(found.note)
    return " ".join(told)


def brackets(
    figures: BoardStatistics | None, shown: Sequence[Standing], sort: str
) -> tuple[str, ...]:
    """For each row, the class that joins it with adjacent rows that are not distinguishable.

    By tiers of the sort column: "ta" starts a bracket, "tb" is within, "tc" ends it;
    "" is a single row. A row whose set of ranks is unknown is single too, unless it is between two
    rows of one tier.
    """
    tiers = _bridged([_tier(figures, standing, sort) for standing in shown])
    found = []
    for index, tier in enumerate(tiers):
        above = tier is not None and index > 0 and tiers[index - 1] == tier
        below = tier is not None and index + 1 < len(tiers) and tiers[index + 1] == tier
        found.append(_BRACKET[above, below])
    return tuple(found)


def _bridged(tiers: Sequence[int | None]) -> list[int | None]:
    """The tiers; an unknown one becomes that of its neighbours if both have the same."""
    found = list(tiers)
    known = [index for index, tier in enumerate(tiers) if tier is not None]
    for before, after in pairwise(known):
        if tiers[before] == tiers[after]:
            found[before:after] = [tiers[before]] * (after - before)
    return found


def _tier(figures: BoardStatistics | None, standing: Standing, sort: str) -> int | None:
    entry = figures.entries.get(standing.entry.entry_id) if figures else None
    if entry is None:
        return None
    found = entry if sort == AVERAGE_RANK else entry.metrics.get(sort)
    return found.tier if found and found.rank_set else None
