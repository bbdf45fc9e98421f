"""Ranks: a matrix of models and metrics shaded by rank, or one line per model."""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from core.benchmark import FAMILIES, METRICS
from core.publish.chart_axes import BLUE, INK
from core.publish.explore import marks
from core.publish.explore.marks import Chart, Data, Rows, Spec
from core.publish.explore.models import Cell, Model
from core.publish.numbers import DASH, fixed

_DARKEST: Final = 0.75  # opacity of rank 1: keeps the theme's text readable (AA)
_PALEST: Final = 0.04
_ORDER: Final = [metric.key for family in FAMILIES for metric in METRICS if metric.family == family]
_NAMES: Final = {metric.key: metric.name for metric in METRICS}
_FAMILIES: Final = {
    family: [metric.key for metric in METRICS if metric.family == family] for family in FAMILIES
}


def _in_two(name: str) -> list[str]:
    """A metric's name on two lines, for narrow columns."""
    return name.replace("@", " @").replace("_", " ").split()


_HEADS: Final = json.dumps(_NAMES)
_NARROW_HEADS: Final = json.dumps({key: _in_two(name) for key, name in _NAMES.items()})
_CELL: Final = {"height": {"expr": "narrow ? 16 : 29"}, "yOffset": {"expr": "narrow ? 7 : 0"}}


def matrix(
    models: Sequence[Model], colours: Mapping[str, int], size: int, *, show_values: bool = False
) -> Chart:
    """A row for each model, a column for each metric, bluer for a better rank.

    `size` is the number of models on the board, to scale the shades. Cells show the rank
    or the value. A line between two rows separates tiers of the average rank.
    """
    rows = [_row(model, key, size, show_values) for model in models for key in _ORDER]
    fill: Spec = {
        "field": "shade", "type": "quantitative", "legend": None,
        "scale": {"domain": [0, 1], "range": [_PALEST, _DARKEST]},
    }  # fmt: skip
    y = marks.by_name(models)
    layer: list[Spec] = [
        {
            "data": {"name": "cells"},
            "mark": {
                "type": "rect", "color": BLUE, "cursor": "pointer", **_CELL,
            },
            "params": [marks.pick()],
            "encoding": {
                "x": _x_axis(), "y": y, "opacity": fill,
                "tooltip": _tips(),
            },
        },
        {
            "data": {"name": "cells"},
            "mark": {
                "type": "text", "color": INK, "baseline": "middle", "interactive": False,
                "fontSize": {"expr": "narrow ? 10.5 : 12.5"}, "yOffset": {"expr": "narrow ? 8 : 1"},
            },
            "encoding": {"x": _x_axis(), "y": y, "text": {"field": "text", "type": "nominal"}},
        },
    ]  # fmt: skip
    return Chart(
        marks.chart(
            [*layer, *_families(), _pin_bars(y), _tier_lines(y)],
            {"cells": rows, "pinned": _pinned(models, colours), "tiers": _borders(models)},
            models,
            {"step": marks.ROW},
            colours,
        ),
        "Matrix of ranks: a row for each model, best first, a column for each metric. "
        "The data table has the same content.",
        data(models),
    )


