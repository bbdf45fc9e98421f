"""Shows text from other people as plain text, never as Markdown or HTML."""

import string
import zlib
from collections.abc import Mapping
from urllib.parse import quote

import streamlit as st

from core.publish.text import web_addresses


def refusal(text: str) -> None:
    """One problem, shown beside its subject."""
    labelled(":red[:material/error:]", text)


def announce(title: str, text: str) -> None:
    """A box with our own title and an admin's text."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":material/info: **{title}**")
        st.text(text)


def key_of(name: str, labels: Mapping[str, str]) -> str:
    """A key for a list with these labels. A browser keeps the label of the chosen option, so a
    list under the same key would still show an old label."""
    return f"{name}_{zlib.crc32(repr(sorted(labels.items())).encode('utf-8', 'replace')):08x}"


def show_links(text: str) -> None:
    """A link for each web address in a text that is shown as plain text."""
    links = [
        f"[Open {host}](<{quote(url, safe=string.punctuation)}>)"
        for url, host in web_addresses(text)
    ]
    if links:
        st.markdown(" · ".join(links))


def labelled(label: str, text: str) -> None:
    """A plain text after its label. Only the label is rendered as Markdown."""
    with st.container(horizontal=True, gap="xsmall", wrap=False):
        st.markdown(label, width="content")
        st.text(text, width="stretch")
