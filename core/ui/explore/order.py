"""“What would change this order?”: below the views of Explore, computed when it is opened.

Includes an order by the reader's own weights, which are in the address.
"""

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Final

import streamlit as st

from core.benchmark import METRICS
from core.model.entries import BoardName
from core.publish import address, order_chart, order_tables, order_text
from core.publish.explore import files
from core.publish.explore.marks import Data, Spec
from core.publish.facts import Way, said_html, styles_html, ways_html
from core.publish.moment import Moment
from core.publish.order_text import Changes, changes_of
from core.publish.text import one_line
from core.ranking.left_out import LeftOut
from core.ui import cached, downloads
from core.ui.as_of import moment
from core.ui.explore.data_table import Links, data_html
from core.ui.explore.drawing import Sent, sendable
from core.ui.explore.state import set_if_changed

TITLE: Final = "What would change this order?"
_ANCHOR: Final = "your-order"
_FOLD: Final = "order"
_KEY: Final = "order_weight"
_DEFINED: Final = Way("How these are computed", "./about#order")


def show_notice() -> None:
    """A notice above the board if the address contains a reader's own weights."""
    if _weights() != address.EQUAL_WEIGHTS:
        st.caption(
            f"This link has a reader’s own weights. Their order is [further down](#{_ANCHOR}) "
            "and not official; the board below is."
        )


@st.fragment
def show_order(snap: cached.Snapshot, board: BoardName) -> None:
    """The section, folded unless the address contains weights."""
    weights = _weights()
    # Only once: the section stays open when the weights become equal again.
    st.session_state.setdefault(_FOLD, weights != address.EQUAL_WEIGHTS)
    fold = st.expander(TITLE, key=_FOLD, on_change="rerun")
    if not fold.open:
        return
    with fold:
        found = _changes(snap, board)
        if found is None:
            st.text("A single model has no order that could change.")
            return
        _show_sentences(found, snap, board)
        at = moment(snap)
        _show_chart(found, board)
        _show_tables(found, board, at, snap.day)
        _show_own(snap, board, weights, at)


@lru_cache(maxsize=4)
def _changes(snap: cached.Snapshot, board: BoardName) -> Changes | None:
    return changes_of(snap.board(board))


def _show_sentences(found: Changes, snap: cached.Snapshot, board: BoardName) -> None:
    figures = snap.statistics(board)
    names = {entry.entry_id: entry.model_name for entry in snap.board(board).entries}
    told = [
        *order_text.left_out_text(found),
        order_text.weights_text(found),
        order_text.rules_text(found),
        order_text.removal_text(figures.removable if figures else None, names),
    ]
    st.html(styles_html() + said_html([one for one in told if one], snap.day, lead=True))
    st.html(ways_html([_DEFINED]))


@lru_cache(maxsize=4)
def _chart(found: Changes) -> Sent:
    return sendable(order_chart.order_chart(found))


def _show_chart(found: Changes, board: BoardName) -> None:
    st.markdown(f"**{order_chart.QUESTION}** {order_chart.NOTE}")
    sent = _chart(found)
    st.vega_lite_chart(sent.spec, key=f"order_chart_{board}", alt=sent.chart.alt, width="stretch")


def _show_tables(found: Changes, board: BoardName, at: Moment, day: str) -> None:
    labels = [order_tables.labelled(found.names, row) for row in range(len(found.names))]
    links = Links(dict(zip(labels, found.ids, strict=True)), day)
    entries, metrics = st.columns(2)
    with entries:
        _left_out("One entry left out", order_tables.entries_table(found), found.entries, links)
    with metrics:
        _left_out("One metric left out", order_tables.metrics_table(found), found.metrics, links)
    for title, data in (
        ("Other rules", order_tables.schemes_table(found)),
        ("Each model’s rank with random weights and other rules", order_tables.models_table(found)),
    ):
        st.markdown(f"**{title}**")
        _table(title, data, links)
    _say_cut(len(data.rows), len(found.names))
    with st.container(horizontal=True, gap="small"):
        for name, label, make in order_tables.WHOLE:
            _download(label, (board, name), at, partial(make, found))
        _download_pictures(_chart(found).chart.spec, board, at)


