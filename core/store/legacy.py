"""Board files of the older application: arrays of rows, as written by Python's json.

NaN and infinities become None. Personal data is removed from the rows, so that
the journal can store them.
"""

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.changes.act import Change
from core.changes.acts import MOST_LEVELS, refuse_deep
from core.changes.importing import import_rows
from core.errors import StoreError
from core.files import atomic
from core.files.ids import new_id
from core.files.json_text import dumps

_UNCHANGED = "The file was not changed. Correct it, or move it away to start with an empty board."
_AROUND = 2  # levels of a change around its rows
COMMUNITY, OFFICIAL = "leaderboard.json", "official_leaderboard.json"
Rows = list[dict[str, Any]]
Personal = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class OldBoards:
    """Rows of both files as written, and an id for exactly these bytes."""

    community: Rows
    official: Rows
    digest: str


def read(root: Path, known_as: str = "") -> OldBoards | None:
    """Both board files; None when neither exists. Raises StoreError; the files are not changed.

    `known_as`: where they are from, for messages, if `root` only has copies.
    """
    found = {name: _bytes(root / name) for name in (COMMUNITY, OFFICIAL)}
    if all(data is None for data in found.values()):
        return None
    digest = hashlib.sha256()
    for data in found.values():
        digest.update(hashlib.sha256(data or b"").digest())
    rows = {
        name: _rows(data, f"{name} in {known_as}" if known_as else str(root / name))
        for name, data in found.items()
    }
    return OldBoards(rows[COMMUNITY], rows[OFFICIAL], digest.hexdigest())


def as_change(old: OldBoards) -> tuple[Change, Personal]:
    """One change that imports the rows, and the contacts it refers to.

    Its id is derived from the files' bytes, so two machines with the same files make one change.
    """
    personal: Personal = {}
    community = [_without_contact(row, personal) for row in old.community]
    official = [_without_contact(row, personal) for row in old.official]
    return import_rows(community, official, f"import-{old.digest[:32]}"), personal


def _without_contact(row: dict[str, Any], personal: Personal) -> dict[str, Any]:
    clean = {key: value for key, value in row.items() if key != "contact"}
    contact = row.get("contact")
    if contact not in (None, ""):
        ref = new_id()
        personal[ref] = {"contact": contact if isinstance(contact, str) else str(contact)}
        clean["contact_ref"] = ref
    return clean


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise atomic.store_error(error, "Cannot read", path, "Nothing was changed.") from error


def _rows(data: bytes | None, path: str) -> Rows:
    if data is None:
        return []
    try:
        text = data.decode("utf-8-sig")
        rows = json.loads(text, parse_constant=lambda _: None, parse_float=_finite)
        # Once more through JSON: half characters cannot be encoded as UTF-8.
        rows = json.loads(dumps(rows))
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{path}: not JSON ({error!s:.100}). {_UNCHANGED}") from error
    if not isinstance(rows, list) or (rows and not any(isinstance(row, dict) for row in rows)):
        raise StoreError(f"{path}: expected an array of rows. {_UNCHANGED}")
    try:
        refuse_deep(rows, MOST_LEVELS - _AROUND)
    except ValueError as error:
        raise StoreError(f"{path}: {error}. {_UNCHANGED}") from error
    # Other values among the rows keep their place, since messages give a row's number.
    return [row if isinstance(row, dict) else {} for row in rows]


def _finite(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None
