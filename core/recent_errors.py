"""The latest warnings and errors of this process, for the admin: when, where, one sentence.

Only messages are kept, never a traceback or an exception's text, which may quote data.
"""

import logging
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_KEPT: Final = 50
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class Noted:
    """One log record. `time` is UTC, ISO 8601."""

    time: str
    level: str
    where: str
    text: str


class _Keeper(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.noted: deque[Noted] = deque(maxlen=_KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage().splitlines() or [""]
        told = text[0][:_LONGEST]
        if record.exc_info and record.exc_info[0]:
            told = f"{told} ({record.exc_info[0].__name__}; the server's log has the rest)"
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
        self.noted.append(Noted(moment, record.levelname.lower(), record.name, told))


_KEEPER = _Keeper()


def keep() -> None:
    """Start recording this process's log messages. Calling it again has no effect."""
    for name in (None, "streamlit"):  # Streamlit's logger does not propagate
        logger = logging.getLogger(name)
        if _KEEPER not in logger.handlers:
            logger.addHandler(_KEEPER)


def noted() -> list[Noted]:
    """The recorded messages, newest first."""
    return list(reversed(_KEEPER.noted))
