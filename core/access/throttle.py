"""Slows down guessing of the admin's password without locking the admin out for long.

Failures are counted per address in one small file, shared by reruns, sessions, processes
and restarts. After five failures an address waits a second, then twice as long each time,
at most 15 minutes. When all addresses together have failed too often, everybody waits,
each from their own first attempt and at most 30 s: strangers cannot prolong it, however
many they are. Visitors without a known address share one counter, and so wait by this
second rule only.
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
    """State of one browser session on the server: since when its next attempt waits."""

    since: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """`free_overall`: total failures before everybody waits. `address_max_s`: the longest wait of
    one address.
    """

    free_overall: int = FREE_TRIES
    address_max_s: float = ADDRESS_MAX_S


class Throttle:
    """Counts in a file, or without one in memory. `clock`: seconds since the epoch."""

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
        """Seconds until this session's attempt may be checked; 0 if now.

        `address` is a keyed hash, empty if unknown. The first call of a session that has to wait
        starts its wait.
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
        """Count one attempt before checking its password. On StoreError do not check it."""
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
        """After a correct password, remove its count and the address's failures, not others'."""
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
        """Whether the password was correct from this address within the last TRUST_S."""
        when = self._kept.read().right.get(address) if address else None
        return when is not None and 0 <= self._clock() - when < TRUST_S

    def failures(self) -> int:
        """Wrong passwords from all addresses that still count."""
        return self._fresh(self._kept.read(), self._clock()).all_count

    def _fresh(self, record: Attempts, now: float) -> Attempts:
        """The record without expired parts: all is forgotten an hour after the last failure."""
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
