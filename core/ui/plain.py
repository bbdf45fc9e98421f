"""Shows text that somebody else wrote: as text, never as Markdown or HTML."""

import streamlit as st


def refusal(text: str) -> None:
    """One problem, beside what it is about."""
    marked(":red[:material/error:]", text)


def marked(mark: str, text: str) -> None:
    """A text after a mark. Only `mark`, which is ours, is read as Markdown."""
    with st.container(horizontal=True, gap="xsmall", wrap=False):
        st.markdown(mark, width="content")
        st.text(text, width="stretch")
