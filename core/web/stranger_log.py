"""Limits what strangers can write to the log: one short record per minute and kind.

Errors that strangers cannot cause keep their traceback: they are bugs, and may be logged only here.
"""

import logging
import time
import traceback
from collections.abc import Callable
from typing import Final

_EVERY_S: Final = 60.0
_LONGEST: Final = 500
# Loggers of strangers' broken messages, by default each with a traceback.
_LOGGERS: Final = ("streamlit.web.server.starlette.starlette_websocket", "uvicorn.error")


_LONGEST_TRACEBACK: Final = 8000
# Exceptions of unreadable messages and broken connections.
_STRANGERS_LIBRARIES: Final = ("websockets", "h11", "httptools", "wsproto", "google")
_STRANGERS_ERRORS: Final = (ConnectionError, TimeoutError, UnicodeError)
_STRANGERS_NAMES: Final = ("WebSocketDisconnect", "ClientDisconnect", "ClientDisconnected")


class OnceAMinute(logging.Filter):
    """Lets one shortened warning or error of each kind through per minute.

    The next one says how many were left out. A kind is the message without its values; for a bug
    (an error with an exception that strangers cannot cause) it is the exception and its place, and
    the traceback is kept.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._last: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written; modifies it."""
        if record.levelno < logging.WARNING:
            return True
        defect = _defect(record)
        kind = str(record.msg)[:_LONGEST] + (_place(defect) if defect else "")
        now = self._clock()
        if now - self._last.get(kind, float("-inf")) < _EVERY_S:
            self._left_out[kind] = self._left_out.get(kind, 0) + 1
            return False
        self._last[kind] = now
        if len(self._last) > 100:  # kinds that contain a stranger's text
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
    """The exception of a record about a bug of the server."""
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
    """Install the filter, once per process."""
    only = OnceAMinute()
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(only)
