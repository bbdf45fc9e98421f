"""What an admin or owner may type into the fields of an entry."""

from typing import Any

import pytest

from core.errors import RefusedError
from core.usecases.entry_form import as_shown, cleaned, touched
from tests.core.store_world import entry


@pytest.mark.parametrize(
    ("key", "given", "value"),
    [
        ("metrics.cvs_acc", " 0,8126 ", 0.813),
        ("metrics.cvs_acc", "—", None),
        ("declared.weights", "open", "open"),
        ("declared.weights", "", None),
        ("date", " 2026-12-31 ", "2026-12-31"),
        ("verified_date", None, None),
        ("off_the_shelf", 1, True),
        ("organiser", False, False),
        ("verified_note", "  Same scores. ", "Same scores."),
        ("model_name", " A ", "A"),
    ],
)
def test_a_value_takes_the_form_of_a_change(key: str, given: Any, value: Any) -> None:
    assert cleaned({key: given}) == ({key: value}, "")


@pytest.mark.parametrize(
    ("key", "given", "told"),
    [
        ("metrics.cvs_acc", "eighty", "expected a number or nothing, got 'eighty'"),
        ("metrics.cvs_acc", 80, "expected 0 to 1, got 80."),
        ("declared.weights", "half", "Expected one of open, closed"),
        ("date", "31.12.2026", "'31.12.2026' is not a date. Write it like 2026-12-31."),
        ("verified_note", "a\x00b", ""),
        ("model_name", "", ""),
        ("entry_id", "x", "'entry_id' is not a field that can be changed"),
    ],
)
def test_an_invalid_value_is_named_by_its_field(key: str, given: Any, told: str) -> None:
    with pytest.raises(RefusedError) as refused:
        cleaned({key: given, "date": given if key == "date" else "2026-01-02"})
    assert list(refused.value.problems) == [key]
    assert told in refused.value.problems[key]


def test_only_what_differs_from_what_was_shown_is_touched() -> None:
    found = entry(1, 0.5, extra={}, model_url=None)
    shown = as_shown(found, ("metrics.cvs_acc", "model_url", "declared.weights", "model_name"))
    assert shown["metrics.cvs_acc"] == "0.500"
    assert touched(found, shown) == {}
    typed = {**shown, "model_name": " Model 1 ", "model_url": "https://example.org"}
    assert touched(found, typed) == {"model_url": "https://example.org"}
