"""How many requests may run at once, and when the next may start."""

import asyncio
import random
import time

_JITTER = 0.1  # share of a pause by which those who waited for its end start apart


class Pace:
    """Lets at most `limit` requests run: halved at 429, grown by one per `limit` successes.

    Nothing is awaited between a look at the numbers and their change, so that no lock is
    needed, and leaving cannot be cancelled half-way.
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
        """Nobody starts for `pause_s`; those refused together halve the pace once."""
        now = time.monotonic()
        if now >= self._until:
            self.limit = max(1.0, self.limit / 2)
        self._until = max(self._until, now + pause_s)

    def faster(self) -> None:
        """One more success."""
        self.limit = min(float(self._most), self.limit + 1 / self.limit)
        self._freed.set()
