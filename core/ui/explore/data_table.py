"""Data as a table: text left, numbers right, scrolling within its frame. Pure."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from core.publish.explore.marks import Data
from core.publish.facts import NAME, TEXT, Cell, table_html

_SHORT: Final = 14  # letters that fit on one line of a cell


class Links(NamedTuple):
    """Which text of a table links to which entry, on the boards of which day ("" for now)."""

    ids: Mapping[str, str]
    as_of: str


NO_LINKS: Final = Links({}, "")


def data_html(
    label: str,
    data: Data,
    shown: Callable[[str | float | None], str],
    links: Links = NO_LINKS,
) -> str:
    """The table as escaped markup; `shown` makes text of a cell, `label` names the table."""
    marks = [_mark(data, place) for place in range(len(data.columns))]
    head = [Cell(text, mark) for text, mark in zip(data.columns, marks, strict=True)]
    rows = [
        [
            Cell(text := shown(cell), mark, links.ids.get(text, ""))
            for cell, mark in zip(row, marks, strict=True)
        ]
        for row in data.rows
    ]
    return table_html(label, head, rows, as_of=links.as_of)


def _mark(data: Data, place: int) -> str:
    texts = [row[place] for row in data.rows]
    longest = max((len(text) for text in texts if isinstance(text, str)), default=0)
    if not longest:
        return ""
    return f"{TEXT} {NAME}" if longest > _SHORT else TEXT
