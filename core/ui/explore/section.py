"""The Explore section: four views of one board, below its table.

A view is made once for each state of the board and choice of the reader, and cached.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import streamlit as st

from core.benchmark import METRIC_BY_KEY
from core.model.entries import BoardName
from core.publish import address
from core.publish.address import Exploration
from core.publish.board.figures import caption_note, detectable_note
from core.publish.board.table import missing_reason
from core.publish.explore.filters import known, matching
from core.publish.explore.marks import highlighted
from core.publish.explore.models import Model, drawn, models_of
from core.publish.explore.two_metrics import inside
from core.ui import cached
from core.ui.explore import one_metric, over_time, ranks, state, two_metrics
from core.ui.explore.drawing import Sent, draw, sendable, show_files
from core.ui.explore.filters import show_filters
from core.ui.explore.pins import show_legend, show_list
from core.ui.explore.view import Field, Made
from core.usecases.statistics import file_mark


@dataclass(frozen=True, slots=True)
class View:
    """One of the views: draws its controls and makes its content."""

    controls: Callable[[Exploration], None]
    make: Callable[[Field, Exploration], Made]


VIEWS: Final = {
    "ranks": View(ranks.controls, ranks.make),
    "metric": View(one_metric.controls, one_metric.make),
    "pair": View(two_metrics.controls, two_metrics.make),
    "time": View(over_time.controls, over_time.make),
}


@dataclass(frozen=True, slots=True)
class Ready:
    """A view and the part of the board it is made from; `sent` is None if nothing is drawn."""

    made: Made
    sent: Sent | None
    said: str


@st.fragment
def show_explore(snap: cached.Snapshot, board: BoardName) -> None:
    """Draw the section. Actions in it redraw only the section."""
    st.header("Explore", anchor="explore")
    now = state.current()
    figures = snap.statistics(board)
    mark = file_mark(cached.settings().root, board)
    models = _models(snap, board, mark)
    now = replace(now, filters=known(models, now.filters))
    with st.container(
        key="explore_controls", horizontal=True, vertical_alignment="center", gap="small"
    ):
        state.choice("View", "view", address.EXPLORE_VIEWS, now)
        VIEWS[now.view].controls(now)
        show_filters(models, now)
    ready = prepared(snap, board, mark, now)
    st.markdown(f"**{ready.made.question}** {ready.made.hint} {ready.made.note}")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        show_list(models, now)
        show_legend(models, highlighted(models, now.pins), now, snap.day)
    if ready.sent is None:
        if now.filters.count:
            st.button("Clear the filters", on_click=state.clear_filters, key="explore_all")
        return
    brushed = draw(ready.sent, f"{board}{now.view}{now}")
    if brushed and now.view == "pair":
        _show_brushed(models, now, brushed)
    notes = [ready.said, caption_note(figures)]
    if now.view == "metric" and now.parts == "whole":
        notes.append(detectable_note(figures, now.metric))
    st.caption(" ".join(note for note in notes if note))
    made = ready.made
    show_files(ready.sent.chart, (made.question, made.note), snap, board, now.view)


def _show_brushed(models: tuple[Model, ...], now: Exploration, brushed: dict[str, object]) -> None:
    found = inside(models, METRIC_BY_KEY[now.up], now.against, brushed)
    if not found:
        st.text("No model in the rectangle.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text(f"Selected: {', '.join(model.label for model in found[:12])}", width="content")
        st.button("Pin them", on_click=state.pin_all, args=([m.id for m in found],))


@lru_cache(maxsize=8)
def _models(snap: cached.Snapshot, board: BoardName, _mark: str) -> tuple[Model, ...]:
    return models_of(snap.board(board), snap.statistics(board), missing_reason)


@lru_cache(maxsize=64)
def prepared(snap: cached.Snapshot, board: BoardName, mark: str, now: Exploration) -> Ready:
    """What a view shows, made once for a revision of the board and a choice in the address.

    `mark` changes with the figures.
    """
    models = _models(snap, board, mark)
    found = matching(models, now.filters)
    if not found:
        return Ready(Made("No models match.", "Remove a filter to see some.", None), None, "")
    shown = drawn(found, now.pins)
    made = VIEWS[now.view].make(Field(models, shown.models, highlighted(models, now.pins)), now)
    left = f"{len(found)} of {len(models)} models pass the filters." if now.filters.count else ""
    said = " ".join(part for part in (left, shown.said) if part)
    return Ready(made, sendable(made.chart) if made.chart else None, said)
