"""Replacing the files of a store: prepared first, published after the journal has the change."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.errors import StoreError
from core.files import atomic
from core.files.pieces import Joined, Pieces
from core.store import board_files
from core.store.board_files import Head
from core.store.journal import Position

_THREADS: Final = 4  # one for each file that a change replaces
WRITER: Final = "store-"  # part of the names of temporary files written with the lock held


class FilesOnDisk:
    """The files made from one data folder's journal. Use it with the store's lock held.

    Remembers what this process wrote, so that a file is read back only if somebody else has
    written it since, and is not written again unchanged.
    """

    def __init__(self, root: Path, base_digest: str) -> None:
        self._root = root
        self._base_digest = base_digest
        self._wrote: dict[str, tuple[str, Pieces]] = {}  # its mark and content by name
        self._joined = Joined()
        self._threads: tuple[int, ThreadPoolExecutor] | None = None  # with their process

    def forget(self) -> None:
        """Read every file again before it is replaced."""
        self._wrote.clear()

    @contextmanager
    def replacing(
        self,
        head: Head | None,
        files: Mapping[str, Pieces],
        position: Position,
        built: str,
        first: Mapping[str, bytes] | None = None,
    ) -> Iterator[atomic.Replacement]:
        """Write `first`, the changed files and their head under temporary names.

        Files that somebody else wrote are kept aside. `publish` moves the new ones into place.
        """
        with atomic.Replacement(self._root, WRITER) as replacement:
            for name, content in (first or {}).items():
                replacement.prepare(name, content)
            digests = {} if head is None else dict(head.files)
            found: dict[str, Future[str]] = {}
            # Hashed while they are written and synced. Syncing in the pool too was slower: a thread
            # that is woken for it may wait until another one's hash is done.
            beside = self._beside()
            for name, data in files.items():
                whole = self._joined.block(name, data)
                found[name] = beside.submit(board_files.digest, whole)
                if not self._holds(head, name, data):
                    replacement.write(name, whole)
            replacement.sync()
            digests |= {name: made.result() for name, made in found.items()}
            new = board_files.make_head(position, built, self._base_digest, digests)
            replacement.prepare(board_files.HEAD, board_files.head_bytes(new))
            yield replacement

    def publish(self, replacement: atomic.Replacement, files: Mapping[str, Pieces]) -> None:
        """Move the prepared files into place, the head last."""
        try:
            replacement.publish()
        except StoreError as error:
            self.forget()
            raise StoreError(
                f"{error} The change is saved in journal.jsonl: the boards show it after the "
                "next change or start."
            ) from error
        for name, data in files.items():
            self._wrote[name] = board_files.mark(self._root / name), data

    def _beside(self) -> ThreadPoolExecutor:
        """Threads that hash. Starting them for each change took a quarter of its time; a
        forked process does not have its parent's."""
        if self._threads is None or self._threads[0] != os.getpid():
            self._threads = os.getpid(), ThreadPoolExecutor(_THREADS, "store-files")
        return self._threads[1]

    def _holds(self, head: Head | None, name: str, data: Pieces) -> bool:
        """Whether a file already has `data`; keeps aside a file that somebody else wrote."""
        mark, known = board_files.mark(self._root / name), self._wrote.get(name)
        if known and known[0] == mark != board_files.NO_FILE:
            return data == known[1]
        current = board_files.read_current(self._root, name)
        same = current == b"".join(data)
        if current is not None and not same and board_files.foreign(head, name, current):
            board_files.keep_aside(self._root, name, current)
        return same
