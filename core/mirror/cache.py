"""Files of one commit on this disk, in huggingface_hub's own cache layout.

A commit never changes, so what is cached at a commit is never old. It may be damaged,
because the library does not sync what it writes: files are checked against their names.
"""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from core.files import atomic

_LEFTOVER_S = 3600.0


class Absent:
    """Known not to be in the commit."""


def cached(repo: str, revision: str, path: str, folder: Path) -> bytes | Absent | None:
    """A file at a commit: its content, Absent, or None when the Hub must be asked.

    A damaged file is removed from the cache.
    """
    from huggingface_hub import _CACHED_NO_EXIST, try_to_load_from_cache

    found = try_to_load_from_cache(
        repo, path, cache_dir=folder, revision=revision, repo_type="dataset"
    )
    if found is _CACHED_NO_EXIST:
        return Absent()
    if not isinstance(found, str):
        return None
    link = Path(found)
    blob = link.resolve()
    try:
        data = link.read_bytes()
    except FileNotFoundError:
        return None  # `forget` of another process came in between
    if is_whole(blob.name, data):
        return data
    blob.unlink(missing_ok=True)
    link.unlink(missing_ok=True)
    return None


def is_whole(name: str, data: bytes) -> bool:
    """Whether a cached file has the content that its blob's name promises.

    The Hub names files by git's sha1 or, large ones, by sha256. A name of another form
    (a file system without links) promises nothing.
    """
    if re.fullmatch(r"[0-9a-f]{64}", name):
        return hashlib.sha256(data).hexdigest() == name
    if re.fullmatch(r"[0-9a-f]{40}", name):
        git = hashlib.sha1(b"blob %d\0" % len(data), usedforsecurity=False)
        git.update(data)
        return git.hexdigest() == name
    return True


def forget(folder: Path, keep: Iterable[str]) -> None:
    """Remove all commits but these. Files that a kept commit shares with others stay."""
    from huggingface_hub import scan_cache_dir

    if not folder.is_dir():
        return
    kept = set(keep)
    found = scan_cache_dir(folder)
    old = {r.commit_hash for repo in found.repos for r in repo.revisions} - kept
    found.delete_revisions(*old).execute()
    for absent in folder.glob("*/.no_exist/*"):
        if absent.name not in kept:
            shutil.rmtree(absent, ignore_errors=True)


def publish(source: Path, target: Path, mode: int) -> str:
    """Sync a downloaded file and move it into place; returns its sha256 (hex)."""
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    source.replace(target)
    atomic.sync_folder(target.parent)
    return digest


def remove_leftovers(folder: Path, prefix: str) -> None:
    """Remove what killed downloads left; younger ones may still be under way."""
    for path in folder.glob(f"{prefix}*"):
        if path.is_dir() and path.stat().st_mtime < time.time() - _LEFTOVER_S:
            shutil.rmtree(path, ignore_errors=True)
