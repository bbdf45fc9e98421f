"""How the mirror stands, for the admin page: last sync, head, what waits, what is wrong."""

from datetime import UTC, datetime

import streamlit as st

from core.errors import StoreError
from core.mirror.mirror_status import LOCAL_ONLY, MirrorStatus, mirror_status
from core.settings import Settings
from core.ui.times import when

_NEVER = "never"


def show_mirror(settings: Settings) -> None:
    """A small panel; reads the disk only. The last error stands on top, with what to do."""
    with st.container(border=True):
        st.subheader("Mirror", anchor=False)
        try:
            status = mirror_status(settings)
        except StoreError as error:
            st.error(str(error), icon=":material/error:")
            return
        if not status.configured:
            st.markdown(LOCAL_ONLY)
            return
        if status.error:
            st.error(status.error, icon=":material/sync_problem:")
        st.table(facts(status, datetime.now(UTC)), border="horizontal")


def facts(status: MirrorStatus, now: datetime) -> dict[str, str]:
    """What the panel lists, in its order; all text is ours but the repo's name."""
    waiting = status.waiting_operations
    found = {
        "Dataset repo": f"`{status.repo}`",
        "Last sync, UTC": when(status.synced, now) or _NEVER,
        "Last answer, UTC": when(status.checked, now) or _NEVER,
        "Head": f"`{status.head[:12]}`" if status.head else "not read yet",
        "Waiting": "nothing" if not waiting else f"{waiting} operation{'s' * (waiting != 1)}",
    }
    if status.retry_at:
        again = datetime.fromisoformat(status.retry_at)
        found["Next try, UTC"] = f"{again:%H:%M:%S}"
    return found
