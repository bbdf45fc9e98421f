"""How many requests may run at once, and when the next may start."""

import asyncio
import random
import time

_JITTER = 0.1  # jitter after a pause, as a share of it


class Pace:
    """Lets at most `limit` requests run: halved on 429, increased by one per `limit` successes.

    There is no await between reading and changing the numbers, so it needs no lock, and
    leaving cannot be cancelled halfway.
    """

    def __init__(self, most: int) -> None:
        self._most, self.limit = most, float(most)
        self.running, self._until = 0, 0.0
        self._freed = asyncio.Event()

    async def __aenter__(self) -> None:
        while True:
            pause = self._until - time.monotonic()
            if pause > 0:
                apart = random.uniform(0, _JITTER * pause)  # noqa: S311 - no secret
                await asyncio.sleep(pause + apart)
            elif self.running < int(self.limit):
                self.running += 1
                return
            else:
                self._freed.clear()
                await self._freed.wait()

    async def __aexit__(self, *_error: object) -> None:
        self.running -= 1
        self._freed.set()

    def slower(self, pause_s: float) -> None:
        """No request starts for `pause_s`; requests refused together halve the pace once."""
        now = time.monotonic()
        if now >= self._until:
            self.limit = max(1.0, self.limit / 2)
        self._until = max(self._until, now + pause_s)

    def faster(self) -> None:
        """Counts a success."""
        self.limit = min(float(self._most), self.limit + 1 / self.limit)
        self._freed.set()
