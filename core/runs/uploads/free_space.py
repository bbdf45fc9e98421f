"""Whether there is room for another upload: closes submissions before a stranger fills the disk."""

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
    """One sentence for participants while nothing more is taken; None when something is.

    As it was within the last seconds, for a page; `now`, for a submission. Raises StoreError.
    """
    try:
        when = time.monotonic() if now else time.monotonic() // _KEPT_S
        free, kept = _looked(settings.root, when)
    except OSError as error:
        raise atomic.store_error(error, "Cannot look at", settings.root, "") from error
    if free < settings.min_free_mb * _MB:
        why = "the server's disk is nearly full"
    elif kept >= settings.max_kept_mb * _MB:
        why = "the server keeps as many uploads as it may"
    else:
        return None
    return (
        f"Submissions are closed for the moment: {why}. What was submitted before is kept and goes "
        "on. Tell the maintainers, and try again later."
    )


@lru_cache(maxsize=2)
def _looked(root: Path, _when: float) -> tuple[int, int]:
    """Bytes free on the disk of a data folder, and bytes of the uploads in it."""
    kept = 0
    for path in root.glob("results/*/input.json*"):
        try:
            kept += path.stat().st_size
        except FileNotFoundError:
            continue  # removed in this moment
    disk = next(folder for folder in (root, *root.parents) if folder.exists())
    return shutil.disk_usage(disk).free, kept
