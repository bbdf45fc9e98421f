"""The state of the server: disk, queue, versions. Read on request by the admin."""

import os
import platform
import shutil
import time
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.benchmark import SCORER_VERSION
from core.files import atomic
from core.runs.queue import Jobs
from core.settings import Settings

LOW_BYTES = 2 * (1 << 30)  # less free space than this is a warning
_LIBRARIES = ("streamlit", "huggingface_hub", "pyarrow", "numpy", "openai")
_SIZES_KEPT_S = 30


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes of the data folder's file system, and of the folder's content by name."""

    free: int
    total: int
    parts: tuple[tuple[str, int, int], ...]  # name, files, bytes

    @property
    def low(self) -> bool:
        return self.free < LOW_BYTES


def disk(settings: Settings) -> Disk:
    """The disk, at most half a minute ago. Raises StoreError."""
    try:
        return _disk(settings.data_dir, settings.root, int(time.monotonic() // _SIZES_KEPT_S))
    except OSError as error:
        raise atomic.store_error(error, "Cannot read", settings.data_dir, "") from error


@lru_cache(maxsize=1)
def _disk(data_dir: Path, root: Path, _when: int) -> Disk:
    usage = shutil.disk_usage(data_dir)
    inside = sorted(entry.name for entry in os.scandir(root)) if root.is_dir() else []
    folders = [name for name in inside if (root / name).is_dir()]
    parts = [(f"{name}/", *_weight(root / name)) for name in folders]
    files = [name for name in inside if name not in folders]
    loose = sum(_bytes(root / name) for name in files)
    return Disk(usage.free, usage.total, (*parts, ("boards and journal", len(files), loose)))


def _weight(folder: Path) -> tuple[int, int]:
    count = total = 0
    for where, _folders, names in os.walk(folder):
        count += len(names)
        total += sum(_bytes(Path(where) / name) for name in names)
    return count, total


def _bytes(path: Path) -> int:
    try:
        return path.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return 0  # just being replaced


@dataclass(frozen=True, slots=True)
class Queue:
    """`states`: jobs by state. `slots`: how many may run at the same time."""

    states: dict[str, int]
    slots: int

    @property
    def running(self) -> int:
        return self.states.get("running", 0)

    @property
    def waiting(self) -> int:
        return self.states.get("queued", 0)


def queue(jobs: Jobs, settings: Settings) -> Queue:
    """The jobs by state, and how many may run at the same time."""
    return Queue(dict(Counter(job.state for job in jobs.list())), settings.max_running)


def versions() -> list[tuple[str, str]]:
    """The software in use: name and version."""
    found = [("Scorer", SCORER_VERSION), ("Python", platform.python_version())]
    for name in _LIBRARIES:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            found.append((name, "not installed"))
    return found
