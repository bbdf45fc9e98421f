"""Whose password is checked next: one at a time, fair by address, not first come first served.

Checking a password costs memory and a tenth of a second. In a single queue, an attacker who sends
hundreds of guesses at once would put them all before the admin's attempt.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class _Waiting:
    address: str
    place: int
    trusted: bool


class Turns:
    """One at a time within this process, alternating between addresses."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._had: Counter[str] = Counter()  # turns of an address while somebody is waiting
        self._arrived = 0
        self._busy = False

    @contextmanager
    def turn(self, address: str, *, trusted: bool = False) -> Iterator[None]:
        """Wait for the turn of one attempt from `address` (a keyed hash; "" if unknown).

        Addresses with a recent correct password (`trusted`) come first; then addresses with the
        fewest turns; then by order of arrival.
        """
        with self._changed:
            self._arrived += 1
            mine = _Waiting(address, self._arrived, trusted)
            self._waiting.append(mine)
            self._changed.wait_for(lambda: not self._busy and self._next() is mine)
            self._waiting.remove(mine)
            self._had[address] += 1
            self._busy = True
        try:
            yield
        finally:
            with self._changed:
                self._busy = False
                if not self._waiting:
                    self._had.clear()
                self._changed.notify_all()

    def waiting(self) -> int:
        """How many are waiting."""
        with self._changed:
            return len(self._waiting)

    def _next(self) -> _Waiting:
        return min(
            self._waiting, key=lambda one: (not one.trusted, self._had[one.address], one.place)
        )
