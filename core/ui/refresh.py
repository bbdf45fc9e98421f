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
