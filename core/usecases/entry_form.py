"""Validates an admin's or an owner's input in the fields of an entry. Pure.

Keys are those of core.changes.entry_fields, and `contact`, which is not part of a change.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from core.benchmark import METRIC_BY_KEY
from core.changes.entry_fields import EDITABLE, metric_problem, values
from core.errors import RefusedError
from core.model.entries import Entry, rounded
from core.model.fields import FIELD_BY_PATH, check_text, text_problem
from core.model.policy import is_moment
from core.publish.numbers import fixed

_CHOICES = {path: tuple(field.options) for path, field in FIELD_BY_PATH.items() if field.options}


def as_shown(entry: Entry, keys: Iterable[str]) -> dict[str, Any]:
    """An entry's values as the fields of a form show them; metrics have three decimals."""
    return {key: _as_shown(key, value) for key, value in values(entry, dict.fromkeys(keys)).items()}


def _as_shown(key: str, value: Any) -> Any:
    if key in _CHOICES:
        return value if value in _CHOICES[key] else None
    if key.startswith("metrics.") and value is not None:
        return fixed(value)
    return "" if value is None else value


def touched(entry: Entry, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The typed values that differ from what the form showed.

    Others are not checked: older values may not meet the current rules.
    """
    shown = as_shown(entry, typed)
    return {key: given for key, given in typed.items() if not same(given, shown[key])}


def same(given: Any, shown: Any) -> bool:
    """Whether a field has the value that it showed; surrounding spaces are ignored."""
    return bool(_plain(given) == _plain(shown))


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    return tuple(value) if isinstance(value, list) else value


def cleaned(typed: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The values in the form of a change, and the contact separately.

    Raises RefusedError with every problem by field. Empty text means "none"; a metric may be
    a number or its text.
    """
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for key, given in typed.items():
        try:
            values[key] = _value(key, given)
        except RefusedError as error:
            wrong |= error.problems
    if wrong:
        raise RefusedError(wrong)
    return values, values.pop("contact", None) or ""


def _value(key: str, given: Any) -> Any:
    group, _, inner = key.partition(".")
    if group == "metrics" and inner in METRIC_BY_KEY:
        return _metric(key, inner, given)
    if key != "contact" and key not in EDITABLE:
        raise RefusedError({key: f"{key[:40]!r} is not a field that can be changed."})
    if key in _CHOICES:
        return _choice(key, given)
    field = FIELD_BY_PATH.get(key)
    if field is not None:
        problem, text = check_text(field, "" if given is None else given)
        if problem:
            raise RefusedError({key: problem})
        return text if field.required else text or None
    if key in ("date", "verified_date"):
        return _date(key, given)
    if key == "off_the_shelf":
        return bool(given)
    if key in ("organiser", "verification"):
        return given
    text = str(given or "").strip()
    if problem := text_problem(text):
        raise RefusedError({key: problem})
    return text or None


def _metric(key: str, metric: str, given: Any) -> float | None:
    value = given
    if isinstance(given, str):
        text = given.strip().replace(",", ".")
        if text in ("", "—", "-"):
            return None
        try:
            value = float(text)
        except ValueError:
            value = given
    problem = metric_problem(metric, value)
    if problem:
        raise RefusedError({key: problem})
    return None if value is None else rounded(float(value))


def _choice(key: str, given: Any) -> Any:
    if given in (None, ""):
        return None
    if given not in _CHOICES[key]:
        expected = ", ".join(map(str, _CHOICES[key]))
        raise RefusedError({key: f"Expected one of {expected}, got {given!r:.40}."})
    return given


def _date(key: str, given: Any) -> str | None:
    text = str(given or "").strip()
    if text and not is_moment(text):
        raise RefusedError({key: f"{text[:40]!r} is not a date. Write it like 2026-12-31."})
    return text or None
