"""Loads the script that links with `data-go` need (docs/architecture.md, "Links that keep the
session").

Streamlit has no public call for a script without a place on the page: an element takes one even
if it shows nothing. Its container for events has none, so that is asked for here, and only here.
"""

import streamlit as st

_TAG = '<script src="./x/site.js"></script>'  # served by core/web/assets.py


def load() -> None:
    """Once in every run, before anything else that has no place, so that it is loaded once."""
    st._event.html(_TAG, unsafe_allow_javascript=True)
