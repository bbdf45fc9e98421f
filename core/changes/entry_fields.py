"""An entry's fields by the flat keys of an edit: read, check and replace. Pure.

Keys: fields of Entry, `metrics.<key>` for the ten metrics, `declared.<key>` for the participant's
declarations. Values are JSON values.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from core.benchmark import METRIC_BY_KEY, METRIC_KEYS
from core.errors import EntryError, RefusedError
from core.model.entries import Declared, Entry, rounded
from core.model.links import link_problem
from core.model.rows import entry_of, entry_row, plain

METRICS: Final = tuple(f"metrics.{key}" for key in METRIC_KEYS)
DECLARED: Final = tuple(f"declared.{key}" for key in Declared.__struct_fields__)
MARKS: Final = ("off_the_shelf", "organiser", "track")
VERIFIED: Final = ("verified_date", "verified_note", "verification")
TEXTS: Final = ("model_name", "organization", "contact_ref", "model_url", "date")
EDITABLE: Final = frozenset((*TEXTS, *MARKS, *VERIFIED, *METRICS, *DECLARED))


def values(entry: Entry, keys: Mapping[str, Any]) -> dict[str, Any]:
    """The entry's value of each of `keys`."""
    found: dict[str, Any] = {}
    for key in keys:
        name, _, inner = key.partition(".")
        field = plain(getattr(entry, name, None))
        found[key] = (field or {}).get(inner) if inner else field
    return found


def replaced(entry: Entry, new: Mapping[str, Any]) -> Entry:
    """The entry with the new values, metrics rounded as published.

    Raises RefusedError by field for invalid values.
    """
    problems = {key: problem for key in new if (problem := _problem(key, new[key]))}
    if problems:
        raise RefusedError(problems)
    fields = {k: rounded(v) if k.startswith("metrics.") else v for k, v in new.items()}
    try:
        return entry_of(entry.entry_id, {**entry_row(entry), **fields})
    except EntryError as error:
        group = next((k for k in new if k.startswith("declared.")), next(iter(new), "entry"))
        raise RefusedError({group.partition(".")[0]: f"Invalid value: {error}"}) from error


def with_matching_parts(entry: Entry, before: Entry) -> Entry:
    """The entry without strict scores and scores by dataset of metrics that have another value
    than `before`, with which they were computed."""
    old, new = before.metrics, entry.metrics
    other = {key for key in new if old.get(key) != new[key]}
    strict = {key: value for key, value in entry.strict.items() if key not in other}
    by_dataset = {key: cells for key, cells in entry.by_dataset.items() if key not in other}
    return msgspec.structs.replace(entry, strict=strict, by_dataset=by_dataset)


def metric_problem(key: str, value: object) -> str | None:
    """Why a metric cannot have this value; it must be null or a finite number in range."""
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
