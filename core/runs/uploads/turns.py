"""Takes turns: so many at once, the others in the order in which they came.

A check of an upload may use 1 GB; what all of them use together is bounded by their number.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

_TOLD_EVERY_S: Final = 1.0


def nobody(_ahead: int) -> None:
    """For who needs not know how long it takes."""


class Turns:
    """The turns of one process, `most` at once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._order: list[object] = []  # at work and waiting, first come first
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, tell: Callable[[int], None] = nobody) -> Iterator[None]:
        """Wait for a turn and have it.

        `tell` is called with how many must end before: about once a second while it waits, never
        when there is no waiting. What it raises ends the waiting.
        """
        mine = object()
        with self._changed:
            self._order.append(mine)
        try:
            while ahead := self._ahead(mine):
                tell(ahead)
                with self._changed:
                    self._changed.wait_for(lambda: not self._ahead(mine), _TOLD_EVERY_S)
            yield
        finally:
            with self._changed:
                self._order.remove(mine)
                self._changed.notify_all()

    def _ahead(self, mine: object) -> int:
        return max(0, self._order.index(mine) - self._most + 1)


@lru_cache(maxsize=4)
def turns(most: int) -> Turns:
    """The turns of this process for this setting."""
    return Turns(most)
