"""What the Explore charts share: colours, shapes, axes, the form of a chart. Pure.

A chart is Vega-Lite without a width: it takes that of its place. Its data are named datasets, so
that they can be sent in another form than JSON.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from core.publish.chart_axes import INK
from core.publish.explore.models import Model
from core.publish.numbers import DASH, ends

Spec = dict[str, Any]
Rows = list[dict[str, Any]]

# Okabe and Ito (2008), https://jfly.uni-koeln.de/color: stay apart for every kind of colour
# vision. Their black is the theme's text colour; yellow, the palest, comes late.
COLOURS: Final = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", INK,
)  # fmt: skip
# Told apart by shape too.
SHAPES: Final = (
    "circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "triangle-right",
    "triangle-left",
)  # fmt: skip
PINS: Final = len(COLOURS)
GREY: Final = "#8A8A8A"
RULES: Final = "#8A8A8A55"
PICK: Final = "pick"  # the selection that a click makes; its field is the model's id
BRUSH: Final = "brush"
ROW: Final = 32  # px of a model, its name included where it stands above its marks
# In a place as wide as a phone names stand above their marks.
NARROW: Final = {"name": "narrow", "expr": "containerSize()[0] > 0 && containerSize()[0] < 600"}
SHIFT: Final = {"expr": "narrow ? 7 : 0"}  # px, of marks below their names
# A point's unseen edge: with it a finger has the 24 px that it needs.
FINGER: Final = {"stroke": "transparent", "strokeWidth": 12}
UNPINNED: Final = 3  # so many of the best have colours while no model is pinned


class Row(Protocol):
    """What has a row of its own in a chart: a model."""

    @property
    def id(self) -> str:
        """The entry's."""
        ...

    @property
    def label(self) -> str:
        """Its name, short."""
        ...


@dataclass(frozen=True, slots=True)
class Data:
    """A chart's data as a table: cells are text, numbers, or None where undefined."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart, what it shows in words (for those who cannot see it), and its data."""

    spec: Spec
    alt: str
    data: Data


def highlighted(models: Sequence[Model], pins: Sequence[str]) -> dict[str, int]:
    """Which of a board's models, given best first, have a colour, with its number.

    The pinned ones, each by its place among the pins ("" is a free place); while none of them is
    pinned, the best.
    """
    here = {model.id for model in models}
    pinned = {pin: place for place, pin in enumerate(pins[:PINS]) if pin in here}
    return pinned or {model.id: place for place, model in enumerate(models[:UNPINNED])}


def slot(colours: Mapping[str, int], model: Model) -> int:
    """The number of a model's colour; -1: grey."""
    return colours.get(model.id, -1)


def colour(field: str = "slot") -> Spec:
    """A mark's colour by the number of it."""
    scale = {"domain": list(range(-1, PINS)), "range": [GREY, *COLOURS]}
    return {"field": field, "type": "ordinal", "scale": scale, "legend": None}


def shape(field: str = "slot") -> Spec:
    """A point's shape by the number of its colour."""
    scale = {"domain": list(range(-1, PINS)), "range": ["circle", *SHAPES]}
    return {"field": field, "type": "nominal", "scale": scale, "legend": None}


def axis(title: str | None, **more: Any) -> Spec:
    """An axis in the theme's text colour."""
    return {"title": title, "labelColor": INK, "titleColor": INK, "gridColor": RULES, **more}


def name_axis(**more: Any) -> Spec:
    """The axis of models, by id: names at the left, or above the marks where it is narrow."""
    return axis(
        None,
        labelExpr="names[datum.label]",
        labelAlign={"expr": "narrow ? 'left' : 'right'"},
        labelOffset={"expr": f"narrow ? {-(ROW / 2 - 7)} : 0"},
        labelPadding={"expr": "narrow ? 0 : 12"},
        labelFontSize={"expr": "narrow ? 11 : 12"},
        labelLimit=360,
        gridOpacity={"expr": "narrow ? 0 : 1"},  # it would part a name from its mark
        labelOverlap=False,
        labelFlush=False,
        labelBound=False,
        domain=False,
        ticks=False,
        **more,
    )


def by_name(models: Sequence[Row], **more: Any) -> Spec:
    """The encoding of models as rows, in this order."""
    return {
        "field": "id",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": [model.id for model in models]},
        "axis": name_axis(**more),
    }


def right_axis(title: str, texts: str) -> Spec:
    """A column of texts at the right of the rows; `texts` is the parameter that has them by id."""
    return axis(
        title,
        orient="right",
        labelExpr=f"{texts}[datum.label]",
        labelFontSize=11,
        labelOffset=SHIFT,
        labelPadding=6,
        labelOverlap=False,
        labelFlush=False,
        titleAngle=0,
        titleAlign="left",
        titleX=6,
        titleY=-8,
        titleFontStyle="italic",
        titleFontWeight="normal",
        domain=False,
        ticks=False,
        grid=False,
    )


def pick() -> Spec:
    """The parameter by which a click in a chart names a model."""
    return {"name": PICK, "select": {"type": "point", "fields": ["id"], "toggle": False}}


def tips(*pairs: tuple[str, str]) -> list[Spec]:
    """A tooltip: fields of text with their titles."""
    return [{"field": field, "type": "nominal", "title": title} for field, title in pairs]


def chart(
    layer: list[Spec],
    datasets: Mapping[str, Rows],
    models: Sequence[Row],
    height: int | Spec,
    colours: Mapping[str, int],
) -> Spec:
    """The whole specification; `height` in px without the axes. Layers without data are left out.

    `usermeta` names the models that have a number in `colours`, for a legend where one is needed
    (files.printed).
    """
    kept = {name: rows for name, rows in datasets.items() if rows}
    return {
        "layer": [one for one in layer if one["data"].get("name", next(iter(kept), "")) in kept],
        "datasets": kept,
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "params": [NARROW, {"name": "names", "value": {m.id: m.label for m in models}}],
        "config": {"view": {"stroke": None}},
        "usermeta": {"coloured": {str(colours[m.id]): m.label for m in models if m.id in colours}},
    }


def milliseconds(day: str) -> float:
    """An ISO 8601 day as Vega counts time: UTC, in milliseconds since 1970."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000


def range_text(pair: tuple[int, int] | None) -> str:
    """A set of ranks: "1 to 3"; a dash without one."""
    if pair is None:
        return DASH
    return f"{pair[0]}" if pair[0] == pair[1] else f"{pair[0]} to {pair[1]}"


def interval_text(pair: tuple[float, float] | None, reason: str = "") -> str:
    """A 95 % interval; a dash, with the reason, without one."""
    if pair is not None:
        return ends(pair)
    return f"{DASH} {reason}".strip()


def place_text(rank: int | None, of: int) -> str:
    """A rank within a metric: "2 of 10"; in words for a value that does not count."""
    return f"{rank} of {of}" if rank is not None else "none: too few questions to count"
