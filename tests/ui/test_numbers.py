"""Numbers as shown in pages and exports."""

import pytest

from core.publish import numbers


def test_undefined_is_a_dash_and_zero_is_not() -> None:
    assert numbers.fixed(None) == "—"
    assert numbers.fixed(0.0) == "0.000"
    assert numbers.fixed(-0.25, 2) == "-0.25"


def test_a_count_has_its_noun() -> None:
    assert numbers.count(0, "model") == "0 models"
    assert numbers.count(1, "model") == "1 model"
    assert numbers.count(6245, "try", "tries") == "6,245 tries"


@pytest.mark.parametrize(
    ("number", "said"),
    [(9_499, "9,499"), (12_345, "12,000"), (1_250_000, "1.2 million"), (3e9, "3.0 billion")],
)
def test_an_estimate_has_few_digits(number: int, said: str) -> None:
    assert numbers.rough(number) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.1, "1 second"),
        (40, "40 seconds"),
        (59.7, "1 minute"),
        (430, "7 minutes"),
        (7_500, "2 hours and 5 minutes"),
    ],
)
def test_a_duration_has_the_precision_of_its_length(seconds: float, said: str) -> None:
    assert numbers.duration(seconds) == said


def test_money_and_sizes() -> None:
    assert numbers.usd(1234.5) == "1,234.50 USD"
    assert numbers.size(1_500_000) == "1.5 MB"
