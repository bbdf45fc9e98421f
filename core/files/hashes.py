"""The SHA-256 of a file: computed now, or cached until the file changes."""

import hashlib
from functools import lru_cache
from pathlib import Path


def sha256(path: Path) -> str:
    """The digest of a file's bytes in hex, without the cache. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cached_sha256(path: Path) -> str | None:
    """The same, cached until the file changes; None when there is no such file."""
    try:
        found = path.stat()
        return _digest(path, found.st_mtime_ns, found.st_size, found.st_ino)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=8)
def _digest(path: Path, _time: int, _size: int, _inode: int) -> str:
    return sha256(path)
