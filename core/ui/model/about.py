"""The declared data of a model, and how its numbers were computed."""

import streamlit as st

from core.model.entries import Entry
from core.publish.board.table import SCORES_OF
from core.publish.model.about import NOT_SAID, SAID, declared, provenance
from core.publish.numbers import DASH
from core.ranking.board import Standing
from core.ui.text import labelled


def show_declared(entry: Entry) -> None:
    """The participant's declarations: shown as plain text, marked as declared."""
    st.subheader("About the model", anchor="about")
    labelled("**Organization**", entry.organization or DASH)
    told = declared(entry)
    for label, value in told:
        labelled(f"**{label}**", value)
    if entry.track:
        labelled("**Track**", entry.track)
    st.caption(SAID if told else NOT_SAID)


def show_provenance(standing: Standing) -> None:
    """The provenance of the scores: tries, version, truth, file. No text from other people."""
    entry, facts = standing.entry, provenance(standing)
    if facts:
        st.caption(" · ".join(facts))
    if entry.verification and entry.verification.scores:
        labelled("**Scores**", SCORES_OF[entry.verification.scores])
    if entry.verified_note:
        labelled("**Verification**", entry.verified_note)
