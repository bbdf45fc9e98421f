"""Limits what strangers can write to the log: one short record per minute of each kind.

An error that is no stranger's doing keeps its traceback: it is a defect, and may be told here only.
"""

import logging
import time
import traceback
from collections.abc import Callable
from typing import Final

_EVERY_S: Final = 60.0
_LONGEST: Final = 500
# Where strangers' broken messages are told, each with a traceback otherwise.
_LOGGERS: Final = ("streamlit.web.server.starlette.starlette_websocket", "uvicorn.error")


_LONGEST_TRACEBACK: Final = 8000
# Of messages that cannot be read, and of connections that break.
_STRANGERS_LIBRARIES: Final = ("websockets", "h11", "httptools", "wsproto", "google")
_STRANGERS_ERRORS: Final = (ConnectionError, TimeoutError, UnicodeError)
_STRANGERS_NAMES: Final = ("WebSocketDisconnect", "ClientDisconnect", "ClientDisconnected")


class OnceAMinute(logging.Filter):
    """Lets one warning or error of each kind through a minute, cut.

    The next one says how many were left out. A kind is the message before values are put in, and
    of a defect (an error with an exception that no stranger makes) what was raised and where; its
    traceback is kept.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._last: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written; changes it."""
        if record.levelno < logging.WARNING:
            return True
        defect = _defect(record)
        kind = str(record.msg)[:_LONGEST] + (_place(defect) if defect else "")
        now = self._clock()
        if now - self._last.get(kind, float("-inf")) < _EVERY_S:
            self._left_out[kind] = self._left_out.get(kind, 0) + 1
            return False
        self._last[kind] = now
        if len(self._last) > 100:  # kinds that hold a stranger's text
            del self._last[next(iter(self._last))]
        said = record.getMessage().strip().replace("\n", " ")[:_LONGEST]
        if record.exc_info and record.exc_info[1] is not None:
            said += f": {record.exc_info[1]!r:.{_LONGEST}}"
        more = self._left_out.pop(kind, 0)
        record.msg = said + (f" ({more} more like it within a minute)" if more else "")
        record.args = ()
        if defect is None:
            record.exc_info, record.exc_text = None, None
        else:
            told = "".join(traceback.format_exception(defect)).rstrip()
            half = _LONGEST_TRACEBACK // 2
            cut = len(told) > _LONGEST_TRACEBACK
            record.exc_text = f"{told[:half]}\n…\n{told[-half:]}" if cut else told
        return True


def _defect(record: logging.LogRecord) -> BaseException | None:
    """The exception of a record that tells of a defect of the server's own."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None or record.levelno < logging.ERROR or isinstance(error, _STRANGERS_ERRORS):
        return None
    kind = type(error)
    library = kind.__module__.partition(".")[0]
    strange = library in _STRANGERS_LIBRARIES or kind.__name__ in _STRANGERS_NAMES
    return None if strange else error


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    where = f"{frames[0].filename}:{frames[0].lineno}" if frames else ""
    return f" {type(error).__name__} {where}"


def bound() -> None:
    """From now on; once per process."""
    only = OnceAMinute()
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(only)
