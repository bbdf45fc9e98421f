"""Cached reads for the pages: settings, store, and boards ranked once per revision.

The caches are keyed by store and revision, so that no page shows outdated data. Failed reads are
not cached.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from core.files.hashes import cached_sha256
from core.model.entries import BoardName
from core.model.state import State
from core.model.statistics import BoardStatistics
from core.publish.address import View
from core.publish.board.ranked import with_tries
from core.publish.board.table import TableOptions, arrange, table_html
from core.ranking.board import Board, Standing
from core.settings import Settings, load
from core.store.as_of import state_at
from core.store.store import Store
from core.usecases.revision import revision
from core.usecases.services import services_for
from core.usecases.statistics import file_mark, no_statistics, statistics_of


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The boards at one revision of the data folder, or, with a `day` (YYYY-MM-DD), at the end
    of that day according to this revision's journal."""

    store: Store
    revision: str
    demo: bool
    day: str = ""

    def board(self, name: BoardName) -> Board:
        return _board(self, name)

    def state(self) -> State:
        """The state behind the boards. It contains private data: pages choose what they show."""
        return _state(self)

    def shown(self, view: View) -> tuple[Standing, ...]:
        """The standings that a view shows, in its order."""
        return arrange(self.board(view.board), view)

    def table(self, view: View, caption: str, limit: int | None = None) -> str:
        """The table's markup; with a limit, only its first rows, without definitions."""
        mark = file_mark(settings().root, view.board)
        return _table(self, view, caption, limit, (self.truth, mark))

    def statistics(self, name: BoardName) -> BoardStatistics | None:
        """Intervals, rank sets and tiers of a board; None while they are being computed."""
        if self.day:
            return no_statistics(name)
        return _statistics(self, name, file_mark(settings().root, name))

    @property
    def truth(self) -> str | None:
        """The ground truth's SHA-256, to tell stale scores; None for the boards of another day."""
        return None if self.day else truth_sha256()

    @property
    def announcement(self) -> str:
        """The admin's announcement; empty if there is none."""
        return _state(self).policy.announcement


def settings() -> Settings:
    """The settings of this process. Raises SettingsError."""
    return load()


def store() -> Store:
    """The store of this process's data folder."""
    return services_for(settings()).store


def snapshot(day: date | None = None) -> Snapshot:
    """The boards now, or at the end of a day. Raises StoreError or SettingsError."""
    found = services_for(settings())
    # The revision first: a change made between the two reads is then noticed, not missed.
    told = day.isoformat() if day else ""
    taken = Snapshot(found.store, revision(found), found.settings.demo, told)
    _state(taken)
    return taken


def truth_sha256() -> str | None:
    """The digest of the current ground truth; None without one. Recomputed if the file changed."""
    return cached_sha256(settings().truth_path)


@lru_cache(maxsize=4)
def _state(snap: Snapshot) -> State:
    if not snap.day:
        return snap.store.read()
    return state_at(settings(), date.fromisoformat(snap.day), snap.store.revision()).state


@lru_cache(maxsize=8)
def _board(snap: Snapshot, name: BoardName) -> Board:
    return with_tries(_state(snap), name)


@lru_cache(maxsize=8)
def _statistics(snap: Snapshot, name: BoardName, _mark: str) -> BoardStatistics | None:
    return statistics_of(settings().root, _board(snap, name))


@lru_cache(maxsize=32)  # markup of a few hundred kB at most
def _table(
    snap: Snapshot, view: View, caption: str, limit: int | None, marks: tuple[str | None, str]
) -> str:
    truth, mark = marks
    rows = snap.shown(view)[:limit]
    figures = no_statistics(view.board) if snap.day else _statistics(snap, view.board, mark)
    options = TableOptions(caption, snap.demo, limit is None, truth, figures)
    return table_html(snap.board(view.board), rows, view, options)
