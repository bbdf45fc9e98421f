"""The input and the output of a view of the Explore section."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.publish.explore.marks import Chart
from core.publish.explore.models import Model


@dataclass(frozen=True, slots=True)
class Field:
    """The models of a view: `drawn` are those that pass the filters, best first.

    `all` are those of the whole board, which determine ranks and baselines. `colours` are colour
    numbers by entry id.
    """

    all: tuple[Model, ...]
    drawn: tuple[Model, ...]
    colours: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Made:
    """A view ready to be shown: the question it answers, how to read it, the chart.

    `chart` is None if there is nothing to draw; `note` then says why. `hint`: what a reader can do
    on the page, and not in a picture of it.
    """

    question: str
    note: str
    chart: Chart | None
    hint: str = ""
