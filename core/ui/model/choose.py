"""A choice among all models that are shown, for pages that were opened without one."""

import streamlit as st

from core.model.state import State
from core.publish.address import BOARDS


def models(state: State) -> dict[str, str]:
    """Entry id to what is shown of it, the Official board first; shown as plain text."""
    return {
        entry.entry_id: f"{entry.model_name} · {label}"
        for board, label in BOARDS.items()
        for entry in state.shown(board)
    }


def choose(state: State, key: str) -> str | None:
    """The model that was picked from a list; None until one is."""
    known = models(state)
    chosen = st.selectbox(
        "Model",
        list(known),
        index=None,
        format_func=lambda entry_id: known.get(entry_id, ""),
        key=key,
        placeholder="Choose a model, or type a part of its name",
    )
    return chosen if chosen in known else None
