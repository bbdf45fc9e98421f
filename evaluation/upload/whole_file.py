"""Writes a file whole or not at all."""

from pathlib import Path

from core.errors import PredictionsError, StoreError
from core.files import atomic
from evaluation.upload.records import shown


def write_whole(path: Path, data: bytes) -> None:
    """Replaces `path` with `data`; a file cut short would read like a short test set.

    Raises PredictionsError, which does not tell the folder; what stood there before still stands.
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
