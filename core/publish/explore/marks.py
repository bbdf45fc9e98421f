"""Shared by the Explore charts: colours, shapes, axes, the structure of a chart. Pure.

A chart is Vega-Lite without a width, so that it fills its container. Its data are named datasets,
so that they need not be sent as JSON.
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

# Okabe and Ito (2008), https://jfly.uni-koeln.de/color: distinguishable for all kinds of colour
# vision. Their black is replaced by the theme's text colour; yellow, the palest, comes late.
COLOURS: Final = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", INK,
)  # fmt: skip
# Distinguished by shape too.
SHAPES: Final = (
    "circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "triangle-right",
    "triangle-left",
)  # fmt: skip
PINS: Final = len(COLOURS)
GREY: Final = "#8A8A8A"
RULES: Final = "#8A8A8A55"
PICK: Final = "pick"  # the selection made by a click; its field is the model's id
BRUSH: Final = "brush"
ROW: Final = 32  # px per model, including its name if that is above its marks
# In containers as narrow as a phone, names are above their marks.
NARROW: Final = {"name": "narrow", "expr": "containerSize()[0] > 0 && containerSize()[0] < 600"}
SHIFT: Final = {"expr": "narrow ? 7 : 0"}  # px, for marks below their names
# A point's transparent edge, which makes it a 24 px target for fingers.
FINGER: Final = {"stroke": "transparent", "strokeWidth": 12}
UNPINNED: Final = 3  # the number of best models with colours while none is pinned


class Row(Protocol):
    """A row of a chart: a model."""

    @property
    def id(self) -> str:
        """The entry's id."""
        ...

    @property
    def label(self) -> str:
        """Its short name."""
        ...


@dataclass(frozen=True, slots=True)
class Data:
    """A chart's data as a table: cells are text, numbers, or None where undefined."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart, its text alternative, and its data."""

    spec: Spec
    alt: str
    data: Data


def highlighted(models: Sequence[Model], pins: Sequence[str]) -> dict[str, int]:
    """Colour numbers of those of a board's models that have one. Models are given best first.

    The pinned ones, by position among the pins ("" is a free position); if none is
    pinned, the best.
    """
    here = {model.id for model in models}
    pinned = {pin: place for place, pin in enumerate(pins[:PINS]) if pin in here}
    return pinned or {model.id: place for place, model in enumerate(models[:UNPINNED])}


def slot(colours: Mapping[str, int], model: Model) -> int:
    """The number of a model's colour; -1: grey."""
    return colours.get(model.id, -1)


def colour(field: str = "slot") -> Spec:
    """The encoding of a mark's colour by its number."""
    scale = {"domain": list(range(-1, PINS)), "range": [GREY, *COLOURS]}
    return {"field": field, "type": "ordinal", "scale": scale, "legend": None}


def shape(field: str = "slot") -> Spec:
    """The encoding of a point's shape by its colour number."""
    scale = {"domain": list(range(-1, PINS)), "range": ["circle", *SHAPES]}
    return {"field": field, "type": "nominal", "scale": scale, "legend": None}


def axis(title: str | None, **more: Any) -> Spec:
    """An axis in the theme's text colour."""
    return {"title": title, "labelColor": INK, "titleColor": INK, "gridColor": RULES, **more}


def name_axis(**more: Any) -> Spec:
    """The axis of models, by id: names at the left, or above the marks if narrow."""
    return axis(
        None,
        labelExpr="names[datum.label]",
        labelAlign={"expr": "narrow ? 'left' : 'right'"},
        labelOffset={"expr": f"narrow ? {-(ROW / 2 - 7)} : 0"},
        labelPadding={"expr": "narrow ? 0 : 12"},
        labelFontSize={"expr": "narrow ? 11 : 12"},
        labelLimit=360,
        gridOpacity={"expr": "narrow ? 0 : 1"},  # it would separate a name from its mark
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
    """A column of texts right of the rows; `texts` is the parameter with the texts by id."""
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
    """The parameter with which a click in a chart selects a model."""
    return {"name": PICK, "select": {"type": "point", "fields": ["id"], "toggle": False}}


def tips(*pairs: tuple[str, str]) -> list[Spec]:
    """A tooltip: text fields with their titles."""
    return [{"field": field, "type": "nominal", "title": title} for field, title in pairs]


def chart(
    layer: list[Spec],
    datasets: Mapping[str, Rows],
    models: Sequence[Row],
    height: int | Spec,
    colours: Mapping[str, int],
) -> Spec:
    """The whole specification; `height` in px without the axes. Layers without data are left out.

    `usermeta` lists the models with a number in `colours`, for files, which need a legend
    (files.printed).
    """
    kept = {name: rows for name, rows in datasets.items() if rows}
    return {
        "layer": [one for one in layer if one["data"].get("name", next(iter(kept), "")) in kept],
        "datasets": kept,
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"right": 3},  # texts at the right end are drawn wider than Vega measures them
        "params": [NARROW, {"name": "names", "value": {m.id: m.label for m in models}}],
        "config": {"view": {"stroke": None}},
        "usermeta": {"coloured": {str(colours[m.id]): m.label for m in models if m.id in colours}},
    }


def milliseconds(day: str) -> float:
    """An ISO 8601 day in Vega's time: UTC, in milliseconds since 1970."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000


def range_text(pair: tuple[int, int] | None) -> str:
    """A set of ranks, as "1 to 3"; a dash without one."""
    if pair is None:
        return DASH
    return f"{pair[0]}" if pair[0] == pair[1] else f"{pair[0]} to {pair[1]}"


def interval_text(pair: tuple[float, float] | None, reason: str = "") -> str:
    """A 95 % interval; a dash, with the reason, without one."""
    if pair is not None:
        return ends(pair)
    return f"{DASH} {reason}".strip()


def place_text(rank: int | None, of: int) -> str:
    """A rank within a metric, as "2 of 10"; in words for a value that does not count."""
    return f"{rank} of {of}" if rank is not None else "none: too few questions to count"
