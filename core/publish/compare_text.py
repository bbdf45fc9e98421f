"""The comparison of two models in sentences that can be quoted. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.benchmark import METRICS
from core.model.statistics import PairFigures
from core.publish.numbers import count
from core.publish.text import one_line

Values = Mapping[str, float | None]
NOT_TESTED: Final = "Whether these differences could be chance was not tested."


@dataclass(frozen=True, slots=True)
class Tally:
    """The number of metrics in which a model is better or worse than another, not distinguishable
    (`open`), without a known interval (`untested`), or where one has no value (`missing`)."""

    better: int
    worse: int
    open: int
    untested: int
    missing: int


def tally(a: Values, b: Values, figures: PairFigures | None) -> Tally:
    """The comparison of a with b, metric by metric."""
    known = [m.key for m in METRICS if a.get(m.key) is not None and b.get(m.key) is not None]
    pairs = figures.metrics if figures else {}
    tested = [key for key in known if key in pairs and pairs[key].interval is not None]
    verdicts = [pairs[key].verdict for key in tested]
    return Tally(
        better=verdicts.count("better"),
        worse=verdicts.count("worse"),
        open=verdicts.count("open"),
        untested=len(known) - len(tested),
        missing=len(METRICS) - len(known),
    )


def sentence(a_name: str, b_name: str, a: Values, b: Values, figures: PairFigures | None) -> str:
    """The result of the comparison, in one or two self-contained sentences."""
    found = tally(a, b, figures)
    first, second = one_line(a_name), one_line(b_name)
    if found.missing == len(METRICS):
        return f"{first} and {second} have no metric in common."
    if found.better + found.worse + found.open == 0:
        return f"{_by_value(first, second, a, b)}{_missing(found)}. {NOT_TESTED}"
    better, worse = _metrics(found.better), _none(found.worse)
    text = f"{first} is better than {second} on {better}, worse on {worse}"
    if found.open:
        text += f"; on {found.open} the difference is not distinguishable at this test-set size"
    if found.better + found.worse == 0:
        text = (
            f"{first} and {second} are not distinguishable at this test-set size on any of "
            f"{count(found.open, 'metric')}"
        )
    if found.untested:
        text += f"; on {found.untested} no interval is known"
    return f"{text}{_missing(found)}."


def _by_value(first: str, second: str, a: Values, b: Values) -> str:
    pairs = [(a.get(metric.key), b.get(metric.key)) for metric in METRICS]
    present = [(x, y) for x, y in pairs if x is not None and y is not None]
    higher = sum(x > y for x, y in present)
    lower = sum(x < y for x, y in present)
    same = len(present) - higher - lower
    text = f"{first} scores higher than {second} on {_metrics(higher)}, lower on {_none(lower)}"
    return f"{text}, the same on {same}" if same else text


def _metrics(number: int) -> str:
    return count(number, "metric") if number else "no metric"


def _none(number: int) -> str:
    return str(number or "none")


def _missing(found: Tally) -> str:
    return (
        f"; {found.missing} cannot be compared because a score is missing" if found.missing else ""
    )


def quoted(text: str, where: str, day: str, address: str) -> str:
    """The sentence with its source: the board, the day and the link."""
    return f"{text} ({where}, {day}, {address})"
