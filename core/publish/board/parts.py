"""The parts of the board's table, ready for its template. No rules."""

from collections.abc import Callable
from dataclasses import dataclass

from core.benchmark import Metric
from core.model.entries import BoardName
from core.ranking.board import Board, Standing


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as shown. `mark` is a class of board.css: for a metric b (best), s (second best) or
    m (missing, with its reason), else that of the column; `low`: scored on too few of
    its questions; `rank`: within the metric, if the rows are sorted by it; `phone`: shown on a
    phone."""

    text: str
    mark: str = ""
    reason: str = ""
    low: bool = False
    rank: str = ""
    phone: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column beside the metrics; `key` is its option in core.publish.address.

    `width` and `head` are classes of board.css; `note` is below the header, `definition` its tip.
    """

    key: str
    header: Callable[[BoardName], str]
    cell: Callable[[Board, Standing], Cell]
    width: str
    head: str
    note: str = ""
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Badge:
    """A mark beside a name: its icon, name and meaning."""

    icon: str
    text: str
    meaning: str

    @property
    def words(self) -> str:
        """Name and meaning; the meaning alone if it starts with the name."""
        named = self.meaning.casefold().startswith(self.text.casefold())
        return self.meaning if named else f"{self.text}: {self.meaning}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table, not escaped yet.

    `ranks` is the set of ranks that the data allow, in brackets; `tier` a class of board.css."""

    rank: int
    ranks: str
    rank_words: str
    tier: str
    medal: str
    name: str
    url: str | None
    cells: tuple[Cell, ...]
    badges: tuple[Badge, ...]
    details: str = ""
    key: str = ""
    judge: str = ""  # address of its judge run's page, the badge's link


@dataclass(frozen=True, slots=True)
class Family:
    """Metrics under one heading."""

    name: str
    metrics: tuple[Metric, ...]
