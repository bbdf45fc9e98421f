"""The aspects of the caption metrics as a Vega-Lite specification. Pure: it does not draw."""

from typing import Any, Final

from core.benchmark import JUDGE_ASPECTS, JUDGE_KEYS, METRIC_BY_KEY
from core.model.entries import DECIMALS, Judgement
from core.publish.chart_axes import AXIS_ROOM, BLUE, GREEN, INK, VERMILION

# Distinguished by shape too.
_COLOURS: Final = (BLUE, VERMILION, GREEN)
_SHAPES: Final = ("circle", "square", "diamond")
_STEP: Final = 46  # px per aspect: its name above, its marks below
_AROUND: Final = 50 + AXIS_ROOM  # px: the legend above, the axis below
_NAME_WIDTH: Final = 560  # px


def aspect_rows(judgement: Judgement) -> list[dict[str, Any]]:
    """One row per metric and aspect that has a mean: metric, aspect, value."""
    return [
        {"metric": METRIC_BY_KEY[key].name, "aspect": JUDGE_ASPECTS[aspect], "value": value}
        for key in JUDGE_KEYS
        for aspect in JUDGE_ASPECTS
        if (value := judgement.aspects.get(key, {}).get(aspect)) is not None
    ]


def aspect_chart(judgement: Judgement) -> dict[str, Any] | None:
    """A line per aspect, named above it, with a mark per metric between 1 and 5; None without a
    mean."""
    rows = aspect_rows(judgement)
    if not rows:
        return None
    names = [METRIC_BY_KEY[key].name for key in JUDGE_KEYS]
    there = [n for n, name in enumerate(names) if any(row["metric"] == name for row in rows)]
    present = [names[n] for n in there]
    by_metric = {"field": "metric", "type": "nominal"}
    colour = {
        **by_metric,
        "scale": {"domain": present, "range": [_COLOURS[n] for n in there]},
        "legend": {"title": None, "orient": "top", "labelColor": INK, "symbolSize": 110,
                   "labelFontSize": 13},
    }  # fmt: skip
    shape = {**by_metric, "scale": {"domain": present, "range": [_SHAPES[n] for n in there]}}
    x = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [1, 5], "nice": False, "zero": False},
        "axis": {"title": "Mean grade (1 to 5, higher is better)", "labelColor": INK,
                 "titleColor": INK, "values": [1, 2, 3, 4, 5], "format": "d"},
    }  # fmt: skip
    y = {
        "field": "aspect",
        "type": "nominal",
        "sort": list(JUDGE_ASPECTS.values()),
        "title": None,
        # Names above the marks, none left out.
        "axis": {"labelAlign": "left", "labelOffset": -11, "labelPadding": 0, "labelColor": INK,
                 "labelLimit": _NAME_WIDTH, "labelOverlap": False, "domain": False, "ticks": False,
                 "grid": True, "gridDash": [2, 3]},
    }  # fmt: skip
    tooltip = [
        {**by_metric, "title": "Metric"},
        {"field": "aspect", "type": "nominal", "title": "Aspect"},
        {"field": "value", "type": "quantitative", "title": "Mean grade",
         "format": f".{DECIMALS}f"},
    ]  # fmt: skip
    marks = {
        "data": {"values": rows},
        "mark": {"type": "point", "filled": True, "size": 130, "opacity": 1, "yOffset": 9},
        "encoding": {"x": x, "y": y, "color": colour, "shape": shape, "tooltip": tooltip},
    }
    # With its data in a layer: Streamlit would import pandas to convert those of the whole.
    return {"height": _STEP * len(JUDGE_ASPECTS) + _AROUND, "layer": [marks]}
