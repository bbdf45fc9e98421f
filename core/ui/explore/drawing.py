"""Draws a chart, and offers its data and pictures on request."""

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from core.model.entries import BoardName
from core.publish.explore import files
from core.publish.explore.marks import BRUSH, PICK, Chart, Spec
from core.publish.facts import styles_html
from core.ui import cached, downloads
from core.ui.as_of import moment
from core.ui.explore import state
from core.ui.explore.arrow import arrow_stream
from core.ui.explore.data_table import aligned, data_html


@dataclass(frozen=True, slots=True)
class Sent:
    """A chart as Streamlit expects it: its data as Arrow, under names that change with the data."""

    chart: Chart
    spec: Spec


def sendable(chart: Chart) -> Sent:
    """Convert a chart's data to Arrow once, so that drawing needs no conversion."""
    names, datasets = {}, {}
    for name, rows in chart.spec["datasets"].items():
        data = arrow_stream(rows)
        names[name] = f"{name}_{hashlib.sha256(data).hexdigest()[:12]}"
        datasets[names[name]] = data
    layers = [
        {**layer, "data": {"name": names[layer["data"]["name"]]}}
        if "name" in layer["data"]
        else layer
        for layer in chart.spec["layer"]
    ]
    return Sent(chart, {**chart.spec, "layer": layers, "datasets": datasets})


def draw(sent: Sent, name: str) -> dict[str, Any]:
    """Draw the chart; a click on a mark pins its model. Return the brushed range, {} for none.

    `name` changes with the chart's content.
    """
    # A new key after each click: the browser and the server both keep what a key has selected.
    named = f"{name}{len(_clicks())}"
    key = f"explore_chart_{hashlib.sha256(named.encode()).hexdigest()[:16]}"
    with st.container(key="explore_drawn"):  # keeps its height while a chart is drawn anew: site.js
        found = st.vega_lite_chart(
            sent.spec,
            key=key,
            on_select=partial(_selected, key),
            alt=sent.chart.alt,
            width="stretch",
        )
    brushed = found["selection"].get(BRUSH, {})
    return dict(brushed) if brushed else {}


def _selected(key: str) -> None:
    """Callback. Each selection of a chart reports a click, wherever it was."""
    found = st.session_state[key]["selection"].items()
    picked = [points[0].get("id") for name, points in found if name.startswith(PICK) and points]
    if picked and (key, picked[0]) not in _clicks():
        _clicks().add((key, picked[0]))
        state.toggle_pin(str(picked[0]))


def _clicks() -> set[tuple[str, str]]:
    """The clicks of this session: a chart's key, and a model's id.

    While a slow browser replaces a chart, it may send a click again, with a rerun for another
    reason; that is not a second click.
    """
    found: set[tuple[str, str]] = st.session_state.setdefault("explore_clicks", set())
    return found


def show_files(
    chart: Chart, told: tuple[str, str], snap: cached.Snapshot, board: BoardName, view: str
) -> None:
    """The data as a table, and the files: drawn when opened, made on click.

    Each file states its question, how to read it (`told`), its board and its day."""
    question, subtitle = told
    popover = st.popover(
        "Data and pictures", icon=":material/download:", key="explore_files", on_change="rerun"
    )
    if not popover.open:
        return
    at = moment(snap)
    title = f"{at.board_title(board)}: {question}"
    kinds = (
        ("PNG", "png", "image/png", partial(files.png, chart.spec, title, subtitle)),
        ("SVG", "svg", "image/svg+xml", partial(files.svg, chart.spec, title, subtitle)),
        ("CSV", "csv", "text/csv", partial(files.csv_file, chart.data, at, at.board_url(board))),
    )
    with popover:
        with st.container(horizontal=True, gap="small"):
            for label, ending, media_type, make in kinds:
                file_name = at.file_name(f"{board}_{view}", ending)
                downloads.button(label, make, file_name, media_type, key=f"explore_{ending}")
        st.html(styles_html() + data_html("Data of the chart", chart.data, aligned))
