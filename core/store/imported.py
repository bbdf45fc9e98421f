"""Problems with imported rows, as far as they remain. Pure."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from core.benchmark import METRIC_KEYS
from core.changes.acts import act_of
from core.changes.entry_fields import metric_problem
from core.changes.importing import Import
from core.changes.old_rows import Reading
from core.model.entries import BOARD_NAMES, BoardName
from core.model.state import State
from core.store import legacy
from core.store.lines import Line

_FILES: Final[dict[BoardName, str]] = {
    "community": legacy.COMMUNITY,
    "official": legacy.OFFICIAL,
}


def notes(lines: Iterable[Line], state: State, root: Path | None = None) -> list[str]:
    """By file, row and field: what could not be read, unless it has a value now.

    Of `root`, old board files that the next start will import. Also the metrics of any entry that
    are out of range, which earlier versions imported.
    """
    found: list[str] = []
    acts = [act_of(one.act) for one in lines if one.kind == "import" and not one.refused]
    old = None if root is None else legacy.read(root)
    if old is not None:
        acts.append(legacy.as_change(old)[0].act)
    for act in acts:
        if isinstance(act, Import) and act.checked:
            for board in BOARD_NAMES:
                for number, reading in enumerate(act.readings(board), start=1):
                    found += _of_row(f"{_FILES[board]}, row {number}", reading, state)
    return found + list(_out_of_range(state))


def _of_row(where: str, reading: Reading, state: State) -> Iterator[str]:
    entry = reading.entry
    now = state.entries.get(entry.entry_id) if entry else None
    for field, problem in reading.problems.items():
        if now is not None and now.metrics.get(field) is not None:
            continue
        if entry is None:
            yield f"{where}: {problem}"
        else:
            advice = " Correct the entry on the admin page." if now else ""
            yield f"{where} ({entry.model_name[:60]}), {field}: {problem}{advice}"


def _out_of_range(state: State) -> Iterator[str]:
    for entry in state.entries.values():
        for key in METRIC_KEYS:
            problem = metric_problem(key, entry.metrics.get(key))
            if problem:
                yield (
                    f"entry {entry.entry_id} ({entry.model_name[:60]}), {key}: {problem} "
                    "Correct the entry on the admin page."
                )
