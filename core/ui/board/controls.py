"""The leaderboard's controls: board, search, columns, rows. Their state is the address."""

from dataclasses import replace

import streamlit as st

from core.publish import address
from core.publish.address import View


def board_controls() -> View:
    """Draw the controls in one row (wrapped on a phone) and return the reader's choice.

    The sort order is chosen in the table and kept in the address only.
    """
    board = st.segmented_control(
        "Board",
        tuple(address.BOARDS),
        default="official",
        required=True,
        format_func=lambda name: address.BOARDS[name],
        key=address.BOARD,
        bind="query-params",
        label_visibility="collapsed",
    )
    search = st.text_input(
        "Search by name or team",
        icon=":material/search:",
        max_chars=address.SEARCH_LIMIT,
        key=address.SEARCH,
        bind="query-params",
        live=True,
        width=240,
        label_visibility="collapsed",
        placeholder="Search by name or team",
    )
    with st.container(
        key="board_more",
        horizontal=True,
        vertical_alignment="center",
        gap="small",
        width="content",
    ):
        with st.popover("Columns", icon=":material/view_column:"):
            columns = st.pills(
                "Columns to show",
                address.CHOOSABLE,
                selection_mode="multi",
                default=address.CHOOSABLE,
                format_func=address.label,
                key=address.COLUMNS,
                bind="query-params",
            )
            st.markdown(":small[Rank and model are always shown. Clear all to show every column.]")
        compact = st.toggle("Compact", key=address.COMPACT, bind="query-params")
    params = {key: st.query_params.get_all(key) for key in (address.SORT, address.COLUMN)}
    asked = address.from_address(params)
    chosen = address.view(board, asked.sort, search, columns)
    return replace(chosen, column=asked.column, compact=compact)


def clear_search() -> None:
    """Callback: empty the search field."""
    st.session_state[address.SEARCH] = ""
