"""Which boards something shows, and a board's digest. Pure."""

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

SCHEMA: Final = 1  # of the read API's bodies; incremented if a field is removed or redefined
_NOT_IN_NAMES: Final = re.compile(r"[^0-9A-Za-z_.]+")


@dataclass(frozen=True, slots=True)
class Moment:
    """Which boards something shows. `as_of`: the boards at the end of this day (YYYY-MM-DD, UTC),
    or, today, so far. `revision`: differs after every change. `url`: the app's address, "" if
    unknown. `demo`: the boards of a demo."""

    as_of: str
    revision: str
    url: str = ""
    demo: bool = False

    @property
    def head(self) -> dict[str, Any]:
        """The first fields of every body of the read API."""
        found = {
            "schema": SCHEMA,
            "benchmark": NAME,
            "as_of": self.as_of,
            "revision": self.revision,
        }
        return {**found, "url": self.url or None, "demo": self.demo}

    def board_title(self, board: BoardName) -> str:
        """What a picture of that day's board shows.

        >>> Moment("2026-11-26", "", demo=True).board_title("official")
        'MedVidBench (demo with synthetic rows), Official board as of 2026-11-26'
        """
        name = f"{NAME} (demo with synthetic rows)" if self.demo else NAME
        return f"{name}, {board.capitalize()} board as of {self.as_of}"

    def board_url(self, board: BoardName) -> str:
        """The address of that day's board page; "" if the app's address is unknown."""
        return f"{self.url}/?board={board.capitalize()}&as_of={self.as_of}" if self.url else ""

    def model_url(self, entry_id: str) -> str:
        """The address of that day's page of an entry; "" if the app's address is unknown."""
        return (
            f"{self.url}/model?id={quote(entry_id, safe='')}&as_of={self.as_of}" if self.url else ""
        )

    def file_name(self, what: str, ending: str) -> str:
        """A file name for a download: its content and day.

        >>> Moment("2026-11-26", "").file_name("community", "csv")
        'medvidbench_community_2026-11-26.csv'
        """
        kept = _NOT_IN_NAMES.sub("-", what)[:60].strip("-.") or "model"
        return f"medvidbench_{kept}_{self.as_of}.{ending}"


def board_sha256(board: "Board") -> str:
    """The SHA-256 of a board's ranks, ids, names and metrics, as docs/api.md defines it.

    It depends on nothing else, such as file formats or the version of the program.
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
