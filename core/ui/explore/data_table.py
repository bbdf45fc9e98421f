"""Data as a table: text left, numbers right, scrolling within its frame. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from core.publish.explore.marks import Data
from core.publish.facts import NAME, TEXT, Cell, table_html
from core.publish.numbers import DASH

Column = Sequence[str | float | None]
_SHORT: Final = 14  # letters that fit on one line of a cell


class Links(NamedTuple):
    """Which text of a table links to which entry, on the boards of which day ("" for now)."""

    ids: Mapping[str, str]
    as_of: str


NO_LINKS: Final = Links({}, "")


def data_html(
    label: str,
    data: Data,
    texts: Callable[[Column], list[str]],
    links: Links = NO_LINKS,
) -> str:
    """The table as escaped markup; `texts` makes text of a column, `label` names the table."""
    columns = list(zip(*data.rows, strict=True)) or [()] * len(data.columns)
    marks = [_mark(column) for column in columns]
    head = [Cell(text, mark) for text, mark in zip(data.columns, marks, strict=True)]
    rows = [
        [Cell(text, mark, links.ids.get(text, "")) for text, mark in zip(row, marks, strict=True)]
        for row in zip(*map(texts, columns), strict=True)
    ]
    return table_html(label, head, rows, as_of=links.as_of)


def aligned(column: Column) -> list[str]:
    """The cells as text, numbers with as many decimals as the one that has most.

    >>> aligned([0.5, 0.125, None, "x"]), aligned([1, 12])
    (['0.500', '0.125', '—', 'x'], ['1', '12'])
    """
    numbers = [cell for cell in column if isinstance(cell, int | float)]
    texts = [f"{number:.6f}".rstrip("0") for number in numbers]
    decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
    return [
        DASH if cell is None else cell if isinstance(cell, str) else f"{cell:.{decimals}f}"
        for cell in column
    ]


def _mark(column: Column) -> str:
    longest = max((len(text) for text in column if isinstance(text, str)), default=0)
    if not longest:
        return ""
    return f"{TEXT} {NAME}" if longest > _SHORT else TEXT
