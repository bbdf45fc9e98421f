"""A folder that a server or command can write nothing into, also when the tests are root."""

import contextlib
import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1


def obey_modes() -> None:
    """Take from root's processes the right to write what the mode of a file forbids.

    To be called in a new process, before it starts its program.
    """
    if os.getuid() == 0:
        ctypes.CDLL(None, use_errno=True).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing in the folder can be written by whoever obeys modes."""
    before: dict[Path, int] = {}
    for path in (folder, *folder.rglob("*")):
        with contextlib.suppress(FileNotFoundError):  # the server has just removed it
            before[path] = path.stat().st_mode
            path.chmod(before[path] & ~0o222)
    try:
        yield
    finally:
        for path, mode in before.items():
            with contextlib.suppress(FileNotFoundError):  # a folder that was opened before it
                path.chmod(mode)
