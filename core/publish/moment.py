"""Which boards something shows, and how one is named by what it holds. Pure."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from core.benchmark import METRIC_KEYS, NAME
from core.model.entries import BoardName
from core.publish.numbers import fixed

if TYPE_CHECKING:
    from core.ranking.board import Board

SCHEMA: Final = 1  # of the read API's bodies; raised when a field changes meaning or goes
_NOT_IN_NAMES: Final = re.compile(r"[^0-9A-Za-z_.]+")


@dataclass(frozen=True, slots=True)
class Moment:
    """Which boards something shows. `as_of`: a day (YYYY-MM-DD, UTC), whose end they show, or as
    far as it has gone. `revision`: changes with every change. `url`: the app's address, "" for
    none. `demo`: the boards of a demo."""

    as_of: str
    revision: str
    url: str = ""
    demo: bool = False

    @property
    def head(self) -> dict[str, Any]:
        """What every body of the read API begins with."""
        found = {
            "schema": SCHEMA,
            "benchmark": NAME,
            "as_of": self.as_of,
            "revision": self.revision,
        }
        return {**found, "url": self.url or None, "demo": self.demo}

    def board_url(self, board: BoardName) -> str:
        """Where that day's board is, for people; "" without an address of the app."""
        return f"{self.url}/?board={board.capitalize()}&as_of={self.as_of}" if self.url else ""

    def model_url(self, entry_id: str) -> str:
        """Where that day's page of an entry is; "" without an address of the app."""
        return (
            f"{self.url}/model?id={quote(entry_id, safe='')}&as_of={self.as_of}" if self.url else ""
        )

    def file_name(self, what: str, ending: str) -> str:
        """A name for a download: what it holds, of which day.

        >>> Moment("2026-11-26", "").file_name("community", "csv")
        'medvidbench_community_2026-11-26.csv'
        """
        kept = _NOT_IN_NAMES.sub("-", what)[:60].strip("-.") or "model"
        return f"medvidbench_{kept}_{self.as_of}.{ending}"


def board_sha256(board: "Board") -> str:
    """The SHA-256 of a board's ranks, ids, names and metrics, as docs/api.md defines it.

    It depends on nothing else: neither on the form of a file nor on the version of the program.
    """
    rows = [
        [
            standing.rank,
            standing.entry.entry_id,
            standing.entry.model_name,
            *(None if (v := metrics.get(key)) is None else fixed(v) for key in METRIC_KEYS),
        ]
        for standing in board.standings
        for metrics in [standing.entry.metrics]
    ]
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
