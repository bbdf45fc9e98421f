"""Sentences on a model's rank, for its page. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

import humanize

from core.model.entries import BoardName
from core.model.statistics import EntryFigures, MetricFigures, PairMetric
from core.publish.exports import TITLES
from core.publish.numbers import count, fixed
from core.publish.sentences import Named, Sentence, listed
from core.ranking.average_rank import TIE_BREAKS, Decision
from core.ranking.why import Neighbour, Place, Why

_STRONGEST: Final = 3
_WEAKEST: Final = 2


def standing(why: Why, board: BoardName, figures: EntryFigures | None) -> str:
    """Rank, board and average rank, with the ranks that the data allow, if known."""
    place = f"{humanize.ordinal(why.standing.rank)} of {count(why.size, 'model')}"
    average = fixed(why.standing.average_rank, 2)
    text = f"{place} on the {TITLES[board]} board, average rank {average}"
    return f"{text}{f'; {ranks_text(figures)}' if figures and figures.rank_set else ''}."


def ranks_text(figures: EntryFigures) -> str:
    """The ranks that the data allow, as part of a sentence; empty if unknown."""
    if figures.rank_set is None:
        return ""
    best, worst = figures.rank_set
    if best == worst:
        return "this test set allows no other rank"
    first = ", so it may be first" if figures.may_be_first and best == 1 else ""
    return f"this test set allows ranks {best} to {worst}{first}"


def profile(why: Why) -> str:
    """A model's strongest and weakest metrics, in one sentence.

    Metrics are compared by the share of models ranked above; ties are in the metrics' order.
    """
    present = [place for place in why.places if place.value is not None]
    if not present:
        return "No metric counts yet."
    if why.size == 1:
        return "It is the only model on this board."
    if all(place.rank == 1 for place in present):
        return f"First in {_all_of(present, why)}."
    ordered = sorted(present, key=_from_the_top)
    if len(ordered) == 1:
        return f"Only one metric counts: {_told(ordered)}."
    strong = ordered[: min(_STRONGEST, len(ordered) - 1)]
    rest = ordered[len(strong) :]
    # The weakest first, as the strongest are first in the other list.
    weak = sorted(rest, key=_from_the_top, reverse=True)[: min(_WEAKEST, len(rest))]
    if _from_the_top(strong[0]) == _from_the_top(weak[0]):
        return f"Equally placed in {_all_of(present, why)}: {_place(strong[0])}."
    return f"Strongest: {_told(strong)}; weakest: {_told(weak)}."


def _from_the_top(place: Place) -> float:
    return (place.rank - 1) / max(place.of - 1, 1)


def _all_of(present: Sequence[Place], why: Why) -> str:
    if len(present) == len(why.places):
        return f"all {len(present)} metrics"
    return f"all {count(len(present), 'metric')} that count"


def _told(places: Sequence[Place]) -> str:
    return ", ".join(f"{place.metric.name} ({_place(place)})" for place in places)


def _place(place: Place) -> str:
    return f"{humanize.ordinal(place.rank)} of {place.of}"


def one_reason(figures: Mapping[str, MetricFigures] | Mapping[str, PairMetric]) -> str:
    """Why no metric has an interval, if there is a single reason; empty if any has one."""
    reasons = {one.reason for one in figures.values()}
    if len(reasons) != 1 or any(one.interval is not None for one in figures.values()):
        return ""
    return reasons.pop()


def total(why: Why) -> str:
    """How the average rank is computed: the ranks, their sum, the division."""
    ranks = [place.rank for place in why.places]
    average = fixed(why.standing.average_rank, 2)
    return f"{' + '.join(map(str, ranks))} = {why.total}; {why.total} / {len(ranks)} = {average}."


def missing(why: Why) -> str:
    """The effect of metrics without a value on the rank; empty if there are none."""
    names = [place.metric.name for place in why.places if place.value is None]
    if not names:
        return ""
    return f"No value counts in {listed(names)}: there it ranks below all models that have one."


def neighbours(why: Why) -> tuple[Sentence, ...]:
    """The entries one rank above and below, with the gap or the tie-break that decided."""
    found = []
    if why.above:
        found.append(_neighbour("One rank above", why.above, "lower"))
    if why.below:
        found.append(_neighbour("One rank below", why.below, "higher"))
    return tuple(found)


def reasons(why: Why) -> tuple[Sentence, ...]:
    """Why a model has its rank: the ranks, missing values, the neighbours."""
    ranks: list[Sentence] = [(f"The ranks in all metrics: {total(why)}",)]
    if told := missing(why):
        ranks.append((told,))
    return (*ranks, *neighbours(why))


def _neighbour(where: str, other: Neighbour, way: str) -> Sentence:
    name, found = Named(other.entry.model_name, other.entry.entry_id), other.decision
    if found.number == 0:
        distance = fixed(abs(found.upper - found.lower), 2)
        return (f"{where}: ", name, f", whose average rank is {distance} {way}.")
    return (f"{where}: ", name, f", with the same average rank. {tie_break(found)}")


def tie_break(found: Decision) -> str:
    """The tie-break that decided, with the values compared."""
    rule = TIE_BREAKS[found.number - 1]
    compared = {
        1: f" ({found.upper:.0f} against {found.lower:.0f})",
        2: f" ({_apart(found.upper, found.lower)})",
    }
    return f"Decided by tie-break {found.number}: {rule}{compared.get(found.number, '')}."


def _apart(upper: float, lower: float) -> str:
    """Two sums with enough decimals to see the difference, at least three."""
    digits = 3
    while digits < 12 and fixed(upper, digits) == fixed(lower, digits):
        digits += 1
    return f"{fixed(upper, digits)} against {fixed(lower, digits)}"
