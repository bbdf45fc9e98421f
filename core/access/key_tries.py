"""Slows down guessing of submission keys without locking out owners.

A key is too random to be guessed; guesses only cost the server work. Wrong keys are counted like
wrong admin passwords, but in memory, so that a full disk does not lock out owners, and with waits
of at most a minute.
"""

import threading
from functools import lru_cache
from pathlib import Path
from typing import Final

from core.access.throttle import Limits, Throttle, Ticket

MOST_WAIT_S: Final = 60.0
FREE_OVERALL: Final = 100  # typing errors


class KeyTries:
    """All visitors' wrong keys. `visitor` is a keyed hash, as for a submitter."""

    def __init__(self) -> None:
        self._throttle = Throttle(None, limits=Limits(FREE_OVERALL, MOST_WAIT_S))
        self._lock = threading.Lock()

    def begin(self, visitor: str, ticket: Ticket) -> float:
        """Count an attempt as wrong before checking its key; or seconds to wait, then check
        nothing.

        `right` undoes this for a correct key.
        """
        with self._lock:
            wait = self._throttle.wait(visitor, ticket)
            if not wait:
                self._throttle.charge(visitor, ticket)
            return wait

    def right(self, visitor: str, ticket: Ticket) -> None:
        """The key was correct: forget this visitor's earlier wrong keys."""
        self._throttle.succeeded(visitor, ticket)


@lru_cache(maxsize=4)
def key_tries(root: Path) -> KeyTries:  # noqa: ARG001 - what the cache goes by
    """The wrong keys of a data folder."""
    return KeyTries()
