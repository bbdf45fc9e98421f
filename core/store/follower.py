"""Follows the journal: the state at its end, reading only lines not read before."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.changes import operations
from core.errors import EntryError, StoreError
from core.model.state import Operation, Personal, State
from core.store import journal


@dataclass(frozen=True, slots=True)
class View:
    """The state at one position of the journal; `ids` are the operations so far.

    `built` names the fold it belongs to (see core.store.board_files.Head).
    """

    state: State
    position: journal.Position
    ids: frozenset[str]
    built: str

    def after(self, state: State, lines: list[journal.Line], built: str) -> "View":
        """The view behind `lines`, to which `state` belongs."""
        ids = self.ids.union(line.op.id for line in lines)
        return View(state, self.position.after(lines), ids, built)


class Follower:
    """The fold of one journal, kept up to date in memory. Safe from many threads."""

    def __init__(self, path: Path, base: State, personal: Personal) -> None:
        self._path = path
        self._base = base
        self._personal = personal
        self._latest: View | None = None
        self._mutex = threading.Lock()

    def at(self, built: str, upto: int | None = None) -> tuple[View, bytes]:
        """The state at byte `upto` (the end by default) or later, and a torn rest behind it."""
        with self._mutex:
            view = self._latest
            if view is None or view.built != built:
                view = self._start(built)
            if upto is None or view.position.end < upto:
                view, rest = self._advanced(view, upto)
            else:
                rest = b""
            self._latest = view
            return view, rest

    def keep(self, view: View) -> None:
        """Go on from `view`, whose last line the caller has just written."""
        with self._mutex:
            self._latest = view

    def forget(self) -> None:
        """Fold from the beginning next time."""
        with self._mutex:
            self._latest = None

    def _start(self, built: str) -> View:
        return View(self._base, journal.START, frozenset(), built)

    def _advanced(self, view: View, upto: int | None) -> tuple[View, bytes]:
        # The last line known is read again: another one there means another journal.
        at = view.position
        data = journal.read(self._path, at.last_start, upto)
        if not journal.continues(data, at):
            view = self._start(view.built)
            at = view.position
            data = journal.read(self._path, 0, upto)
        lines, rest = journal.decode(data[at.end - at.last_start :], at, self._path)
        state = self._folded(view, (line.op for line in lines))
        return view.after(state, lines, view.built), rest

    def _folded(self, view: View, ops: Iterable[Operation]) -> State:
        try:
            return operations.fold(view.state, ops, self._personal, view.ids)
        except EntryError as error:
            raise StoreError(f"{self._path}: {error} {journal.ADVICE}") from error
