"""Submission keys that a browser remembers for its owner: in a cookie that no script reads.

A page cannot set a cookie, since it talks over a websocket. It notes what is wanted and puts a
ticket into the page; the browser posts the ticket (core/web/device_keys.py), so that a key is in
no address, no markup and no log. The tickets are in this process's memory, where both sides are.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from core.access.submission_keys import key_problem

COOKIE: Final = "medvidbench_keys"
KEPT_S: Final = 365 * 24 * 3600
MOST: Final = 20  # keys of 36 characters; a browser takes 4,096
_BETWEEN: Final = "."  # not in a key, and plain in a cookie
_VALID_S: Final = 120.0
_MOST_TICKETS: Final = 1000


@dataclass(frozen=True, slots=True)
class Wish:
    """Keys that a browser is to remember and to forget; `everything`: forget all others too."""

    remember: tuple[str, ...] = ()
    forget: tuple[str, ...] = ()
    everything: bool = False

    def applied(self, known: Iterable[str]) -> tuple[str, ...]:
        """What a browser that remembers `known` remembers then; of too many, the newest."""
        kept = () if self.everything else tuple(known)
        gone = {*self.forget, *self.remember}
        return (*(key for key in kept if key not in gone), *self.remember)[-MOST:]


def keys_of(cookie: str) -> tuple[str, ...]:
    """The keys in a cookie; what cannot be a key is left out."""
    found = dict.fromkeys(cookie.strip('" ').split(_BETWEEN)[: 2 * MOST])
    return tuple(key for key in found if key_problem(key) is None)[-MOST:]


def cookie_of(keys: Iterable[str]) -> str:
    """The keys as a cookie's value."""
    return _BETWEEN.join(keys)


class Tickets:
    """What pages have asked for and browsers have not fetched yet. Each ticket works once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, tuple[float, Wish]] = {}

    def note(self, wish: Wish) -> str:
        """A ticket for a wish, for two minutes."""
        ticket = secrets.token_urlsafe(24)
        with self._lock:
            self._open[ticket] = (self._clock(), wish)
            while len(self._open) > _MOST_TICKETS:
                del self._open[next(iter(self._open))]
        return ticket

    def take(self, ticket: str) -> Wish | None:
        """The wish of a ticket; None when it was taken already, is too old or is none."""
        with self._lock:
            noted, wish = self._open.pop(ticket, (0.0, None))
        return wish if wish is not None and self._clock() - noted <= _VALID_S else None


TICKETS: Final = Tickets()
