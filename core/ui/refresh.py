"""Shows other people's changes without a reload, by polling the revision every few seconds."""

import streamlit as st

from core.errors import MedVidBenchError
from core.ui import cached

SECONDS = 3.0


@st.fragment(run_every=SECONDS)
def rerun_when_changed(seen: str | None) -> None:
    """Rerun the page if the boards differ from `seen` (None: they could not be read)."""
    try:
        now: str | None = cached.snapshot().revision if seen is None else cached.revision()
    except MedVidBenchError:
        now = None
    if now != seen:
        st.rerun()


@st.fragment(run_every=3600.0)
def run_again_when_reconnected() -> None:
    """Run the page when the browser reconnects to the server, possibly in a new session.

    Streamlit does so only on pages where something runs at intervals. Elsewhere the first click
    after a restart would be lost, since the new session knows no buttons.
    """
