"""One board as in its file: the values that rank it, and each row's bytes, cached between
changes."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from core.benchmark import METRIC_KEYS
from core.files.pieces import Pieces
from core.model.entries import BoardName, Entry
from core.model.state import State
from core.model.surplus import withheld
from core.model.tables import Row, Table
from core.ranking.again import Ranker
from core.ranking.coverage import counted

if TYPE_CHECKING:
    from core.ranking.average_rank import Floats

_NAN: Final = float("nan")


class BoardRows:
    """The shown entries of one board in order of arrival. `tail` gives a row's bytes after its
    rank."""

    def __init__(self, board: BoardName, tail: Callable[[Entry], bytes]) -> None:
        self._board = board
        self._tail = tail
        self.table: Table[Entry] | None = None
        self._places: list[tuple[str, str]] = []  # time of arrival and id
        self._names: list[str] = []
        self._tails: list[bytes] = []
        self._values: Floats
        self._ranker = Ranker()
        self._starts = [b'[\n  {\n    "rank": 1']

    def add_all(self, state: State) -> None:
        """Load every shown entry of the board."""
        import numpy as np  # not needed by programs that only read the boards

        rows = state.entries.rows.items()
        self._places = sorted(_place(key, row) for key, row in rows if self._shows(row))
        entries = [withheld(state.entries[key]) for _arrived, key in self._places]
        self._names = [entry.model_name for entry in entries]
        self._tails = [self._tail(entry) for entry in entries]
        cells = [_cells(entry, state) for entry in entries]
        self._values = np.array(cells, dtype=np.float64).reshape(len(cells), len(METRIC_KEYS))
        self.table = state.entries

    def update(self, state: State, ids: Iterable[str]) -> None:
        """Update the entries with these ids; remove those that are no longer shown."""
        old: Any = {} if self.table is None else self.table.rows
        for key in ids:
            there, row = old.get(key), state.entries.rows.get(key)
            was = _place(key, there) if there is not None and self._shows(there) else None
            now = _place(key, row) if row is not None and self._shows(row) else None
            if was is not None and was != now:
                self._take_out(was)
            if now is not None:
                self._put(now, withheld(state.entries[key]), state, replace=was == now)
        self.table = state.entries

    def rendered(self) -> Pieces:
        """The file: an array of rows in rank order."""
        if not self._names:
            return [b"[]\n"]
        while len(self._starts) < len(self._names):
            self._starts.append(b',\n  {\n    "rank": %d' % (len(self._starts) + 1))
        parts = [b"\n]\n"] * (2 * len(self._names) + 1)
        parts[:-1:2] = self._starts[: len(self._names)]
        ranked = self._ranker.best_first(self._values, self._names).tolist()
        parts[1::2] = map(self._tails.__getitem__, ranked)
        return parts

    def _shows(self, row: Row) -> bool:
        return row["board"] == self._board and not row.get("hidden") and row.get("deleted") is None

    def _take_out(self, place: tuple[str, str]) -> None:
        import numpy as np

        at = bisect_left(self._places, place)
        del self._places[at], self._names[at], self._tails[at]
        self._values = np.delete(self._values, at, axis=0)

    def _put(self, place: tuple[str, str], entry: Entry, state: State, *, replace: bool) -> None:
        import numpy as np

        at = bisect_left(self._places, place)
        if replace:  # without moving the rows after it
            self._names[at], self._tails[at] = entry.model_name, self._tail(entry)
            self._values[at] = _cells(entry, state)
            return
        self._places.insert(at, place)
        self._names.insert(at, entry.model_name)
        self._tails.insert(at, self._tail(entry))
        self._values = np.insert(self._values, at, _cells(entry, state), axis=0)


def _place(key: str, row: Row) -> tuple[str, str]:
    return str(row.get("arrived", "")), key


def _cells(entry: Entry, state: State) -> list[float]:
    """An entry's metric values that count, in the order of the benchmark, else NaN."""
    metrics: Mapping[str, float | None] = entry.metrics
    if state.policy.enforce_min_coverage:
        metrics = counted(metrics, entry.coverage, state.policy)
    values = (metrics[key] for key in METRIC_KEYS)
    return [_NAN if value is None else value for value in values]
