"""The published results that a demo board starts with.

Source: core/data/published_results.json, values of the benchmark's public
leaderboard; its `source` field says which and when. They are the base of the
demo's store, not changes in the journal, and are never written back.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from core.model.entries import API_VERIFIED, BoardName, Entry, ScoresOf, entry_from_row
from core.model.state import State, made_state

PUBLISHED: Final = "published"  # a key of Entry.extra
ORGANISERS: Final = "UII"  # their models are marked on the board
_PATH = Path(__file__).parents[1] / "data" / "published_results.json"


@lru_cache(maxsize=1)
def published_state() -> State:
    """Both boards as published; a star after a name becomes the off-the-shelf mark."""
    data = _data()
    return made_state(
        official=_entries(data["official"], "official"),
        community=_entries(data["community"], "community"),
    )


def source() -> str:
    """The source of the published values and when they were read, as one sentence."""
    text: str = _data()["source"]
    return text.split(". ", maxsplit=1)[0] + "."


def as_of() -> str:
    """When the published values were read, YYYY-MM-DD."""
    return source().removesuffix(".").rpartition(" ")[2]


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(_PATH.read_text(encoding="utf-8"))
    return data


def _entries(rows: list[dict[str, Any]], board: BoardName) -> tuple[Entry, ...]:
    return tuple(_entry(row, board) for row in rows)


def _entry(row: dict[str, Any], board: BoardName) -> Entry:
    name = row["model_name"]
    entry = entry_from_row({**row, "model_name": name.removesuffix("*")}, board)
    return msgspec.structs.replace(
        entry,
        off_the_shelf=name.endswith("*"),
        organiser=True if entry.organization == ORGANISERS else None,
        extra={**entry.extra, PUBLISHED: True},
    )


def by_organisers(entry: Entry) -> bool:
    """Whether it is the organisers' model: if marked, or a verified one of their organization."""
    if entry.organiser is not None:
        return entry.organiser
    return entry.status == API_VERIFIED and entry.organization == ORGANISERS


def own_run(entry: Entry) -> bool:
    """Whether its scores are from the maintainers' run of the model, not from its upload."""
    return entry.verification is not None and entry.verification.scores == "own run"


def verified_scores(entry: Entry) -> ScoresOf | None:
    """A verified entry's scores: of the maintainers' own run, or the participant's, checked.

    None if it is not verified, or if nobody recorded it.
    """
    known = entry.verification if entry.status == API_VERIFIED else None
    return known.scores if known else None
