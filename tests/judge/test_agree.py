"""Agreement of two runs, worked by hand."""

import math

import pytest

from evaluation.judge.agree import agreement


def test_by_hand() -> None:
    # Differences 0, 1, 0, -2: their squares mean 1.25. Ranks (1, 2, 3, 4) and (1, 2.5, 4, 2.5).
    found = agreement([1, 2, 4, 5], [1, 3, 4, 3])
    assert (found.n, found.mean_difference, found.exact, found.within_one) == (4, -0.25, 0.5, 0.75)
    assert found.kappa == pytest.approx(1 - 1.25 / _chance())
    assert found.spearman == pytest.approx(_spearman())


def _chance() -> float:
    a, b = [1, 2, 4, 5], [1, 3, 4, 3]
    return sum((x - y) ** 2 for x in a for y in b) / 16


def _spearman() -> float:
    a, b = [1, 2, 3, 4], [1, 2.5, 4, 2.5]
    cov = sum((x - 2.5) * (y - 2.5) for x, y in zip(a, b, strict=True))
    return cov / math.sqrt(5 * 4.5)


def test_the_same_run_twice_and_nothing() -> None:
    assert agreement([1, 3, 5], [1, 3, 5]).kappa == 1
    assert math.isnan(agreement([3, 3], [3, 3]).spearman)
    assert math.isnan(agreement([], []).kappa)
