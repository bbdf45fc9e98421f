"""Models side by side as a slope chart: one line per metric, from model to model. Pure.

The metrics have different ranges, so each value is drawn as a share of its range.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from core.benchmark import Metric
from core.publish.numbers import fixed

# Okabe-Ito; contrast of at least 3:1 on both themes' backgrounds.
RISES: Final = "#0072B2"
FALLS: Final = "#D55E00"
LEVEL: Final = "#8A8A8A"
_INK: Final = "currentColor"
_RULES: Final = "#8A8A8A55"
_FONT: Final = '"Source Sans", sans-serif'  # the page's own
_HEIGHT: Final = 260  # px
_SPAN: Final = 0.3  # minimum share of the range on the axis, so that small differences look small
_LINE: Final = 0.075  # minimum distance of labels, as a share of the height

Values = Mapping[str, float | None]


def slopes(
    models: Sequence[Values], metrics: Sequence[Metric], level: Collection[str] = ()
) -> list[dict[str, Any]]:
    """One row per metric and model with a value, for metrics that at least two models have.

    `model` is its letter, `share` 0 to 1, `text` the value; `way` says whether the last value
    is above the first. `level`: the metrics in which these two are not distinguishable.
    """
    rows = []
    for metric in metrics:
        found = [(n, values[metric.key]) for n, values in enumerate(models)]
        there = [(n, value) for n, value in found if value is not None]
        if len(there) < 2:
            continue
        change = there[-1][1] - there[0][1]
        way = "rises" if change > 0 else "falls"
        if not change or metric.key in level:
            way = "level"
        for n, value in there:
            share = (value - metric.low) / (metric.high - metric.low)
            rows.append(
                {
                    "metric": metric.name,
                    "model": letter(n),
                    "share": round(share, 4),
                    "text": fixed(value),
                    "way": way,
                }
            )
    return rows


def letter(number: int) -> str:
    """The letter of a model, used where its name does not fit: A for the first."""
    return "ABCDEFGH"[number]


def slope_chart(
    models: Sequence[Values], metrics: Sequence[Metric], level: Collection[str] = ()
) -> dict[str, Any] | None:
    """A Vega-Lite specification of `slopes`; None if no metric has two values."""
    rows = slopes(models, metrics, level)
    if not rows:
        return None
    shares = [row["share"] for row in rows]
    low, high = min(shares), max(shares)
    pad = max((_SPAN - (high - low)) / 2, (high - low) * 0.08)
    domain = [max(0.0, low - pad), min(1.0, high + pad)]
    order = [letter(n) for n in range(len(models))]
    x = {
        "field": "model",
        "type": "nominal",
        "sort": order,
        "scale": {"domain": order},
        "axis": {"title": None, "orient": "top", "labelAngle": 0, "labelColor": _INK,
                 "labelFontWeight": 600, "labelFontSize": 13, "ticks": False, "domain": False},
    }  # fmt: skip
    y = {
        "field": "share",
        "type": "quantitative",
        "scale": {"domain": domain, "nice": False, "zero": False},
        "axis": {"title": None, "format": ".0%", "tickCount": 5,
                 "labelColor": _INK, "titleColor": _INK, "grid": True, "gridColor": _RULES},
    }  # fmt: skip
    colour = {
        "field": "way",
        "type": "nominal",
        "scale": {"domain": ["rises", "falls", "level"], "range": [RISES, FALLS, LEVEL]},
        "legend": None,
    }
    tooltip = [
        {"field": "metric", "title": "Metric"},
        {"field": "model", "title": "Model"},
        {"field": "text", "title": "Score"},
    ]
    # Data in the layers: Streamlit would import pandas to convert those of the whole.
    line = {
        "data": {"values": rows},
        "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 60, "filled": True}},
        "encoding": {"x": x, "y": y, "detail": {"field": "metric"}, "color": colour,
                     "tooltip": tooltip},
    }  # fmt: skip
    label = {
        "data": {"values": _labels(rows, domain)},
        "mark": {"type": "text", "align": "left", "dx": 8, "fontSize": 12, "color": _INK,
                 "limit": 120},
        "encoding": {"x": x, "y": {"field": "share", "type": "quantitative"},
                     "text": {"field": "metric"}},
    }  # fmt: skip
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "height": _HEIGHT,
        "padding": {"right": 90, "left": 5, "top": 5, "bottom": 5},
        "config": {"font": _FONT, "view": {"stroke": None}},
        "layer": [line, label],
    }


def _labels(rows: Sequence[Mapping[str, Any]], domain: Sequence[float]) -> list[dict[str, Any]]:
    """Each metric's name at the right of all lines, level with its last point; moved up where two
    would overlap."""
    last = {row["metric"]: row for row in rows}
    right = max(row["model"] for row in rows)
    apart = (domain[1] - domain[0]) * _LINE
    found: list[dict[str, Any]] = []
    for row in sorted(last.values(), key=lambda one: float(one["share"])):
        lowest = found[-1]["share"] + apart if found else domain[0]
        share = max(row["share"], lowest)
        found.append({"metric": row["metric"], "model": right, "share": round(share, 4)})
    # Labels pushed above the top move down again, and push those below them.
    ceiling = domain[1]
    for label in reversed(found):
        label["share"] = round(min(label["share"], ceiling), 4)
        ceiling = label["share"] - apart
    return found
