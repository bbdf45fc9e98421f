"""The leaderboard's controls: board, sorting, search, columns. Their state is the address."""

import streamlit as st

from core.ui import state
from core.ui.state import View


def board_controls() -> View:
    """Draw the controls in one row (wrapping on a phone) and say what they choose."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        board = st.segmented_control(
            "Board",
            tuple(state.BOARDS),
            default="official",
            required=True,
            format_func=lambda name: state.BOARDS[name],
            key=state.BOARD,
            bind="query-params",
        )
        search = st.text_input(
            "Search by name or team",
            icon=":material/search:",
            max_chars=state.SEARCH_LIMIT,
            key=state.SEARCH,
            bind="query-params",
            live=True,
            width=240,
        )
        sort = st.selectbox(
            "Sort by",
            state.SORTS,
            format_func=state.label,
            key=state.SORT,
            bind="query-params",
            width=190,
        )
        with st.popover("Columns", icon=":material/view_column:"):
            columns = st.pills(
                "Columns to show",
                state.CHOOSABLE,
                selection_mode="multi",
                default=state.CHOOSABLE,
                format_func=state.label,
                key=state.COLUMNS,
                bind="query-params",
            )
            st.markdown(
                ":small[Rank and model always stand. With nothing chosen, all columns show.]"
            )
    return state.view(board, sort, search, columns)


def clear_search() -> None:
    """Callback: empty the search field."""
    st.session_state[state.SEARCH] = ""
