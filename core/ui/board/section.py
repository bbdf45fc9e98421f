"""The board on its page: controls, caption, and the table or a text if there are no entries.

Readers who open a board's own address already see it, in the first answer
(core/web/first_page.py); the rest of a large board follows after the controls. For others the
first rows of the table are sent first, below the space for the controls, and the rest once they
are on screen. Sent together, they would appear a third later, since a browser loads a script for
every kind of widget. Whoever comes back from another page gets the controls with the first rows of
a large board. Other runs draw everything together.
"""

import time
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitAPIException

from core.publish import address
from core.publish.address import View
from core.publish.board.figures import caption_note
from core.publish.board.words import EMPTY, ROWS_AT_ONCE, caption, last_change
from core.ui import cached, times
from core.ui.board.controls import board_controls, clear_search
from core.ui.board.export import show_exports
from core.ui.navigation import began_with_board, came_from_elsewhere, show_bar

FIRST_ROWS = 14  # as many as fit on most screens
_FIRST_PAINT = 0.6  # seconds before anything else is sent, enough for a slow machine
_CONTROLS_PAINT = 1.2  # the same for the controls above a large table, each with a script to load
_AGAIN = 0.5  # the same for controls whose scripts are loaded
_PAINTED = "board_painted"


def show_board(snap: cached.Snapshot) -> View:
    """Draw controls and table; return what the reader chose to see."""
    _correct_address()
    # The keys become classes: core/web/assets/site.css reserves the controls' height from the
    # start, and hides what is below the table until the table is complete.
    above = st.container(key="board_controls")
    table = st.container(key="board_table")
    pause = 0.0
    painted = _PAINTED in st.session_state
    if not painted:
        table = table.empty()  # on later runs the table would disappear until it is drawn again
        params = {key: st.query_params.get_all(key) for key in st.query_params}
        view = replace(address.from_address(params), as_of=snap.day)
        if began_with_board() and address.names_only_board(params):
            pause = _CONTROLS_PAINT * (len(snap.shown(view)) > ROWS_AT_ONCE)
            _show(table, snap, view, ROWS_AT_ONCE if pause else None)
        else:
            _show(table, snap, view, FIRST_ROWS)
            time.sleep(_FIRST_PAINT)
        st.session_state[_PAINTED] = True
        show_bar()
    with above.container(horizontal=True, vertical_alignment="center", gap="small"):
        view = replace(board_controls(), as_of=snap.day)
        if snap.shown(view):
            show_exports(snap, view)
    if painted and came_from_elsewhere() and len(snap.shown(view)) > ROWS_AT_ONCE:
        table, pause = table.empty(), _AGAIN
        _show(table, snap, view, ROWS_AT_ONCE)
    time.sleep(pause)  # a browser needs up to two seconds for a large table
    _show(table, snap, view)
    return view


def _correct_address() -> None:
    """Write the board's name in the address as the controls spell it, before they are drawn."""
    given = {key: st.query_params.get_all(key) for key in st.query_params}
    if found := address.corrected_spelling(given):
        try:
            for parameter, values in found.items():
                st.query_params[parameter] = values
        except StreamlitAPIException:
            return  # controls that are there already hold it, and fall back
        st.rerun()


def _show(
    place: DeltaGenerator, snap: cached.Snapshot, view: View, limit: int | None = None
) -> None:
    board = snap.board(view.board)
    hits = len(snap.shown(view))
    if hits:
        note = caption_note(snap.statistics(view.board))
        # Not in a container: the table would be recreated and disappear briefly.
        newest = times.local(last_change(board))
        place.html(snap.table(view, caption(board, hits, view.search, newest, note), limit))
    elif not board.standings:
        place.info(EMPTY[board.name], icon=":material/inbox:")
    else:
        with place.container():
            st.info(
                "No model or team on this board matches the search. Try fewer letters, or the "
                "other board.",
                icon=":material/search_off:",
            )
            if limit is None:
                st.button("Clear the search", on_click=clear_search)
