"""Writes a file atomically."""

from pathlib import Path

from core.errors import PredictionsError, StoreError
from core.files import atomic
from evaluation.upload.records import shown


def write_whole(path: Path, data: bytes) -> None:
    """Replaces `path` with `data`; a truncated file would look like a short test set.

    Raises PredictionsError, which does not reveal the folder; the previous file is kept.
    """
    try:
        atomic.write(path, data)
    except StoreError as error:
        cause = error.__cause__
        reason = cause.strerror if isinstance(cause, OSError) else None
        raise PredictionsError(
            f"{shown(path.name, 60)} cannot be written: "
            f"{reason or 'the disk or the name does not allow it'}."
        ) from None
