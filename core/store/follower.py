"""Follows the journal: the state at its end, reading only lines not read before."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.changes.effects import applied
from core.errors import StoreError
from core.model.state import State
from core.store import journal
from core.store.lines import Line


@dataclass(frozen=True, slots=True)
class View:
    """The state at one position of the journal.

    `done` has the ids of the changes so far, except refused ones; successive views share it, and
    the Follower adds the journal's ids. `built` identifies its fold (core.store.board_files.Head).
    """

    state: State
    position: journal.Position
    done: set[str]
    built: str

    def after(self, found: journal.Decoded, built: str) -> "View":
        """The view after the lines that follow this one."""
        return View(folded(self.state, found.lines), found.position, self.done, built)


def folded(state: State, lines: Sequence[Line]) -> State:
    """The state after lines, applied in order."""
    return applied(state, [effect for line in lines for effect in line.effects])


class Follower:
    """The fold of one journal, kept up to date in memory. Thread-safe."""

    def __init__(self, path: Path, base: State) -> None:
        self._path = path
        self._base = base
        self._latest: View | None = None
        self._mutex = threading.Lock()

    def at(self, built: str, upto: int | None = None) -> tuple[View, bytes]:
        """The state at byte `upto` (the end by default) or later, and an incomplete last line."""
        with self._mutex:
            if not self._path.exists():
                self.missing()
            view = self._latest
            if view is None or view.built != built:
                view = self._start(built)
            rest = b""
            if upto is None or view.position.end < upto:
                view, rest = self._advanced(view, upto)
            self._latest = view
            return view, rest

    def keep(self, view: View, lines: Sequence[Line]) -> None:
        """Continue from `view` after `lines`, which the caller has just written."""
        with self._mutex:
            self._latest = _noted(view, lines)

    def missing(self) -> int:
        """The size of a missing journal: 0, unless this process has read it before.

        Raises StoreError then: otherwise an empty board would be shown and a new history started.
        """
        if self._latest is not None and self._latest.position.end > 0:
            raise StoreError(
                f"{self._path}: missing, although this server has read it before: the "
                "data folder was moved, deleted or unmounted. Put it back, or restart the server "
                "to start with an empty board."
            )
        return 0

    def forget(self) -> None:
        """Fold from the beginning next time."""
        with self._mutex:
            self._latest = None

    def _start(self, built: str) -> View:
        return View(self._base, journal.START, set(), built)

    def _advanced(self, view: View, upto: int | None) -> tuple[View, bytes]:
        # The last known line is read again: if it differs, this is another journal.
        at = view.position
        data = journal.read(self._path, at.last_start, upto)
        if not journal.continues(data, at):
            view = self._start(view.built)
            at = view.position
            data = journal.read(self._path, 0, upto)
        found = journal.decode(data[at.end - at.last_start :], at, self._path)
        return _noted(view.after(found, view.built), found.lines), found.rest


def _noted(view: View, lines: Sequence[Line]) -> View:
    """The view with the ids of lines in the journal, except refused ones."""
    view.done.update(line.id for line in lines if not line.refused)
    return view
