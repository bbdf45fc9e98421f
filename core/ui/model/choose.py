"""A choice among all visible models, for pages opened without one."""

import streamlit as st

from core.model.state import State
from core.publish.address import BOARDS


def models(state: State) -> dict[str, str]:
    """Entry id to label, the Official board first; labels are plain text."""
    return {
        entry.entry_id: f"{entry.model_name} · {label}"
        for board, label in BOARDS.items()
        for entry in state.shown(board)
    }


def choose(state: State, key: str) -> str | None:
    """The model chosen from a list; None until one is chosen."""
    known = models(state)
    chosen = st.selectbox(
        "Model",
        list(known),
        index=None,
        format_func=lambda entry_id: known.get(entry_id, ""),
        key=key,
        placeholder="Choose a model, or type part of its name",
    )
    return chosen if chosen in known else None
