"""Files that are made on click and kept until the browser has fetched them.

Streamlit drops a file that was made on click after two runs of any visitor's page, since its
media manager finds no session that uses it: with a few readers, the browser gets a 404 instead.
So the latest files are kept here, independent of sessions.
"""

from collections.abc import Callable
from itertools import count
from typing import Any, Final

import streamlit as st
from streamlit import runtime
from streamlit.runtime.media_file_manager import MediaFileManager

_HELD: Final = 32  # files, of all readers together
_numbers: Final = count()


def button(
    label: str, make: Callable[[], bytes], file_name: str, media_type: str, **more: Any
) -> None:
    """A button that makes a file on click and saves it; `more` goes to st.download_button."""

    def made() -> bytes:
        data = make()
        if runtime.exists():
            hold(runtime.get_instance().media_file_mgr, data, file_name, media_type)
        return data

    st.download_button(
        label, data=made, file_name=file_name, mime=media_type, on_click="ignore", **more
    )


def hold(manager: MediaFileManager, data: bytes, file_name: str, media_type: str) -> None:
    """Keep a file in a media manager until _HELD others have followed."""
    place = f"held.{next(_numbers) % _HELD}"
    manager.add(data, media_type, place, file_name=file_name, is_for_static_download=True)
