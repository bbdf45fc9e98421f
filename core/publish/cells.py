"""A metric within one source dataset: shown from 100 scored records on. Pure.

A value over few records reveals single answers: a cell of 50 yes/no records is solved with 13 tries
(docs/statistics.md). This applies to everybody, including an entry's owner.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from core.model.contracts.evaluation import DatasetScore, Results
from core.model.entries import Entry, rounded

LEAST_RECORDS: Final = 100
Cells = dict[str, dict[str, DatasetScore]]


def cells_of(entry: Entry) -> Cells:
    """An entry's cells as they may be shown; none where it came with another form of them."""
    try:
        return shown_cells(msgspec.convert(entry.by_dataset, Cells))
    except msgspec.ValidationError:
        return {}


def shown_cells(found: Mapping[str, Mapping[str, DatasetScore]]) -> Cells:
    """The same cells, by metric key and dataset, with no value where there must be none.

    Values have three decimals.
    """
    return {key: _shown(cells) for key, cells in found.items()}


def stored_cells(found: Results) -> dict[str, Any]:
    """What an entry keeps of an evaluation's cells."""
    kept: dict[str, Any] = msgspec.to_builtins(shown_cells(found.by_dataset))
    return kept


def owners_results(found: Results) -> bytes:
    """The results file as its owner may have it: three decimals, and cells as they are shown."""
    shown = msgspec.structs.replace(
        found,
        metrics={key: rounded(value) for key, value in found.metrics.items()},
        strict={key: rounded(value) for key, value in found.strict.items()},
        by_dataset=shown_cells(found.by_dataset),
    )
    return msgspec.json.format(msgspec.json.encode(shown), indent=1) + b"\n"


def _shown(cells: Mapping[str, DatasetScore]) -> dict[str, DatasetScore]:
    """The whole metric is known: cells that are left out must have 100 records together, else
    the others, subtracted from it, would give them away. The next smallest goes with them."""
    out: set[str] = set()
    hidden = 0
    for name, cell in sorted(cells.items(), key=lambda item: item[1].n):
        if cell.n >= LEAST_RECORDS and (hidden == 0 or hidden >= LEAST_RECORDS):
            break
        out.add(name)
        hidden += cell.n
    return {
        name: msgspec.structs.replace(cell, value=None if name in out else rounded(cell.value))
        for name, cell in cells.items()
    }
