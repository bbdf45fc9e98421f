"""A temporary folder."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """A new folder in `parent`, or in the system's folder for temporary files.

    A folder that cannot be removed, for example because the disk has become read-only, remains.
    Raises OSError when it cannot be created.
    """
    # Not tempfile.TemporaryDirectory: in Python 3.11 it recurses without end when the folder
    # may not be removed.
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
