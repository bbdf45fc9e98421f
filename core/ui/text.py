"""Shows text that somebody else wrote: as text, never as Markdown or HTML."""

import streamlit as st


def refusal(text: str) -> None:
    """One problem, beside what it is about."""
    labelled(":red[:material/error:]", text)


def announce(title: str, text: str) -> None:
    """A box with a title of ours and a text that an admin wrote."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":material/info: **{title}**")
        st.text(text)


def labelled(label: str, text: str) -> None:
    """A text after its label. Only the label, which is ours, is read as Markdown."""
    with st.container(horizontal=True, gap="xsmall", wrap=False):
        st.markdown(label, width="content")
        st.text(text, width="stretch")
