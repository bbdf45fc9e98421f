"""Rows of another program's boards: the readable part of each, and the problems. Pure.

A number out of range is undefined: 81.3 from a board in percent would rank first.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from core.benchmark import JUDGE_KEYS, METRIC_BY_KEY, METRIC_KEYS
from core.changes.entry_fields import metric_problem
from core.errors import EntryError
from core.model.entries import BoardName, Entry, entry_from_row
from core.model.tables import Row

_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_MISSING: Final = frozenset({"", "-", "—", "n/a", "na", "nan", "none", "null"})
_UNDEFINED: Final = "; it is undefined."
_TYPES: Final = {
    found.name: found.type
    for found in msgspec.structs.fields(Entry)
    if found.name not in ("metrics", "extra", "model_name", "contact")
}


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of a row. `problems`: why a field, or with "" the whole row, was left out."""

    entry: Entry | None
    problems: Mapping[str, str]


def read_row(row: Row, board: BoardName) -> Reading:
    """The entry from the readable part of a row; invalid values are treated as missing."""
    problems: dict[str, str] = {}
    numbers = {key: _number(row.get(key), key, problems) for key in METRIC_KEYS}
    if all(numbers[key] == 0 for key in JUDGE_KEYS):
        numbers.update(dict.fromkeys(JUDGE_KEYS))  # nothing was judged
    numbers = _in_range(numbers, problems)
    unread = {key: problems[key].removesuffix(_UNDEFINED) for key in numbers if key in problems}
    kept = {key: value for key, value in row.items() if _has_its_type(key, value, problems)}
    try:
        return Reading(entry_from_row({**kept, **numbers, "unread": unread}, board), problems)
    except EntryError:
        return Reading(None, {"": "it has no model_name, so it was left out."})


def _number(value: Any, key: str, problems: dict[str, str]) -> float | None:
    """A metric as a number, even if written as text."""
    if isinstance(value, str):
        text = value.strip()
        if text.casefold() in _MISSING:
            return None
        value = float(text) if _NUMBER.fullmatch(text) else value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        problems[key] = f"expected a number, got {value!r:.40}{_UNDEFINED}"
        return None
    return value


def _in_range(
    numbers: Mapping[str, float | None], problems: dict[str, str]
) -> dict[str, float | None]:
    """The numbers in range, all on one scale."""
    shares = [key for key in METRIC_KEYS if METRIC_BY_KEY[key].high == 1 and numbers[key]]
    above = [key for key in shares if (numbers[key] or 0) > 1]
    percent = 2 * len(above) >= len(shares) > 1
    found: dict[str, float | None] = {}
    for key, value in numbers.items():
        problem = (metric_problem(key, value) or "").partition(": ")[2]
        if not problem and percent and key in shares:
            problem = f"got {value!r:.40} in a row whose other values are above 1, as in percent."
        if problem:
            problems[key] = problem.removesuffix(".") + _UNDEFINED
        found[key] = None if problem else value
    return found


def _has_its_type(key: str, value: Any, problems: dict[str, str]) -> bool:
    if key not in _TYPES or value in (None, ""):
        return True
    try:
        msgspec.convert(value, _TYPES[key])
    except msgspec.ValidationError as error:
        problems[key] = f"{error!s:.100}; it was left out."
        return False
    return True
