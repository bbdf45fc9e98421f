"""Renders a state to the bytes of its files. Unchanged rows keep their bytes."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from core.changes.effects import Effect
from core.files.json_text import dumps
from core.files.pieces import Pieces
from core.model.entries import BOARD_NAMES, BoardName, Entry, entry_to_row
from core.model.reports import Report
from core.model.rows import plain
from core.model.state import State, Trashed
from core.model.tables import Row, Table
from core.store.board_files import (
    HIDDEN,
    POLICY,
    REPORTS,
    SCHEMA,
    SUBMISSIONS,
    TRASH,
    formatted,
)
from core.store.board_rows import BoardRows
from core.store.legacy import COMMUNITY, OFFICIAL

Personal = Mapping[str, Mapping[str, Any]]  # by reference
_FILE: Final[Mapping[BoardName, str]] = {"community": COMMUNITY, "official": OFFICIAL}


class Renderer:
    """Renders the files of a store, and caches the bytes of each row.

    Board rows include the contact, as in the older application: it is looked up when a row is
    rendered. Call `forget` when private records were added or removed.
    """

    def __init__(self, personal: Personal) -> None:
        self._personal = personal
        self._boards: dict[BoardName, BoardRows] = {}
        self._sent: _Parts | None = None

    def forget(self) -> None:
        """Render every row again next time."""
        self._boards.clear()
        self._sent = None

    def files(self, state: State) -> dict[str, bytes]:
        """The content of every file of the state, by name; equal states give equal bytes."""
        return {name: b"".join(pieces) for name, pieces in self.pieces(state).items()}

    def pieces(
        self, state: State, before: State | None = None, effects: Sequence[Effect] = ()
    ) -> dict[str, Pieces]:
        """The same, each in pieces, which stay the same objects while unchanged.

        With `before`, only the files that may differ from that state's; `effects` lead from it to
        this one.
        """
        found: dict[str, Pieces] = {}
        tables = {effect.table for effect in effects}
        ids = {effect.key for effect in effects if effect.table == "entries"}
        everything = before is None
        # With a minimum coverage, the settings affect ranks too.
        settings = everything or "settings" in tables
        rows = [] if before is None else _rows_of(ids, before.entries, state.entries)
        for board in BOARD_NAMES:
            if settings or any(row["board"] == board for row in rows):
                found[_FILE[board]] = self._board(state, before, board, ids, settings)
        if everything or any(row.get("hidden") for row in rows):
            found[HIDDEN] = [formatted({"schema": SCHEMA, **self._hidden(state)})]
        if everything or any(row.get("deleted") for row in rows):
            gone = [self._trashed(one) for one in state.trash]
            found[TRASH] = [formatted({"schema": SCHEMA, "entries": gone})]
        if everything or "submissions" in tables:
            found[SUBMISSIONS] = self._submissions(state, before, effects)
        if settings:
            found[POLICY] = [formatted({"schema": SCHEMA, **plain(state.policy)})]
        if everything or "reports" in tables:
            reports = [self._report(report) for report in state.reports]
            found[REPORTS] = [formatted({"schema": SCHEMA, "reports": reports})]
        return found

    def _board(
        self,
        state: State,
        before: State | None,
        board: BoardName,
        ids: Iterable[str],
        settings: bool,
    ) -> Pieces:
        known = self._boards.get(board)
        if known is None or settings or before is None or known.table is not before.entries:
            known = self._boards[board] = BoardRows(board, self._tail)
            known.add_all(state)
        else:
            known.update(state, ids)
        return known.rendered()

    def _submissions(self, state: State, before: State | None, effects: Sequence[Effect]) -> Pieces:
        known = self._sent
        if known is None or before is None or known.table is not before.submissions:
            known = self._sent = _Parts(lambda key: _indented(plain(state.submissions[key]), 2))
            known.add_all(state.submissions)
        else:
            known.make = lambda key: _indented(plain(state.submissions[key]), 2)
            known.update(state.submissions, {e.key for e in effects if e.table == "submissions"})
        head = b'{\n  "schema": %d,\n  "submissions": ' % SCHEMA
        if not known.parts:
            return [head + b"[]\n}\n"]
        parts = [b",\n    "] * (2 * len(known.parts) + 1)
        parts[0], parts[-1] = head + b"[\n    ", b"\n  ]\n}\n"
        parts[1::2] = known.parts
        return parts

    def _tail(self, entry: Entry) -> bytes:
        """An entry in a board file, after its rank."""
        text = _indented(self._entry(entry), 1)
        return text[text.index(b",") :]

    def _entry(self, entry: Entry) -> dict[str, Any]:
        """An entry as a row without a rank, its contact looked up."""
        contact = self._of(entry.contact_ref).get("contact")
        return entry_to_row(msgspec.structs.replace(entry, contact=contact), rank=0)

    def _hidden(self, state: State) -> dict[str, list[dict[str, Any]]]:
        """Hidden entries of a board, in a separate file so that no other program shows them."""
        return {
            board: [self._entry(entry) for entry in state.board(board) if entry.hidden]
            for board in BOARD_NAMES
        }

    def _trashed(self, gone: Trashed) -> dict[str, Any]:
        since = {"since": gone.since} if gone.since else {}
        return {
            "entry": self._entry(gone.entry),
            "board": gone.board,
            "time": gone.time,
            "actor": gone.actor,
            "reason": gone.reason,
            **since,
        }

    def _report(self, report: Report) -> dict[str, Any]:
        """A report with the reader's text, looked up."""
        said = self._of(report.contact_ref)
        fields: dict[str, Any] = {}
        for name, value in plain(report).items():
            fields[name] = value
            if name == "contact_ref":
                written = ("text", "contact")
                fields |= {key: said[key] for key in written if said.get(key) is not None}
        return fields

    def _of(self, ref: str | None) -> Mapping[str, Any]:
        return self._personal.get(ref, {}) if ref else {}


class _Parts:
    """Submissions as bytes, ordered by creation time."""

    def __init__(self, make: Callable[[str], bytes]) -> None:
        self.make = make
        self.table: Table[Any] | None = None
        self.parts: list[bytes] = []
        self._order: list[tuple[str, str]] = []

    def add_all(self, table: Table[Any]) -> None:
        """Render every row of a table."""
        self._order = sorted((str(row["created"]), key) for key, row in table.rows.items())
        self.parts = [self.make(key) for _created, key in self._order]
        self.table = table

    def update(self, table: Table[Any], ids: Iterable[str]) -> None:
        """Render the rows with these ids again; drop removed ones."""
        old = {} if self.table is None else self.table.rows
        for key in ids:
            if key in old:
                at = bisect_left(self._order, (str(old[key]["created"]), key))
                del self._order[at], self.parts[at]
            if key in table.rows:
                place = (str(table.rows[key]["created"]), key)
                at = bisect_left(self._order, place)
                self._order.insert(at, place)
                self.parts.insert(at, self.make(key))
        self.table = table


def _rows_of(ids: Iterable[str], *tables: Table[Any]) -> list[Row]:
    """The rows with these ids in each table that has them."""
    return [table.rows[key] for table in tables for key in ids if key in table.rows]


def _indented(value: dict[str, Any], depth: int) -> bytes:
    """A record as nested in arrays and objects of a formatted file."""
    text = msgspec.json.format(dumps(value).encode(), indent=2)
    return text.replace(b"\n", b"\n" + b"  " * depth)
