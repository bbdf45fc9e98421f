"""“What changed?”: entries that were added, removed, moved or re-scored since a day, in words."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

import streamlit as st

from core.errors import StoreError
from core.publish.facts import said_html, styles_html
from core.publish.history import differences, told
from core.publish.sentences import Sentence
from core.store.as_of import state_at
from core.ui import cached
from core.ui.frame import error_panel

TITLE: Final = "What changed?"
CHANGED: Final = "changed_since"  # parameter of the address
_FOLD: Final = "changes"
_DAYS: Final = 30


@st.fragment
def show_changes(snap: cached.Snapshot) -> None:
    """The section, folded unless the address names a day."""
    st.session_state.setdefault(_FOLD, CHANGED in st.query_params)
    fold = st.expander(TITLE, key=_FOLD, on_change="rerun")
    if not fold.open:
        return
    last = date.fromisoformat(snap.day) if snap.day else datetime.now(UTC).date()
    with fold:
        since: date | None = st.date_input(
            "Since the end of this day (UTC)",
            last - timedelta(days=_DAYS),
            max_value=last,
            format="YYYY-MM-DD",
            key=CHANGED,
            bind="query-params",
            width=240,
        )
        if since is None:
            st.text("Choose a day.")
            return
        try:
            found = _told(snap, since.isoformat())
        except StoreError as error:
            error_panel(
                "The changes cannot be read.",
                "The boards above are right.",
                "Try another day. If the problem persists, tell the maintainers.",
                error,
            )
            return
        if found:
            st.html(styles_html() + said_html(found, snap.day))
        else:
            st.text("Nothing changed on the boards.")


@lru_cache(maxsize=32)
def _told(snap: cached.Snapshot, since: str) -> Sequence[Sentence]:
    revision = snap.store.revision()
    before = state_at(cached.settings(), date.fromisoformat(since), revision)
    return told(differences(before.state, snap.state()))
