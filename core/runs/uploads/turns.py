"""Limits concurrency: a fixed number at once, the others in order of arrival.

A check of an upload may use 1 GB; limiting their number limits the total.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

_TOLD_EVERY_S: Final = 1.0


def nobody(_ahead: int) -> None:
    """For callers that do not show the wait."""


class Turns:
    """The turns of one process, `most` at once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._order: list[object] = []  # running and waiting, in order of arrival
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, tell: Callable[[int], None] = nobody) -> Iterator[None]:
        """Wait for a turn and take it.

        `tell` is called with the number of turns that must end first, about once a second while
        waiting. An exception from it ends the wait.
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
