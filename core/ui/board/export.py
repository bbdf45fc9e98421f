"""Below the board: download what the table shows, or cite the benchmark."""

from functools import partial
from typing import Final

import streamlit as st

from core.benchmark import CITATION
from core.publish import address, exports
from core.publish.address import View
from core.publish.exports import FORMATS, Table
from core.ranking.board import Standing
from core.ui import cached, downloads

_POPOVER: Final = "board_exports"
_MODEL: Final = "export_model"


@st.fragment
def show_exports(snap: cached.Snapshot, view: View) -> None:
    """The popover. What is in it is drawn when it opens, and made when it is asked for."""
    popover = st.popover(
        "Download or cite", icon=":material/download:", key=_POPOVER, on_change="rerun"
    )
    if not popover.open:
        return
    shown = snap.shown(view)
    with popover:
        _table(_table_of(snap, view, shown))
        _card(snap, view, shown)
        st.markdown("**Cite the benchmark**")
        st.code(CITATION, language=None, wrap_lines=True)


def _table_of(snap: cached.Snapshot, view: View, shown: tuple[Standing, ...]) -> Table:
    order = f"sorted by {address.label(view.sort)}"
    found = f"{order}, “{view.search}” only" if view.search else order
    return Table(view.board, shown, found, snap.demo)


def _table(table: Table) -> None:
    st.markdown("**The table as it stands above**: board, order and search; always all metrics.")
    with st.container(horizontal=True, gap="small"):
        for form in FORMATS:
            downloads.button(
                form.name,
                partial(form.data, table),
                f"medvidbench_{table.board}.{form.ending}",
                form.media_type,
                help=form.purpose,
                key=f"export_{form.name}",
            )


def _card(snap: cached.Snapshot, view: View, shown: tuple[Standing, ...]) -> None:
    st.markdown("**Scores for a model card** on the Hugging Face Hub (`model-index`)")
    entries = {standing.entry.entry_id: standing.entry for standing in shown}
    chosen = st.selectbox(
        "Model",
        tuple(entries),
        format_func=lambda key: entries[key].model_name if key in entries else "",
        key=_MODEL,
    )
    if chosen in entries:
        downloads.button(
            "Model card (YAML)",
            lambda: exports.to_model_card(entries[chosen], view.board, demo=snap.demo).encode(),
            "medvidbench_model_card.yaml",
            "text/plain",
            key="export_card",
        )
