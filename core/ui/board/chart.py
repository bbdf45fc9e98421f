"""One metric at a time: a picker and a bar chart of one board."""

import streamlit as st

from core.benchmark import METRIC_BY_KEY, METRIC_KEYS
from core.ranking.board import Board
from core.ui import address
from core.ui.board.table import team


@st.fragment
def show_chart(board: Board) -> None:
    """Draw the chart. What draws it is imported here, behind the table."""
    import pandas as pd

    from core.publish.charts import MAX_BARS, metric_bars

    st.header("One metric at a time", anchor="metric")
    key = st.selectbox(
        "Metric",
        METRIC_KEYS,
        format_func=address.label,
        key=address.METRIC,
        bind="query-params",
        width=240,
    )
    metric = METRIC_BY_KEY[key]
    frame = pd.DataFrame(
        {
            "model": [s.entry.model_name for s in board.standings],
            "team": [team(s.entry) for s in board.standings],
            "value": pd.Series([s.entry.metrics[key] for s in board.standings], dtype="float64"),
            "rank": pd.Series([s.metric_ranks[key] for s in board.standings], dtype="float64"),
        }
    )
    scored = int(frame["value"].count())
    if not scored:
        st.info(f"No model on this board has a value for {metric.name} yet.")
        return
    cut = f" The best {MAX_BARS} of {scored} models." if scored > MAX_BARS else ""
    st.markdown(f"**Which model does best at {metric.full_name}?**{cut}")
    st.altair_chart(
        metric_bars(frame, metric),
        alt=f"Bars of {metric.name} on the {address.BOARDS[board.name]} board, best model first",
    )
