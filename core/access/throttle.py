"""Slows down guessing of the admin's password, and never keeps the admin out for long.

Failures are counted per address in one small file, so that reruns, sessions, processes
and restarts share them. An address that failed five times waits: a second, then twice as
long each time, at most 15 minutes. When all addresses together failed that often,
everybody waits, each from their own first try on and at most 30 s: strangers cannot
prolong it, however many they are. Who comes from no known address shares one bucket with
all such people, and so waits by that second rule only.
"""

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from core.errors import StoreError
from core.files import atomic
from core.files.locks import stale_advice

FREE_TRIES: Final = 5
OVERALL_MAX_S: Final = 30.0
ADDRESS_MAX_S: Final = 15 * 60.0
FORGET_AFTER_S: Final = 3600.0
TRUST_S: Final = 30 * 24 * 3600.0
_MAX_ADDRESSES: Final = 2000
_MAX_TRUSTED: Final = 50
_LOCK_TIMEOUT_S: Final = 10.0


@dataclass(slots=True)
class Ticket:
    """What one browser session keeps: since when its next try waits. Lives on the server."""

    since: float | None = None


@dataclass(slots=True)
class _Record:
    """Failures by hashed address as (count, time of the last), and of all together."""

    addresses: dict[str, tuple[int, float]] = field(default_factory=dict)
    all_count: int = 0
    all_last: float = 0.0
    right: dict[str, float] = field(default_factory=dict)  # when the password was right, by address


class Throttle:
    """The counts of one data folder. `clock` gives seconds since the epoch."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock

    def wait(self, address: str, ticket: Ticket) -> float:
        """Seconds until a try of this session is looked at; 0 when it may be now.

        `address` is a keyed hash, empty when it is not known. The first call of a session
        that has to wait starts its time.
        """
        now = self._clock()
        record = self._fresh(self._read(), now)
        own = 0.0
        if address:
            count, last = record.addresses.get(address, (0, 0.0))
            own = last + delay(count, ADDRESS_MAX_S) - now
        overall = delay(record.all_count, OVERALL_MAX_S)
        if not overall:
            return max(0.0, own)
        if ticket.since is None or ticket.since > now:
            ticket.since = now
        return max(0.0, own, ticket.since + overall - now)

    def charge(self, address: str, ticket: Ticket) -> None:
        """Count one try, before its password is looked at. Raises StoreError: look at none then."""
        with self._locked():
            now = self._clock()
            record = self._fresh(self._read(), now)
            if address:
                count, _last = record.addresses.get(address, (0, 0.0))
                record.addresses[address] = (count + 1, now)
            record.all_count, record.all_last = record.all_count + 1, now
            self._write(record)
        ticket.since = now

    def succeeded(self, address: str, ticket: Ticket) -> None:
        """Take back the charge of a right password and the address's failures; not others'."""
        ticket.since = None
        with self._locked():
            record = self._read()
            record.addresses.pop(address, None)
            record.all_count = max(0, record.all_count - 1)
            if address:
                known = {**record.right, address: self._clock()}
                newest = sorted(known, key=known.__getitem__)[-_MAX_TRUSTED:]
                record.right = {one: known[one] for one in newest}
            self._write(record)

    def trusts(self, address: str) -> bool:
        """Whether the password was right from this address within the last TRUST_S."""
        when = self._read().right.get(address) if address else None
        return when is not None and 0 <= self._clock() - when < TRUST_S

    def failures(self) -> int:
        """Wrong passwords from everywhere that still count."""
        return self._fresh(self._read(), self._clock()).all_count

    def _fresh(self, record: _Record, now: float) -> _Record:
        """The record without what is over: an hour after the last failure all is forgotten."""
        kept = {
            address: (count, last)
            for address, (count, last) in record.addresses.items()
            if 0 <= now - last < FORGET_AFTER_S
        }
        newest = sorted(kept, key=lambda address: kept[address][1])[-_MAX_ADDRESSES:]
        over = not 0 <= now - record.all_last < FORGET_AFTER_S
        return _Record(
            {address: kept[address] for address in newest},
            0 if over else record.all_count,
            0.0 if over else record.all_last,
            record.right,
        )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        atomic.make_folder(self._path.parent)
        lock = FileLock(self._path.with_suffix(".lock"), timeout=_LOCK_TIMEOUT_S, mode=0o600)
        try:
            with lock:
                yield
        except Timeout as error:
            raise StoreError(
                f"{self._path}: another process has held its lock for {_LOCK_TIMEOUT_S:g} s. "
                f"Try again. {stale_advice(lock)}"
            ) from error

    def _read(self) -> _Record:
        try:
            return _record(json.loads(self._path.read_bytes()))
        except FileNotFoundError:
            return _Record()
        except OSError as error:
            raise atomic.store_error(error, "Cannot read", self._path, "") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise StoreError(
                f"{self._path}: not the record of failed sign-ins. Delete it to start anew."
            ) from error

    def _write(self, record: _Record) -> None:
        data = {
            "addresses": record.addresses,
            "all_count": record.all_count,
            "all_last": record.all_last,
            "right": record.right,
        }
        atomic.write(self._path, json.dumps(data).encode())


def delay(failures: int, longest: float) -> float:
    """Seconds to wait after so many failures: 1, 2, 4, … from the fifth on, up to `longest`."""
    if failures < FREE_TRIES:
        return 0.0
    return min(longest, float(2 ** min(failures - FREE_TRIES, 20)))


def _record(data: dict[str, Any]) -> _Record:
    addresses = {
        str(key): (int(count), float(last)) for key, (count, last) in data["addresses"].items()
    }
    right = {str(key): float(when) for key, when in data.get("right", {}).items()}
    last = float(data["all_last"])
    times = (last, *right.values(), *(at for _n, at in addresses.values()))
    if not all(map(math.isfinite, times)):
        raise ValueError
    return _Record(addresses, int(data["all_count"]), last, right)
