"""Shows other people's changes without a reload."""

import streamlit as st


def run_again_when_changed(seen: str | None) -> None:
    """Mark the page with the revision that it shows (None: the boards could not be read).

    site.js compares it with /x/revision every few seconds, and runs the page again if it differs.
    A rerun at intervals would do the same, but Streamlit cuts short what a click draws if the next
    rerun follows at once, and then leaves the old chart beside the new one.
    """
    st.html(f'<span data-revision="{seen or ""}"></span>', width="content")


@st.fragment(run_every=3600.0)
def run_again_when_reconnected() -> None:
    """Run the page when the browser reconnects to the server, possibly in a new session.

    Streamlit does so only on pages where something runs at intervals. Elsewhere the first click
    after a restart would be lost, since the new session knows no buttons.
    """
