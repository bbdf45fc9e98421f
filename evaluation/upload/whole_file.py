"""Writes a file whole or not at all."""

import tempfile
from pathlib import Path

from core.errors import PredictionsError
from evaluation.upload.records import shown


def write_whole(path: Path, data: bytes) -> None:
    """Replaces `path` with `data`; a file cut short would read like a short test set.

    Raises PredictionsError; then what stood there before still stands.
    """
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            temporary = Path(file.name)
            file.write(data)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        reason = error.strerror or "the disk or the name does not allow it"
        raise PredictionsError(f"{shown(path.name, 60)} cannot be written: {reason}.") from None
