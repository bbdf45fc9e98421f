"""Below the board: download the table, or cite the board or the benchmark."""

from functools import partial
from typing import Final

import streamlit as st

from core.benchmark import CITATION
from core.publish import cite
from core.publish.address import View, label
from core.publish.exports import FORMATS, Table
from core.publish.moment import Moment, board_sha256
from core.ranking.board import Standing
from core.ui import cached, downloads
from core.ui.as_of import moment
from core.ui.model.exports import show_cards

_POPOVER: Final = "board_exports"
_MODEL: Final = "export_model"


@st.fragment
def show_exports(snap: cached.Snapshot, view: View) -> None:
    """The popover. Its content is drawn when it opens; files are made on click."""
    popover = st.popover(
        "Download or cite", icon=":material/download:", key=_POPOVER, on_change="rerun"
    )
    if not popover.open:
        return
    shown = snap.shown(view)
    at = moment(snap)
    cited = cite.Cited(view.board, at, board_sha256(snap.board(view.board)))
    with popover:
        _table(_table_of(view, shown, cited))
        _cite(cited)
        _card(snap, view, shown, at)


def _table_of(view: View, shown: tuple[Standing, ...], cited: cite.Cited) -> Table:
    order = f"sorted by {label(view.sort)}"
    found = f"{order}, “{view.search}” only" if view.search else order
    return Table(view.board, shown, found, cited.at, cited.url, cited.sha256)


def _table(table: Table) -> None:
    st.markdown("**The table above**: same board, order and search; always all metrics.")
    with st.container(horizontal=True, gap="small"):
        for form in FORMATS:
            downloads.button(
                form.name,
                partial(form.data, table),
                table.at.file_name(table.board, form.ending),
                form.media_type,
                help=form.purpose,
                key=f"export_{form.name}",
            )


def _cite(cited: cite.Cited) -> None:
    st.markdown("**Cite this board**, with the checksum of its ranks and scores")
    for tab, write in zip(st.tabs(list(cite.FORMS)), cite.FORMS.values(), strict=True):
        tab.code(write(cited), language=None, wrap_lines=True)
    if cited.may_change:
        st.caption(
            "Today’s board may still change until midnight UTC; the checksum shows whether it did. "
            "The boards of earlier days do not change, except that an entry disappears from them "
            "if it is permanently deleted."
        )
    st.markdown("**Cite the benchmark**")
    st.code(CITATION, language=None, wrap_lines=True)


def _card(snap: cached.Snapshot, view: View, shown: tuple[Standing, ...], at: Moment) -> None:
    st.markdown("**One model’s scores**, for its page on the Hugging Face Hub or for a collection")
    standings = {standing.entry.entry_id: standing for standing in shown}
    chosen = st.selectbox(
        "Model",
        tuple(standings),
        format_func=lambda key: standings[key].entry.model_name if key in standings else "",
        key=_MODEL,
    )
    if chosen in standings:
        show_cards(snap, view.board, standings[chosen], at)
