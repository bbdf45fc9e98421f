"""The boards on a given day, folded from the journal.

A day ends at midnight UTC. The result is the beginning of the journal up to the last change made
by then, so neither later changes nor later versions of the program affect it. A change that was
made by then on another machine and joined later is included after the join, and so are changes
before it that were made while a clock was ahead. A purged entry is on no board of any day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from core.errors import RefusedError, StoreError
from core.model.state import State
from core.settings import Settings
from core.store import journal
from core.store.board_files import read_head
from core.store.follower import folded
from core.store.lines import Line
from core.store.opened import base_of

FIELD: Final = "as_of"
_START: Final = "start"


class AheadError(RefusedError):
    """A day in the future, or after that of the boards."""


def day_of(text: str, today: date | None = None, field: str = FIELD) -> date:
    """A day as YYYY-MM-DD, not after today (UTC). Raises RefusedError, AheadError for `field`."""
    try:
        found = datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise RefusedError({field: f"Expected a day like 2026-11-26, got {text[:40]!r}."}) from None
    if found > (today or datetime.now(UTC).date()):
        raise AheadError({field: f"{found} is in the future. Choose today or an earlier day."})
    return found


@dataclass(frozen=True, eq=False)
class Dated:
    """A state and its revision, which is the same for equal beginnings of one journal."""

    state: State
    revision: str


def state_at(settings: Settings, day: date, revision: str) -> Dated:
    """The state at the end of a day. `revision` of the store is the cache key.

    Raises StoreError when the journal cannot be read, or was replaced at this moment.
    """
    base, path = base_of(settings.demo), settings.root / "journal.jsonl"
    index = _index(path, revision)
    before = f"{day + timedelta(days=1)}T"
    last = max((n for n, time in enumerate(index.times, start=1) if time < before), default=0)
    if not last:
        return Dated(base, _START)
    found = index.hashes[last - 1]
    return Dated(_folded(path, settings.demo, last, found, index.purged), found[:16])


def revision_now(settings: Settings) -> str:
    """The revision of the current boards, as `state_at` gives that of a day. Cheap.

    Raises StoreError when head.json is damaged.
    """
    head = read_head(settings.root)
    return head.last_hash[:16] if head and head.last_hash else _START


@dataclass(frozen=True, slots=True)
class _Index:
    """The time and hash of each line of a journal, and the entries purged since."""

    times: tuple[str, ...]
    hashes: tuple[str, ...]
    purged: frozenset[str]


@lru_cache(maxsize=4)
def _index(path: Path, _revision: str) -> _Index:
    lines = _lines(path)
    times, hashes = (line.time for line in lines), (line.hash for line in lines)
    return _Index(tuple(times), tuple(hashes), frozenset(_purged(lines)))


# Cached by the hash of the last line, so days without a change and later changes cost nothing.
@lru_cache(maxsize=8)
def _folded(path: Path, demo: bool, last: int, found: str, purged: frozenset[str]) -> State:
    lines = _lines(path)[:last]
    if len(lines) < last or lines[-1].hash != found:
        raise StoreError(f"{path}: was replaced while it was read. Try again.")
    state = folded(base_of(demo), lines)
    gone = {key: None for key in purged if key in state.entries}
    return replace(state, entries=state.entries.with_rows(gone)) if gone else state


def _lines(path: Path) -> list[Line]:
    return journal.decode(journal.read(path, 0, None), journal.START, path).lines


def _purged(lines: Iterable[Line]) -> set[str]:
    """The entries that were purged and have not come back."""
    found: set[str] = set()
    for line in lines:
        for effect in line.effects:
            if effect.table == "entries" and effect.before is None:
                change = found.add if effect.after is None else found.discard
                change(effect.key)
    return found
