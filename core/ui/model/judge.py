"""Who graded a model's captions, and the result: from a judge run, elsewhere, or not at all."""

import streamlit as st

from core.model.entries import Entry
from core.publish.judges import means
from core.publish.model.captions import aspects_html, facts, ungraded
from core.ui.navigation import judge_link
from core.ui.text import labelled


def show_judge(entry: Entry, uploaded: bool) -> None:
    """The judge, its run and its grades by aspect. `uploaded`: the entry came from an upload."""
    st.subheader("Captions", anchor="captions")
    if entry.judge is None:
        st.markdown(ungraded(entry, uploaded))
    else:
        # The endpoint reports this name itself, so it is shown as plain text.
        labelled("**Graded by**", entry.judge.model)
        st.caption(" · ".join(facts(entry, entry.judge)))
        if said := means(entry.judge.model):
            st.caption(said)
        if entry.judge.aspects:
            st.html(aspects_html(entry.judge))
    if uploaded:
        judge_link(entry.entry_id, "See its judge run")