def _left_out(title: str, data: Data, found: Sequence[LeftOut], links: Links) -> None:
    st.markdown(f"**{title}**")
    if data.rows:
        _table(title, data, links)
    st.caption(order_tables.rest_text(data, len(found)))


def _table(label: str, data: Data, links: Links) -> None:
    st.html(data_html(label, data, order_tables.texts, links))


def _say_cut(drawn: int, total: int) -> None:
    if drawn < total:
        st.caption(f"{drawn} of {total:,} models are shown; the file has all.")


def _download(label: str, what: tuple[BoardName, str], at: Moment, make: partial[Data]) -> None:
    board, name = what
    downloads.button(
        label,
        lambda: files.csv_file(make(), at, at.board_url(board)),
        at.file_name(f"{board}_{name}", "csv"),
        "text/csv",
        icon=":material/download:",
        key=f"order_{board}_{name}",
    )


def _download_pictures(spec: Spec, board: BoardName, at: Moment) -> None:
    title = f"{at.board_title(board)}: {order_chart.QUESTION}"
    for label, ending, media_type, draw in (
        ("Ranks (PNG)", "png", "image/png", files.png),
        ("Ranks (SVG)", "svg", "image/svg+xml", files.svg),
    ):
        downloads.button(
            label,
            partial(draw, spec, title, order_chart.NOTE),
            at.file_name(f"{board}_other_ranks", ending),
            media_type,
            icon=":material/download:",
            key=f"order_{board}_{ending}",
        )


def _show_own(snap: cached.Snapshot, board: BoardName, weights: Sequence[int], at: Moment) -> None:
    st.subheader("Your own weights", anchor=_ANCHOR)
    st.markdown(
        f"Whole numbers from 0 to {address.MOST_WEIGHT}; on the board all weights are equal. "
        "They are in the address: share it to share the order."
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        for metric, weight in zip(METRICS, weights, strict=True):
            key = f"{_KEY}_{metric.key}"
            set_if_changed(key, weight)  # the address decides
            st.number_input(
                metric.name,
                min_value=0,
                max_value=address.MOST_WEIGHT,
                value=None,  # so that it can be emptied; the session state has the weight
                step=1,
                key=key,
                on_change=_take,
                width=88,
            )
        st.button(
            "Equal weights",
            on_click=_write,
            args=(address.EQUAL_WEIGHTS,),
            disabled=weights == address.EQUAL_WEIGHTS,
        )
    data = order_tables.own_table(snap.board(board), weights)
    if data is None:
        st.info("Give at least one metric a weight above 0: otherwise there is no order.")
        return
    if weights == address.EQUAL_WEIGHTS:
        st.caption("With equal weights the order is the board’s own.")
        return
    st.markdown(
        f"**Yours, not official**: the {address.BOARDS[board]} board with "
        f"{order_text.weights_given(weights)}"
    )
    entries = snap.board(board).entries
    links = Links({one_line(one.model_name): one.entry_id for one in entries}, snap.day)
    _table("Yours, not official", Data(data.columns, data.rows[: order_tables.OWN_SHOWN]), links)
    _say_cut(order_tables.OWN_SHOWN, len(data.rows))
    own = partial(order_tables.own_file, data, weights)
    _download("Your order (CSV)", (board, "not_official"), at, own)


def _weights() -> tuple[int, ...]:
    return address.weights({address.WEIGHT: st.query_params.get_all(address.WEIGHT)})


def _take() -> None:
    """Callback: write the fields into the address; an empty one counts as 1."""
    given = [st.session_state[f"{_KEY}_{metric.key}"] for metric in METRICS]
    _write([1 if weight is None else weight for weight in given])


def _write(weights: Sequence[int]) -> None:
    st.query_params.update(address.weight_params(weights))
