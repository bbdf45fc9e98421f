"""Why a chosen file did not arrive, kept until its page has shown it.

The browser's uploader shows a failed upload as a status code. So the web server stores the reason
here, by the id of the file, for the page to read.
"""

import threading
from typing import Final

LOST: Final = (
    "Choose the file again: the server has lost it, because it was restarted or this page was "
    "disconnected for some minutes. Nothing else that you entered is lost."
)
_KEPT: Final = 1000  # ids may be invented
_LONGEST: Final = 500
_WHY: dict[str, str] = {}
_LOCK = threading.Lock()


def note(file_id: str, why: str) -> None:
    """Store why a file did not arrive."""
    with _LOCK:
        _WHY.pop(file_id, None)
        _WHY[file_id[:_LONGEST]] = why
        if len(_WHY) > _KEPT:
            del _WHY[next(iter(_WHY))]


def why_missing(file_id: str) -> str:
    """One sentence on a chosen file that did not arrive, and what to do."""
    with _LOCK:
        return _WHY.get(file_id, LOST)
