"""Shows text from other people as plain text, never as Markdown or HTML."""

import re
import zlib
from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st

from core.model.links import link_problem


def refusal(text: str) -> None:
    """One problem, beside what it is about."""
    labelled(":red[:material/error:]", text)


def announce(title: str, text: str) -> None:
    """A box with a title of ours and a text that an admin wrote."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":material/info: **{title}**")
        st.text(text)


def key_of(name: str, labels: Mapping[str, str]) -> str:
    """A key for a list with these labels. A browser keeps the label of what was chosen, so that a
    list under the same key would go on showing the old one."""
    return f"{name}_{zlib.crc32(repr(sorted(labels.items())).encode('utf-8', 'replace')):08x}"


def show_links(text: str) -> None:
    """A button for each web address in a text that is shown as text."""
    for word in dict.fromkeys(text.split()):
        url = word.rstrip(".,;:!?)")
        host = urlsplit(url).hostname if link_problem(url) is None else None
        if host and re.fullmatch(r"[a-z0-9.-]+", host):
            st.link_button(f"Open {host}", url, icon=":material/open_in_new:", type="tertiary")


def labelled(label: str, text: str) -> None:
    """A text after its label. Only the label, which is ours, is read as Markdown."""
    with st.container(horizontal=True, gap="xsmall", wrap=False):
        st.markdown(label, width="content")
        st.text(text, width="stretch")
