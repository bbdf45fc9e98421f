"""A folder that a server or command cannot write to, even if the tests run as root."""

import contextlib
import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1


def obey_modes() -> None:
    """Remove root's right to write against a file's mode.

    Call it in a new process, before it starts its program.
    """
    if os.getuid() == 0:
        ctypes.CDLL(None, use_errno=True).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make the folder read-only for processes that respect modes."""
    before: dict[Path, int] = {}
    for path in (folder, *folder.rglob("*")):
        with contextlib.suppress(FileNotFoundError):  # the server has just removed it
            before[path] = path.stat().st_mode
            path.chmod(before[path] & ~0o222)
    try:
        yield
    finally:
        for path, mode in before.items():
            with contextlib.suppress(FileNotFoundError):  # a folder listed before it
                path.chmod(mode)
