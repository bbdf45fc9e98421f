"""The landing page: both boards as a table, charts, and how to get on the Official board."""

import streamlit as st

from core.benchmark import LINKS
from core.errors import MedVidBenchError
from core.publish.board.words import SENTENCE, TITLE
from core.ui.as_of import boards_asked
from core.ui.board.changes import show_changes
from core.ui.board.section import show_board
from core.ui.explore.order import show_notice, show_order
from core.ui.explore.section import show_explore
from core.ui.frame import error_panel, page_header
from core.ui.refresh import run_again_when_changed
from core.ui.text import labelled, show_links


def show_page() -> str | None:
    """Draw everything; returns the revision shown, None when there was nothing to read."""
    try:
        snap = boards_asked()
        if snap.announcement and not snap.day:
            labelled(":blue[:material/campaign:]", snap.announcement)
            show_links(snap.announcement)
        show_notice()
        view = show_board(snap)
        board = snap.board(view.board)
    except MedVidBenchError as error:
        error_panel(
            "The boards cannot be read.",
            "Nothing is lost: the files are unchanged.",
            "This page tries again every few seconds. If this persists, tell the maintainers.",
            error,
        )
        return None
    if board.standings:
        show_explore(snap, view.board)
        show_order(snap, view.board)
    show_changes(snap)
    st.header("How to get on the Official board", anchor="official")
    st.markdown(
        "1. **Submit** your model’s predictions. They are scored here and appear on the Community "
        "board.\n"
        "2. The teams of the **top entries are contacted**, through the contact they gave. Others "
        "ask for verification under “My submissions”.\n"
        "3. They **give API access**, so that the maintainers can run the model themselves.\n"
        "4. **Verified entries move over** to the Official board, with the scores of that run or "
        "with yours, checked."
    )
    st.markdown(" · ".join(f"[{name}]({url})" for name, url in LINKS.items()))
    return snap.revision


page_header(TITLE, SENTENCE)
run_again_when_changed(show_page())
