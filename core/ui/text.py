"""Shows text from other people as plain text, never as Markdown or HTML."""

import string
import zlib
from collections.abc import Mapping
from urllib.parse import quote

import streamlit as st

from core.publish.text import web_addresses


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
    """A link for each web address in a text that is shown as text."""
    links = [
        f"[Open {host}](<{quote(url, safe=string.punctuation)}>)"
        for url, host in web_addresses(text)
    ]
    if links:
        st.markdown(" · ".join(links))


def labelled(label: str, text: str) -> None:
    """A text after its label. Only the label, which is ours, is read as Markdown."""
    with st.container(horizontal=True, gap="xsmall", wrap=False):
        st.markdown(label, width="content")
        st.text(text, width="stretch")
