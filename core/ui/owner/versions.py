"""A new version beside the one it replaced, and the button that reverts to that one."""

from typing import Final

import humanize
import streamlit as st

from core.benchmark import METRICS
from core.publish.facts import Cell, styles_html, table_html
from core.publish.numbers import DASH, fixed
from core.ui import times
from core.ui.acts import Acts
from core.ui.text import refusal
from core.usecases.own_versions import Comparison

KEEP_OLD: Final = "keep old"
DONE: Final = (
    "The previous version is back on the board. The scores of the new one stay in the entry's "
    "history."
)


def show_versions(acts: Acts, found: Comparison) -> None:
    """Both versions by metric, which of them ranks, and the button to revert."""
    show_ranks(found)
    st.html(styles_html() + versions_html(found))
    show_way_back(acts, found)


def show_ranks(found: Comparison) -> None:
    """Which of the two ranks, and where the other one would."""
    now, before = found.ranks_now.on_board, found.ranks_before.on_board
    st.markdown(
        f"**The new version ranks: {humanize.ordinal(now.rank)} of {now.size}.** With the scores "
        f"of the previous version, the entry would be {humanize.ordinal(before.rank)} today."
    )


def show_way_back(acts: Acts, found: Comparison) -> None:
    """The button, and what it does."""
    subject = (found.entry.entry_id, found.entry.upload_id)
    st.caption(
        f"Until {times.local_day(found.until)} you can go back to the previous version. Both "
        "submissions still count as tries, and the scores of the new version stay in the entry's "
        "public history."
    )
    st.button(
        "Keep the old one",
        icon=":material/undo:",
        on_click=acts.asks(KEEP_OLD, subject),
        key=f"keep_old_{found.entry.entry_id}",
    )
    for text in acts.refused(KEEP_OLD, subject).values():
        refusal(text)


def versions_html(found: Comparison) -> str:
    """Each metric before and now."""
    head = [Cell("Metric"), Cell("Before"), Cell("Now"), Cell("Change")]
    rows = []
    for metric in METRICS:
        old, new = found.old.metrics.get(metric.key), found.shown.metrics.get(metric.key)
        change = DASH if old is None or new is None else f"{new - old:+.3f}"
        rows.append([Cell(metric.name), Cell(fixed(old)), Cell(fixed(new)), Cell(change)])
    return table_html("The new and the previous version", head, rows)
