"""One model: its scores, its rank and why, and how its numbers were computed."""

import streamlit as st

from core.errors import MedVidBenchError
from core.model.entries import BoardName
from core.publish.address import BOARD, ID, named_options
from core.ui.as_of import boards_asked
from core.ui.frame import error_panel, page_header
from core.ui.model.choose import choose
from core.ui.model.view import show_model
from core.ui.refresh import run_again_when_changed
from core.usecases.whereabouts import Gone, whereabouts

_SENTENCE = "Its scores, its rank and why, and how its numbers were computed."


def show_page() -> str | None:
    """Draw everything; returns the revision shown, None when there was nothing to read."""
    try:
        snap = boards_asked()
        wanted = st.query_params.get(ID, "")
        boards = named_options({BOARD: st.query_params.get_all(BOARD)}, BOARD)
        named: BoardName | None = (
            "community" if "community" in boards else "official" if boards else None
        )
        found = whereabouts(snap.state(), wanted, named, day=snap.day)
        if not isinstance(found, Gone):
            show_model(snap, found)
            return snap.revision
        page_header("Model", _SENTENCE)
        if wanted:
            st.info(found.text, icon=":material/link_off:")
        if chosen := choose(snap.state(), "model_choice"):
            st.query_params[ID] = chosen
            st.query_params.pop(BOARD, None)
            st.rerun()
    except MedVidBenchError as error:
        page_header("Model", _SENTENCE)
        error_panel(
            "The boards cannot be read.",
            "Nothing is lost: the files are unchanged.",
            "This page tries again every few seconds. If this persists, tell the maintainers.",
            error,
        )
        return None
    return snap.revision


run_again_when_changed(show_page())
