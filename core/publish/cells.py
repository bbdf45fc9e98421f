"""A metric within one source dataset: shown only with at least 100 scored records. Pure.

A value over few records reveals single answers: 13 tries solve a cell of 50 yes/no records
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
    """An entry's cells as they may be shown; none if they are stored in an unknown format."""
    try:
        return shown_cells(msgspec.convert(entry.by_dataset, Cells))
    except msgspec.ValidationError:
        return {}


def shown_cells(found: Mapping[str, Mapping[str, DatasetScore]]) -> Cells:
    """The same cells, by metric key and dataset, without the values that must not be shown.

    Values have three decimals.
    """
    return {key: _shown(cells) for key, cells in found.items()}


def stored_cells(found: Results) -> dict[str, Any]:
    """The part of an evaluation's cells that an entry keeps."""
    kept: dict[str, Any] = msgspec.to_builtins(shown_cells(found.by_dataset))
    return kept


def owners_results(found: Results) -> bytes:
    """The results file for its owner: three decimals, and cells as they are shown."""
    shown = msgspec.structs.replace(
        found,
        metrics={key: rounded(value) for key, value in found.metrics.items()},
        strict={key: rounded(value) for key, value in found.strict.items()},
        by_dataset=shown_cells(found.by_dataset),
    )
    return msgspec.json.format(msgspec.json.encode(shown), indent=1) + b"\n"


def _shown(cells: Mapping[str, DatasetScore]) -> dict[str, DatasetScore]:
    """The cells as shown. Since the overall metric is known, cells left out must have 100 records
    together, or subtraction would reveal them: if not, the next smallest is left out too."""
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
