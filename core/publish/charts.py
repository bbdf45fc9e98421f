"""Data frames to Altair charts. Pure: imports no Streamlit and draws nothing.

One bar is highlighted, the others are grey.
"""

from typing import Any

import altair as alt
import pandas as pd

from core.benchmark import Metric
from core.model.entries import DECIMALS
from core.publish import chart_axes
from core.publish.numbers import fixed

HIGHLIGHT = chart_axes.BLUE
OTHERS = chart_axes.GREY
MAX_BARS = 30
UNRANKED = "none: too few questions to count"
_STEP = 38  # px per model: its value and name above, its bar below


def bar_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """What `metric_bars` draws: the best MAX_BARS models with a value, best first.

    Values that do not count, which have no rank, come last. Adds `label` (value and name;
    unique, since it is the axis) and `place`.
    """
    scored = frame.dropna(subset=["value"]).sort_values(["rank", "model"], kind="stable")
    total = scored["rank"].count()
    rows = scored.head(MAX_BARS)
    labels: list[str] = []
    for value, model in zip(rows["value"], rows["model"], strict=True):
        label = f"{fixed(value)}  {model}"
        while label in labels:
            label += " "
        labels.append(label)
    places = [UNRANKED if pd.isna(r) else f"{int(r)} of {total}" for r in rows["rank"]]
    return rows.assign(label=labels, place=places).reset_index(drop=True)


def metric_bars(frame: pd.DataFrame, metric: Metric) -> alt.Chart:
    """Horizontal bars of one metric, best first, each named above its bar.

    `frame` has columns model, team, value (NaN: not computed) and rank (within the
    metric; ties share the smaller; NaN: does not count). Bars start at the metric's lowest score.
    """
    rows = bar_rows(frame).assign(low=float(metric.low))
    value: dict[str, Any] = {"format": f".{DECIMALS}f", "title": metric.name}
    chart: alt.Chart = (
        alt.Chart(rows, height=_STEP * max(len(rows), 1) + chart_axes.AXIS_ROOM)
        .mark_bar(height=10, yOffset=9, cornerRadiusEnd=2)
        .encode(
            x=alt.X(
                "value:Q",
                scale=alt.Scale(domainMin=metric.low, nice=True, zero=False),
                axis=chart_axes.values(
                    f"{metric.name} ({metric.range_text}, higher is better)",
                    orient="top",
                    tickCount=5,
                    titlePadding=6,
                ),
            ),
            x2="low:Q",
            y=alt.Y(
                "label:N",
                sort=rows["label"].tolist(),
                title=None,
                axis=chart_axes.names(above=7),
            ),
            color=alt.condition("datum.rank === 1", alt.value(HIGHLIGHT), alt.value(OTHERS)),
            tooltip=[
                alt.Tooltip("model:N", title="Model"),
                alt.Tooltip("team:N", title="Team"),
                alt.Tooltip("value:Q", **value),
                alt.Tooltip("place:N", title="Rank"),
            ],
        )
    )
    return chart
