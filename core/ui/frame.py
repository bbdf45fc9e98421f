"""The frame that every page shares: title, sentence, demo note, error panel."""

from typing import Final

import streamlit as st

from core.errors import SettingsError
from core.mirror import status
from core.publish.board.words import demo_note
from core.settings import load

READABLE: Final = 736  # pixels: the width of a lone field or a line of text


def page_header(title: str, sentence: str) -> None:
    """Title and one sentence, then what is special about the data, if anything."""
    st.title(title, anchor=False)
    note = _note()
    st.markdown(f"{sentence}\n\n{note}" if note else sentence)


def show_note() -> None:
    """What is special about the data, if anything, on a page that draws its own title."""
    if note := _note():
        st.markdown(note)


def demo_judge() -> bool:
    """Whether the demo's judge grades captions here; pages say so where they explain judging."""
    try:
        return load().demo_judge
    except SettingsError:
        return False


def _note() -> str | None:
    """Whether data is synthetic, kept here only, or possibly older than the mirror's."""
    try:
        found = load()
    except SettingsError:
        return None  # the page shows the error itself
    if found.demo:
        short, more = demo_note(found.demo_judge)
        return f":blue-badge[Demo data] :small[{short}] :small[{more}]"
    said = status.note(found)
    return f":small[{said}]" if said else None


def error_panel(what: str, meaning: str, action: str, error: Exception) -> None:
    """What happened, what it means for the reader, what to do; the detail is folded."""
    st.error(f"**{what}** {meaning} {action}", icon=":material/error:")
    with st.expander("Detail"):
        st.code(str(error), language=None, wrap_lines=True)
