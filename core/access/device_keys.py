"""Submission keys that a browser remembers for its owner: in a cookie that no script reads.

A page cannot set a cookie, since it communicates over a websocket. It stores the request and puts a
ticket into the page; the browser posts the ticket (core/web/device_keys.py), so that no key is in
an address, markup or log. Tickets are in this process's memory, which serves both.
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
MOST: Final = 20  # keys of 36 characters; browsers accept 4,096
_BETWEEN: Final = "."  # not in a key, and plain in a cookie
_VALID_S: Final = 120.0
_MOST_TICKETS: Final = 1000


@dataclass(frozen=True, slots=True)
class Wish:
    """Keys for a browser to remember and to forget; `everything`: forget all others too."""

    remember: tuple[str, ...] = ()
    forget: tuple[str, ...] = ()
    everything: bool = False

    def applied(self, known: Iterable[str]) -> tuple[str, ...]:
        """The keys remembered afterwards by a browser with `known`; only the newest if too many."""
        kept = () if self.everything else tuple(known)
        gone = {*self.forget, *self.remember}
        return (*(key for key in kept if key not in gone), *self.remember)[-MOST:]


def keys_of(cookie: str) -> tuple[str, ...]:
    """The keys in a cookie; invalid ones are left out."""
    found = dict.fromkeys(cookie.strip('" ').split(_BETWEEN)[: 2 * MOST])
    return tuple(key for key in found if key_problem(key) is None)[-MOST:]


def cookie_of(keys: Iterable[str]) -> str:
    """The keys as a cookie's value."""
    return _BETWEEN.join(keys)


class Tickets:
    """Requests of pages that browsers have not fetched yet. Each ticket works once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, tuple[float, Wish]] = {}

    def note(self, wish: Wish) -> str:
        """A ticket for a request, valid for two minutes."""
        ticket = secrets.token_urlsafe(24)
        with self._lock:
            self._open[ticket] = (self._clock(), wish)
            while len(self._open) > _MOST_TICKETS:
                del self._open[next(iter(self._open))]
        return ticket

    def take(self, ticket: str) -> Wish | None:
        """The request of a ticket; None if it is used, expired or invalid."""
        with self._lock:
            noted, wish = self._open.pop(ticket, (0.0, None))
        return wish if wish is not None and self._clock() - noted <= _VALID_S else None


TICKETS: Final = Tickets()
