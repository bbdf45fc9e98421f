"""Bounds what strangers write into the log: one line a minute of each kind, of bounded length."""

import logging
import time
from collections.abc import Callable
from typing import Final

_EVERY_S: Final = 60.0
_LONGEST: Final = 500
# Where strangers' broken messages are told, each with a traceback otherwise.
_LOGGERS: Final = ("streamlit.web.server.starlette.starlette_websocket", "uvicorn.error")


class OnceAMinute(logging.Filter):
    """Lets one warning or error of each kind through a minute, cut and without its traceback.

    The next one says how many were left out. A kind is the message before values are put in.
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
        kind = str(record.msg)[:_LONGEST]
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
        record.args, record.exc_info, record.exc_text = (), None, None
        return True


def bound() -> None:
    """From now on; once per process."""
    only = OnceAMinute()
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(only)
