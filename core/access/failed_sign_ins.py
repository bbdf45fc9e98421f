"""Wrong passwords on the admin page, counted per hour in a small file.

They are not recorded in the journal: anybody could make it grow without limit and use up the
mirror's commits. The size of this file is limited, and it is not mirrored.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from filelock import FileLock, Timeout

from core.errors import StoreError
from core.files import atomic

MOST_HOURS: Final = 720  # hours with any: a month of continuous attempts
MOST_ADDRESSES: Final = 20  # listed per hour; the count includes all
_LOCK_TIMEOUT_S: Final = 10.0
_HOUR: Final = "%Y-%m-%dT%H:00:00.000Z"


class Hour(msgspec.Struct, frozen=True):
    """Wrong passwords of one hour (UTC, ISO 8601). `addresses`: by keyed hash, "" if unknown; the
    first MOST_ADDRESSES."""

    begins: str
    count: int
    addresses: dict[str, int]


def failures_file(root: Path) -> Path:
    """The file of one data folder."""
    return root / "admin_failures.json"


def note(root: Path, address: str, now: float) -> None:
    """Count one wrong password at `now` (seconds since the epoch). Raises StoreError."""
    path = failures_file(root)
    atomic.make_folder(root)
    try:
        with FileLock(path.with_suffix(".lock"), timeout=_LOCK_TIMEOUT_S, mode=0o600):
            hours = {hour.begins: hour for hour in read(root)}
            begins = datetime.fromtimestamp(now, UTC).strftime(_HOUR)
            known = hours.pop(begins, Hour(begins, 0, {}))
            addresses = dict(known.addresses)
            if address in addresses or len(addresses) < MOST_ADDRESSES:
                addresses[address] = addresses.get(address, 0) + 1
            kept = [*hours.values(), Hour(begins, known.count + 1, addresses)][-MOST_HOURS:]
            atomic.write(path, msgspec.json.encode(kept))
    except Timeout as error:
        raise StoreError(
            f"{path}: another process has held its lock for {_LOCK_TIMEOUT_S:g} s. Try again."
        ) from error


def read(root: Path) -> list[Hour]:
    """The hours with any, ordered by their last one. Raises StoreError."""
    path = failures_file(root)
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Hour])
    except FileNotFoundError:
        return []
    except OSError as error:
        raise atomic.store_error(error, "Cannot read", path, "") from error
    except msgspec.MsgspecError as error:
        raise StoreError(
            f"{path}: not a record of wrong passwords. Delete it to reset the record."
        ) from error
