"""Shows what other people change, without a reload: asks for the revision every few seconds."""

import streamlit as st

from core.errors import MedVidBenchError
from core.ui import cached

SECONDS = 3.0


@st.fragment(run_every=SECONDS)
def rerun_when_changed(seen: str | None) -> None:
    """Rerun the page when the boards differ from `seen` (None: they could not be read)."""
    try:
        now: str | None = cached.snapshot().revision if seen is None else cached.revision()
    except MedVidBenchError:
        now = None
    if now != seen:
        st.rerun()


@st.fragment(run_every=3600.0)
def run_again_when_reconnected() -> None:
    """Have the page run when the browser finds the server again, in what may be a new session.

    Streamlit's page does so by itself only where something runs at intervals; elsewhere the first
    click after a restart would be lost, since no button is known to the new session.
    """
