"""What a view of the Explore section is made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.publish.explore.marks import Chart
from core.publish.explore.models import Model


@dataclass(frozen=True, slots=True)
class Field:
    """The models that a view is made from: `drawn` of those that the filters leave, best first.

    `all` are those of the whole board, by which ranks and baselines stand. `colours` are numbers of
    colours by entry id.
    """

    all: tuple[Model, ...]
    drawn: tuple[Model, ...]
    colours: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Made:
    """A view ready to be shown: the question that it answers, how to read it, the chart.

    `chart` is None where there is nothing to draw, and `note` says why.
    """

    question: str
    note: str
    chart: Chart | None
