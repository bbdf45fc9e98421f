"""The aspects of the caption metrics as an Altair chart. Pure: it does not draw."""

from typing import Any, Final

import altair as alt
import pandas as pd

from core.benchmark import JUDGE_ASPECTS, JUDGE_KEYS, METRIC_BY_KEY
from core.model.entries import DECIMALS, Judgement
from core.publish import chart_axes

# Distinguished by shape too.
_COLOURS: Final = (chart_axes.BLUE, chart_axes.VERMILION, chart_axes.GREEN)
_SHAPES: Final = ("circle", "square", "diamond")
_STEP: Final = 46  # px per aspect: its name above, its marks below
_AROUND: Final = 50 + chart_axes.AXIS_ROOM  # px: the legend above, the axis below


def aspect_rows(judgement: Judgement) -> pd.DataFrame:
    """One row per metric and aspect that has a mean: metric, aspect, value."""
    rows = [
        {"metric": METRIC_BY_KEY[key].name, "aspect": JUDGE_ASPECTS[aspect], "value": value}
        for key in JUDGE_KEYS
        for aspect in JUDGE_ASPECTS
        if (value := judgement.aspects.get(key, {}).get(aspect)) is not None
    ]
    return pd.DataFrame(rows, columns=["metric", "aspect", "value"])


def aspect_dots(rows: pd.DataFrame) -> alt.Chart:
    """A line per aspect, named above it, with a mark per metric between 1 and 5."""
    present = [
        METRIC_BY_KEY[k].name for k in JUDGE_KEYS if METRIC_BY_KEY[k].name in set(rows["metric"])
    ]
    names = [METRIC_BY_KEY[key].name for key in JUDGE_KEYS]
    colours = [_COLOURS[names.index(name)] for name in present]
    shapes = [_SHAPES[names.index(name)] for name in present]
    legend: dict[str, Any] = {
        "title": None, "orient": "top", "labelColor": chart_axes.INK,
        "symbolSize": 110, "labelFontSize": 13,
    }  # fmt: skip
    chart: alt.Chart = (
        alt.Chart(rows, height=_STEP * len(JUDGE_ASPECTS) + _AROUND)
        .mark_point(filled=True, size=130, opacity=1, yOffset=9)
        .encode(
            x=alt.X(
                "value:Q",
                scale=alt.Scale(domain=[1, 5], nice=False, zero=False),
                axis=chart_axes.values(
                    "Mean grade (1 to 5, higher is better)", values=[1, 2, 3, 4, 5], format="d"
                ),
            ),
            y=alt.Y(
                "aspect:N",
                sort=list(JUDGE_ASPECTS.values()),
                title=None,
                axis=chart_axes.names(above=11, grid=True, gridDash=[2, 3]),
            ),
            color=alt.Color(
                "metric:N",
                scale=alt.Scale(domain=present, range=colours),
                legend=alt.Legend(**legend),
            ),
            shape=alt.Shape("metric:N", scale=alt.Scale(domain=present, range=shapes)),
            tooltip=[
                alt.Tooltip("metric:N", title="Metric"),
                alt.Tooltip("aspect:N", title="Aspect"),
                alt.Tooltip("value:Q", title="Mean grade", format=f".{DECIMALS}f"),
            ],
        )
    )
    return chart
