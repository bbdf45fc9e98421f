"""Parts of the statistics worked out by hand: cells without scores, levels, too few recordings."""

from typing import Any

import numpy as np
import pytest

from core.ranking.columns import MetricColumns, scored_columns
from core.ranking.differences import TOO_FEW, compare
from core.ranking.draws import weights
from core.ranking.metric_figures import Measured, metric_figures
from core.ranking.stacks import stack, values
from core.ranking.tails import t_beyond
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


def test_a_source_with_one_recording_is_named_with_the_one_that_it_joined() -> None:
    units = [*(Unit("A", f"v{n}") for n in range(8)), Unit("B", "w0")]
    sums = [[float(n % 2)] for n in range(9)]
    one = {"nap_acc": MetricColumns(units, [1] * 9, ["x"], sums, [[1]] * 9, [0], [0.0])}
    published = np.array([4 / 9])
    figures, measured = metric_figures(
        "nap_acc", [one], published, (10, 0.05), np.random.default_rng(1)
    )
    assert figures.joined == (("B", "A"),)
    assert measured is not None
    assert measured.jackknife is not None


def test_a_pair_has_degrees_of_freedom_if_either_of_it_was_measured() -> None:
    measured = stack("sa_acc", [columns(["x"], [1.0], [2]), None, None])
    assert measured is not None
    found = Measured(measured, None).freedom(3)  # of the pairs 0 and 1, 0 and 2, 1 and 2
    assert np.array_equal(found, [1.0, 1.0, np.nan], equal_nan=True)


def test_the_only_unit_of_all_is_in_every_draw() -> None:
    assert weights([("A", 1)], 3, np.random.default_rng(1)).tolist() == [[1.0, 1.0, 1.0]]
