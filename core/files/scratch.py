"""A folder that lasts as long as the work in it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """A new folder in `parent`, or where the system keeps temporary files.

    A folder that cannot be removed, because the disk has become read-only, stays. OSError when
    none can be made.
    """
    # Not tempfile.TemporaryDirectory: in Python 3.11 it recurses until the stack is full when the
    # folder may not be removed.
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
