"""Ends the server's own work on shutdown, regardless of visitors' connections.

The web server waits for its connections, and a maliciously broken one makes it wait forever or
fail. So the final work is triggered by the signal or by the web server's end, whichever comes
first.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

LOG = logging.getLogger("medvidbench")
GRACE_S: Final = 3.0  # for responses in progress


class Closing:
    """`last`: done once, at the end; it has its own time limits."""

    def __init__(self, last: Callable[[], None], grace_s: float = GRACE_S) -> None:
        self._last = last
        self._grace_s = grace_s
        self._lock = threading.Lock()
        self._closed = False
        self._returned = threading.Event()
        self.asked = False

    def listen(self) -> None:
        """Handle signals, before the existing handlers. Call it in the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._heard(signal.getsignal(number)))

    def _heard(self, before: Any) -> Callable[[int, FrameType | None], None]:
        def handler(number: int, frame: FrameType | None) -> None:
            if not self.asked:
                self.asked = True
                threading.Thread(target=self._after_grace, name="closing", daemon=True).start()
            if callable(before):
                before(number, frame)

        return handler

    def _after_grace(self) -> None:
        if not self._returned.wait(self._grace_s):
            LOG.warning("No longer waiting for a connection that does not end.")
            self._close()
            os._exit(0)

    def close(self) -> None:
        """The web server has returned."""
        self._returned.set()
        self._close()

    def _close(self) -> None:
        with self._lock:
            if not self._closed:
                self._closed = True
                self._last()
