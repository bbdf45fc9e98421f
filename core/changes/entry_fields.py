"""An entry's fields as an edit names them: flat keys, read, checked and replaced. Pure.

Keys: fields of Entry, `metrics.<key>` for the ten metrics, `declared.<key>` for what the
participant said. Values are what JSON holds.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from core.benchmark import METRIC_BY_KEY, METRIC_KEYS
from core.changes.payloads import entry_of, payload_row, plain
from core.errors import RefusedError
from core.model.entries import BoardName, Declared, Entry
from core.model.links import link_problem
from core.model.state import Personal

METRICS: Final = tuple(f"metrics.{key}" for key in METRIC_KEYS)
DECLARED: Final = tuple(f"declared.{key}" for key in Declared.__struct_fields__)
MARKS: Final = ("off_the_shelf", "organiser", "track")
VERIFIED: Final = ("verified_date", "verified_note", "verification")
TEXTS: Final = ("model_name", "organization", "contact_ref", "model_url", "date")
EDITABLE: Final = frozenset((*TEXTS, *MARKS, *VERIFIED, *METRICS, *DECLARED))


def values(entry: Entry, keys: Mapping[str, Any]) -> dict[str, Any]:
    """What the entry holds under each of `keys`."""
    fields = plain(entry)
    found: dict[str, Any] = {}
    for key in keys:
        group, _, inner = key.partition(".")
        found[key] = (fields.get(group) or {}).get(inner) if inner else fields.get(group)
    return found


def replaced(entry: Entry, new: Mapping[str, Any], board: BoardName, personal: Personal) -> Entry:
    """The entry with the new values. Raises RefusedError by field for what cannot be."""
    problems = {key: problem for key in new if (problem := _problem(key, new[key]))}
    if problems:
        raise RefusedError(problems)
    row = payload_row(entry)
    row["declared"] = dict(row["declared"])
    for key, value in new.items():
        group, _, inner = key.partition(".")
        if group == "declared":
            row["declared"][inner] = value
        else:
            row[inner or group] = value
    try:
        msgspec.convert(row["declared"], Declared)
    except msgspec.ValidationError as error:
        raise RefusedError({"declared": f"Declared data: {error}."}) from error
    if "contact_ref" in new:
        return entry_of(row, board, personal, None)
    made = entry_of({**row, "contact_ref": None}, board, personal, None)
    return msgspec.structs.replace(made, contact=entry.contact, contact_ref=entry.contact_ref)


def metric_problem(key: str, value: object) -> str | None:
    """Why a metric cannot have this value: it must be null or a finite number in its range."""
    metric = METRIC_BY_KEY[key]
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{metric.name}: expected a number or nothing, got {value!r:.40}."
    if not metric.low <= value <= metric.high:
        return f"{metric.name}: expected {metric.range_text}, got {value!r:.40}."
    return None


def _problem(key: str, value: object) -> str | None:
    group, _, inner = key.partition(".")
    if group == "metrics" and inner in METRIC_BY_KEY:
        return metric_problem(inner, value)
    if key in ("model_name", "organization") and not isinstance(value, str):
        return f"{key}: expected text, got {type(value).__name__}."
    if key in ("model_url", "declared.code_url") and isinstance(value, str):
        return link_problem(value)
    return None
