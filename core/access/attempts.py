"""Failed attempts by hashed address, in a small file shared by servers, or in memory."""

import copy
import json
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from core.errors import StoreError
from core.files import atomic
from core.files.locks import held, stale_advice

_LOCK_TIMEOUT_S: Final = 10.0


@dataclass(slots=True)
class Attempts:
    """Failures by hashed address as (count, time of the last), and in total.

    `right`: when an attempt from an address succeeded. Times are seconds since the epoch.
    """

    addresses: dict[str, tuple[int, float]] = field(default_factory=dict)
    all_count: int = 0
    all_last: float = 0.0
    right: dict[str, float] = field(default_factory=dict)


class AttemptsInMemory:
    """Attempts in memory, for one process."""

    def __init__(self) -> None:
        self._attempts = Attempts()
        self._lock = threading.Lock()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock out other writers."""
        with self._lock:
            yield

    def read(self) -> Attempts:
        """The attempts as they are now."""
        return copy.deepcopy(self._attempts)

    def write(self, attempts: Attempts) -> None:
        """Replace them."""
        self._attempts = copy.deepcopy(attempts)


class AttemptsFile:
    """Attempts in a data folder. All methods raise StoreError when the disk refuses."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock out other writers, also in other processes."""
        atomic.make_folder(self._path.parent)
        lock = FileLock(self._path.with_suffix(".lock"), timeout=_LOCK_TIMEOUT_S, mode=0o600)
        try:
            with held(lock):
                yield
        except Timeout as error:
            raise StoreError(
                f"{self._path}: another process has held its lock for {_LOCK_TIMEOUT_S:g} s. "
                f"Try again. {stale_advice(lock)}"
            ) from error

    def read(self) -> Attempts:
        """The attempts as they are now; none without a file."""
        try:
            return _attempts(json.loads(self._path.read_bytes()))
        except FileNotFoundError:
            return Attempts()
        except OSError as error:
            raise atomic.store_error(error, "Cannot read", self._path, "") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise StoreError(
                f"{self._path}: not a record of failed sign-ins. Delete it to reset the record."
            ) from error

    def write(self, attempts: Attempts) -> None:
        """Replace them."""
        atomic.write(self._path, json.dumps(asdict(attempts)).encode())


def _attempts(data: dict[str, Any]) -> Attempts:
    addresses = {
        str(key): (int(count), float(last)) for key, (count, last) in data["addresses"].items()
    }
    right = {str(key): float(when) for key, when in data.get("right", {}).items()}
    last = float(data["all_last"])
    times = (last, *right.values(), *(at for _n, at in addresses.values()))
    if not all(map(math.isfinite, times)):
        raise ValueError
    return Attempts(addresses, int(data["all_count"]), last, right)
