"""Parts of the statistics worked out by hand: cells without scores, levels, too few recordings."""

from typing import Any

import pytest

from core.ranking.columns import MetricColumns, scored_columns
from core.ranking.differences import TOO_FEW, compare, t_beyond
from core.ranking.stacks import stack, values
from core.ranking.units import Unit
from tests.core.statistics_world import rows


def columns(cells: list[str], sums: list[float], counts: list[int]) -> dict[str, Any]:
    unit = Unit("S", "v0")
    return {"sa_acc": MetricColumns([unit], [2], cells, [sums], [counts], [0], [0.5])}


def test_a_cell_without_scores_is_not_in_the_mean_of_cells() -> None:
    both = columns(["x", "y"], [1.0, 3.0], [2, 2])
    one = columns(["x"], [1.0], [2])
    found = stack("sa_acc", [both, None, one, columns([], [], [])])
    assert found is not None
    assert found.rows.tolist() == [0, 2, 3]
    assert values(found).tolist() == [[1.0, 0.5, 0.0]]


def test_a_stricter_level_widens_the_interval_and_what_is_detected() -> None:
    a, b = scored_columns(rows(1, 0.5)), scored_columns(rows(2, 0.6))
    loose, strict = (compare(a, b, alpha)["nap_acc"] for alpha in (0.05, 0.01))
    assert loose.low is not None
    assert loose.high is not None
    assert strict.low is not None
    assert strict.low < loose.low < loose.difference < loose.high
    error, many = loose.error, 1e9
    assert loose.detectable > 2.8 * error  # 1.96 + 0.84 with any number of recordings
    assert strict.detectable > 3.4 * error
    assert loose.detectable < strict.detectable
    assert t_beyond(0.025, many) == pytest.approx(1.96, abs=0.001)


def test_too_few_recordings_leave_the_difference_and_nothing_else() -> None:
    a, b = (scored_columns(rows(seed, videos=1)) for seed in (1, 2))
    found = compare(a, b)["stg_miou"]
    assert (found.reason, found.verdict) == (TOO_FEW, "open")
    assert found.difference is not None
    assert (found.low, found.high, found.error, found.p, found.detectable) == (None,) * 5
    assert (found.wins, found.ties, found.losses) != (None,) * 3