def lines(models: Sequence[Model], colours: Mapping[str, int], size: int) -> Chart:
    """Ranks among `size` models as lines across all metrics, rank 1 at the top; a gap if a
    model has none."""
    rows = [
        {**_row(model, key, size, show_values=False), "rank": model.cells[key].rank,
         "slot": marks.slot(colours, model)}
        for model in models
        for key in _ORDER
    ]  # fmt: skip
    worst = max((row["rank"] or 1 for row in rows), default=1)
    encoding = {
        "x": _x_axis(),
        "y": {
            "field": "rank", "type": "quantitative",
            "scale": {"domain": [worst + 0.3, 0.7], "nice": False, "zero": False},
            "axis": marks.axis(
                "Rank within the metric", values=list(range(1, worst + 1, 1 + worst // 20)),
                grid=False,
            ),
        },
        "color": marks.colour(),
        "detail": {"field": "id", "type": "nominal"},
        "opacity": {"condition": {"test": "datum.slot >= 0", "value": 1}, "value": 0.45},
    }  # fmt: skip
    layer: list[Spec] = [
        {
            "data": {"name": name},
            "mark": {"type": "line", "strokeWidth": width, "interactive": False},
            "encoding": encoding,
        }
        for name, width in (("grey", 1), ("coloured", 2.5))
    ]
    layer.append(
        {
            "data": {"name": "all"},
            "mark": {"type": "point", "filled": True, "size": 110, "cursor": "pointer",
                     **marks.FINGER},
            "params": [marks.pick()],
            "encoding": {**encoding, "shape": marks.shape(), "tooltip": _tips()},
        }
    )  # fmt: skip
    parts: dict[str, Rows] = {
        "grey": [row for row in rows if row["slot"] < 0],
        "coloured": [row for row in rows if row["slot"] >= 0],
        "all": sorted(rows, key=lambda row: int(row["slot"] >= 0)),
    }
    height = min(520, max(220, 26 * worst))
    return Chart(
        marks.chart([*_families(), *layer], parts, models, height, colours),
        "Ranks of the models as lines across all metrics, rank 1 at the top. "
        "The data table has the same content.",
        data(models),
    )


def data(models: Sequence[Model]) -> Data:
    """Value and rank of each metric, and the uncertainty of the average rank."""
    columns = ("rank", "rank set", "model", "organization", "average rank")
    metrics = tuple(f"{_NAMES[key]}{part}" for key in _ORDER for part in ("", " rank"))
    return Data(
        (*columns, *metrics),
        tuple(
            (
                model.rank,
                model.rank_set and marks.range_text(model.rank_set),
                model.name,
                model.organization,
                round(model.average, 2),
                *(x for key in _ORDER for x in (model.cells[key].value, model.cells[key].rank)),
            )
            for model in models
        ),
    )


def _x_axis() -> Spec:
    return {
        "field": "metric",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": _ORDER, "paddingInner": 0.06, "paddingOuter": 0.05},
        "axis": marks.axis(
            None,
            orient="top",
            labelExpr=f"narrow ? ({_NARROW_HEADS})[datum.label] : ({_HEADS})[datum.label]",
            labelAngle=0,
            labelFontSize={"expr": "narrow ? 10 : 12"},
            labelOverlap=False,
            labelPadding={"expr": "narrow ? 18 : 6"},  # room for a second line below the first
            domain=False,
            ticks=False,
        ),
    }


def _families() -> list[Spec]:
    """The name of each family above its metrics; a line between families."""
    middles = [
        (name, keys[(len(keys) - 1) // 2], len(keys) % 2) for name, keys in _FAMILIES.items()
    ]
    names = [
        {
            "data": {"values": [{"metric": key, "family": name.capitalize()}]},
            "mark": {
                "type": "text", "color": INK, "opacity": 0.75, "fontWeight": 600,
                "interactive": False, "y": {"expr": "narrow ? -40 : -28"},
                "fontSize": {"expr": "narrow ? 10 : 12"},
            },
            "encoding": {
                "x": {**_x_axis(), "bandPosition": 0.5 if odd else 1}, "text": {"field": "family"},
            },
        }
        for name, key, odd in middles
    ]  # fmt: skip
    line = {
        "data": {"values": [{"metric": keys[0]} for keys in [*_FAMILIES.values()][1:]]},
        "mark": {
            "type": "rule",
            "color": marks.GREY,
            "interactive": False,
            "xOffset": -2,
            "strokeOpacity": {"expr": "narrow ? 0 : 1"},
        },
        "encoding": {"x": {**_x_axis(), "bandPosition": 0}},
    }
    return [line, *names]


def _row(model: Model, key: str, size: int, show_values: bool) -> dict[str, Any]:
    cell = model.cells[key]
    shade = None if cell.rank is None else 1 - (cell.rank - 1) / max(size - 1, 1)
    return {
        "id": model.id,
        "metric": key,
        "shade": shade,
        "text": _text(cell, show_values),
        "name": model.name,
        "column": _NAMES[key],
        "value": fixed(cell.value),
        "place": marks.place_text(cell.rank, size) if cell.value is not None else cell.reason,
        "set": marks.range_text(cell.rank_set),
        "interval": marks.interval_text(cell.interval),
    }


def _text(cell: Cell, show_values: bool) -> str:
    if cell.value is None or (cell.rank is None and not show_values):
        return DASH
    if not show_values:
        return str(cell.rank)
    return fixed(cell.value).removeprefix("0") if cell.value < 1 else fixed(cell.value, 2)


def _tips() -> list[Spec]:
    return marks.tips(
        ("name", "Model"),
        ("column", "Metric"),
        ("value", "Value"),
        ("interval", "95 % interval"),
        ("place", "Rank"),
        ("set", "Ranks the data allow"),
    )


def _pinned(models: Sequence[Model], colours: Mapping[str, int]) -> Rows:
    return [{"id": m.id, "slot": marks.slot(colours, m)} for m in models if m.id in colours]


def _pin_bars(y: Spec) -> Spec:
    """A bar at the left of each row that has a colour."""
    return {
        "data": {"name": "pinned"},
        "mark": {"type": "rect", "x": -6, "x2": -1, "interactive": False, **_CELL},
        "encoding": {"y": y, "color": marks.colour()},
    }


def _borders(models: Sequence[Model]) -> Rows:
    """The models below which another tier starts."""
    pairs = pairwise(models)
    return [{"id": m.id} for m, n in pairs if None not in (m.tier, n.tier) and m.tier != n.tier]


def _tier_lines(y: Spec) -> Spec:
    return {
        "data": {"name": "tiers"},
        "mark": {"type": "rule", "color": INK, "strokeWidth": 1.5, "interactive": False,
                 "yOffset": marks.ROW / 2},
        "encoding": {"y": y},
    }  # fmt: skip
