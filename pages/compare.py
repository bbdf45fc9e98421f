"""Two to four models side by side: scores, differences, a sentence to quote."""

import streamlit as st

from core.errors import MedVidBenchError
from core.publish.facts import styles_html
from core.ui.as_of import boards_asked
from core.ui.compare.chosen import choose, compared
from core.ui.compare.view import show_comparison
from core.ui.frame import error_panel, page_header
from core.ui.model.choose import models as known_models
from core.ui.refresh import run_again_when_changed

_CHOOSE = (
    "Choose two to four models to see in which metrics they differ, whether a difference could be "
    "chance, and a sentence to quote."
)


def show_page() -> str | None:
    """Draw everything; returns the revision shown, None when there was nothing to read."""
    try:
        snap = boards_asked()
        ids, gone = choose(snap)
        for text in dict.fromkeys(gone):
            st.info(f"About a model in the link: {text}", icon=":material/link_off:")
        models = compared(snap, ids)
        if len(models) > 1:
            show_comparison(snap, models)
        else:
            text = "Choose one more model." if models else _CHOOSE
            if len(known_models(snap.state())) < 2:
                text = "There are no two models on the boards yet."
            st.info(text, icon=":material/compare_arrows:")
    except MedVidBenchError as error:
        error_panel(
            "The boards cannot be read.",
            "Nothing is lost: the files are unchanged.",
            "This page tries again every few seconds. If this persists, tell the maintainers.",
            error,
        )
        return None
    return snap.revision


st.html(styles_html())
page_header("Compare", "Where one model is better than another, and whether that could be chance.")
run_again_when_changed(show_page())
