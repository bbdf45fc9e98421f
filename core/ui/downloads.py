"""Files that are made when a reader asks for them, and stay until the browser has fetched them.

Streamlit drops a file that was made on the click after two runs of anybody's page, in which its
media manager finds no session that holds it: with a few readers the browser gets a 404 in its
place. So the last of them are held here, in the name of no session.
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
    """A button that makes a file on the click and saves it; `more` as st.download_button has it."""

    def made() -> bytes:
        data = make()
        if runtime.exists():
            hold(runtime.get_instance().media_file_mgr, data, file_name, media_type)
        return data

    st.download_button(
        label, data=made, file_name=file_name, mime=media_type, on_click="ignore", **more
    )


def hold(manager: MediaFileManager, data: bytes, file_name: str, media_type: str) -> None:
    """Keep a file in a media manager until so many others have come."""
    place = f"held.{next(_numbers) % _HELD}"
    manager.add(data, media_type, place, file_name=file_name, is_for_static_download=True)
