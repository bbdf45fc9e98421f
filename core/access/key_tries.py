"""Slows down guessing of submission keys, and keeps no owner out.

A key is too random to be guessed; the guesses only cost the server work. Wrong keys are counted as
the admin's wrong passwords are, but in this process, so that a disk that takes nothing keeps
nobody from their own submission, and with waits of at most a minute.
"""

import threading
from functools import lru_cache
from pathlib import Path
from typing import Final

from core.access.throttle import Limits, Throttle, Ticket

MOST_WAIT_S: Final = 60.0
FREE_OVERALL: Final = 100  # honest people mistype too


class KeyTries:
    """The wrong keys of everybody. `visitor` is a keyed hash, as a submitter's."""

    def __init__(self) -> None:
        self._throttle = Throttle(None, limits=Limits(FREE_OVERALL, MOST_WAIT_S))
        self._lock = threading.Lock()

    def begin(self, visitor: str, ticket: Ticket) -> float:
        """Count a try as wrong before its key is looked at; or seconds to wait, then look at none.

        A right one is taken back by `right`.
        """
        with self._lock:
            wait = self._throttle.wait(visitor, ticket)
            if not wait:
                self._throttle.charge(visitor, ticket)
            return wait

    def right(self, visitor: str, ticket: Ticket) -> None:
        """The key opened something: what this visitor mistyped before does not count."""
        self._throttle.succeeded(visitor, ticket)


@lru_cache(maxsize=4)
def key_tries(root: Path) -> KeyTries:  # noqa: ARG001 - what the cache goes by
    """Those of a data folder."""
    return KeyTries()
