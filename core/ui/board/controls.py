"""The leaderboard's controls: board, sorting, search, columns. Their state is the address."""

import streamlit as st

from core.ui import address
from core.ui.address import View


def board_controls() -> View:
    """Draw the controls in one row (wrapping on a phone) and say what they choose."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        board = st.segmented_control(
            "Board",
            tuple(address.BOARDS),
            default="official",
            required=True,
            format_func=lambda name: address.BOARDS[name],
            key=address.BOARD,
            bind="query-params",
        )
        search = st.text_input(
            "Search by name or team",
            icon=":material/search:",
            max_chars=address.SEARCH_LIMIT,
            key=address.SEARCH,
            bind="query-params",
            live=True,
            width=240,
        )
        sort = st.selectbox(
            "Sort by",
            address.SORTS,
            format_func=address.label,
            key=address.SORT,
            bind="query-params",
            width=190,
        )
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
            st.markdown(
                ":small[Rank and model always stand. With nothing chosen, all columns show.]"
            )
    return address.view(board, sort, search, columns)


def clear_search() -> None:
    """Callback: empty the search field."""
    st.session_state[address.SEARCH] = ""
