"""Slows down guessing of the admin's password, and never keeps the admin out for long.

Failures are counted per address in one small file, so that reruns, sessions, processes
and restarts share them. An address that failed five times waits: a second, then twice as
long each time, at most 15 minutes. When all addresses together failed that often,
everybody waits, each from their own first try on and at most 30 s: strangers cannot
prolong it, however many they are. Who comes from no known address shares one bucket with
all such people, and so waits by that second rule only.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.access.attempts import Attempts, AttemptsFile, AttemptsInMemory

FREE_TRIES: Final = 5
OVERALL_MAX_S: Final = 30.0
ADDRESS_MAX_S: Final = 15 * 60.0
FORGET_AFTER_S: Final = 3600.0
TRUST_S: Final = 30 * 24 * 3600.0
_MAX_ADDRESSES: Final = 2000
_MAX_TRUSTED: Final = 50


@dataclass(slots=True)
class Ticket:
    """What one browser session keeps: since when its next try waits. Lives on the server."""

    since: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """`free_overall`: failures of all together before everybody waits. `address_max_s`: the
    longest that one address waits.
    """

    free_overall: int = FREE_TRIES
    address_max_s: float = ADDRESS_MAX_S


class Throttle:
    """The counts in a file, or without one in this process. `clock`: seconds since the epoch."""

    def __init__(
        self,
        path: Path | None,
        clock: Callable[[], float] = time.time,
        limits: Limits = Limits(),
    ) -> None:
        self._kept = AttemptsFile(path) if path else AttemptsInMemory()
        self._clock = clock
        self._limits = limits

    def wait(self, address: str, ticket: Ticket) -> float:
        """Seconds until a try of this session is looked at; 0 when it may be now.

        `address` is a keyed hash, empty when it is not known. The first call of a session
        that has to wait starts its time.
        """
        now = self._clock()
        record = self._fresh(self._kept.read(), now)
        own = 0.0
        if address:
            count, last = record.addresses.get(address, (0, 0.0))
            own = last + delay(count, self._limits.address_max_s) - now
        overall = delay(record.all_count, OVERALL_MAX_S, self._limits.free_overall)
        if not overall:
            return max(0.0, own)
        if ticket.since is None or ticket.since > now:
            ticket.since = now
        return max(0.0, own, ticket.since + overall - now)

    def charge(self, address: str, ticket: Ticket) -> None:
        """Count one try, before its password is looked at. Raises StoreError: look at none then."""
        with self._kept.locked():
            now = self._clock()
            record = self._fresh(self._kept.read(), now)
            if address:
                count, _last = record.addresses.get(address, (0, 0.0))
                record.addresses[address] = (count + 1, now)
            record.all_count, record.all_last = record.all_count + 1, now
            self._kept.write(record)
        ticket.since = now

    def succeeded(self, address: str, ticket: Ticket) -> None:
        """Take back the charge of a right password and the address's failures; not others'."""
        ticket.since = None
        with self._kept.locked():
            record = self._kept.read()
            record.addresses.pop(address, None)
            record.all_count = max(0, record.all_count - 1)
            if address:
                known = {**record.right, address: self._clock()}
                newest = sorted(known, key=known.__getitem__)[-_MAX_TRUSTED:]
                record.right = {one: known[one] for one in newest}
            self._kept.write(record)

    def trusts(self, address: str) -> bool:
        """Whether the password was right from this address within the last TRUST_S."""
        when = self._kept.read().right.get(address) if address else None
        return when is not None and 0 <= self._clock() - when < TRUST_S

    def failures(self) -> int:
        """Wrong passwords from everywhere that still count."""
        return self._fresh(self._kept.read(), self._clock()).all_count

    def _fresh(self, record: Attempts, now: float) -> Attempts:
        """The record without what is over: an hour after the last failure all is forgotten."""
        kept = {
            address: (count, last)
            for address, (count, last) in record.addresses.items()
            if 0 <= now - last < FORGET_AFTER_S
        }
        newest = sorted(kept, key=lambda address: kept[address][1])[-_MAX_ADDRESSES:]
        over = not 0 <= now - record.all_last < FORGET_AFTER_S
        return Attempts(
            {address: kept[address] for address in newest},
            0 if over else record.all_count,
            0.0 if over else record.all_last,
            record.right,
        )


def delay(failures: int, longest: float, free: int = FREE_TRIES) -> float:
    """Seconds to wait after so many failures: 1, 2, 4, … from `free` on, up to `longest`."""
    if failures < free:
        return 0.0
    return min(longest, float(2 ** min(failures - free, 20)))
