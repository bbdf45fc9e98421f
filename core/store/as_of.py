"""The boards as they stood on a day, folded from the journal.

A day ends at midnight UTC. What stands is the journal's beginning up to the last change made by
then: later changes leave it as it was, and so do later versions of the program. A change that was
made by then on another machine and joined later belongs to it from then on, and so does what was
made before it while a clock was ahead. An entry that was purged is on no board of any day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from core.errors import RefusedError
from core.model.state import State
from core.settings import Settings
from core.store import journal
from core.store.follower import folded
from core.store.lines import Line
from core.store.opened import base_of

FIELD: Final = "as_of"
_START: Final = "start"


class AheadError(RefusedError):
    """A day that has not come yet."""


def day_of(text: str, today: date | None = None) -> date:
    """A day as YYYY-MM-DD, not after today (UTC). Raises RefusedError, AheadError."""
    try:
        found = datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise RefusedError({FIELD: f"Expected a day as 2026-11-26, got {text[:40]!r}."}) from None
    if found > (today or datetime.now(UTC).date()):
        raise AheadError({FIELD: f"{found} has not come yet. Choose today or an earlier day."})
    return found


@dataclass(frozen=True, eq=False)
class Dated:
    """A state, and the revision that names it: the same for equal beginnings of one journal."""

    state: State
    revision: str


def state_at(settings: Settings, day: date, revision: str) -> Dated:
    """The state at the end of a day. `revision`: the store's, by which it is kept."""
    return _folded(settings.root, settings.demo, f"{day + timedelta(days=1)}T", revision)


@lru_cache(maxsize=16)
def _folded(root: Path, demo: bool, before: str, _revision: str) -> Dated:
    base, path = base_of(demo), root / "journal.jsonl"
    if not path.exists():
        return Dated(base, _START)
    lines = journal.decode(journal.read(path, 0, None), journal.START, path).lines
    last = max((n for n, line in enumerate(lines, start=1) if line.time < before), default=0)
    state = folded(base, lines[:last])
    gone = {key: None for key in _purged(lines) if key in state.entries}
    state = replace(state, entries=state.entries.with_rows(gone)) if gone else state
    return Dated(state, lines[last - 1].hash[:16] if last else _START)


def _purged(lines: Iterable[Line]) -> set[str]:
    """The entries that were forgotten for good, and are not back."""
    found: set[str] = set()
    for line in lines:
        for effect in line.effects:
            if effect.table == "entries" and effect.before is None:
                change = found.add if effect.after is None else found.discard
                change(effect.key)
    return found
