"""Whether there is space for another upload: closes submissions before strangers fill the disk."""

import shutil
import time
from functools import lru_cache
from pathlib import Path
from typing import Final

from core.files import atomic
from core.settings import Settings

_MB: Final = 1 << 20
_KEPT_S: Final = 10.0


def problem(settings: Settings, *, now: bool = False) -> str | None:
    """One sentence for participants if submissions are closed; None if they are open.

    Cached for some seconds, for a page; `now`, for a submission. Raises StoreError.
    """
    try:
        when = time.monotonic() if now else time.monotonic() // _KEPT_S
        free, kept = _looked(settings.root, when)
    except OSError as error:
        raise atomic.store_error(error, "Cannot read", settings.root, "") from error
    if free < settings.min_free_mb * _MB:
        why = "the server's disk is nearly full"
    elif kept >= settings.max_kept_mb * _MB:
        why = "the server's storage for uploads is full"
    else:
        return None
    return (
        f"Submissions are closed at the moment: {why}. Earlier submissions are kept and "
        "continue. Tell the maintainers, and try again later."
    )


@lru_cache(maxsize=2)
def _looked(root: Path, _when: float) -> tuple[int, int]:
    """Free bytes on the disk of a data folder, and the size of its uploads."""
    kept = 0
    for path in root.glob("results/*/input.json*"):
        try:
            kept += path.stat().st_size
        except FileNotFoundError:
            continue  # just removed
    disk = next(folder for folder in (root, *root.parents) if folder.exists())
    return shutil.disk_usage(disk).free, kept
