"""What would change a board's order: omitted entries and metrics, other weights and rules."""

import json
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import kendalltau

from core.benchmark import METRIC_KEYS
from core.model.policy import DEFAULT
from core.model.published import published_state
from core.ranking.average_rank import order
from core.ranking.board import counted_values
from core.ranking.left_out import LeftOut, entries_left_out, metrics_left_out
from core.ranking.schemes import SCHEMES, borda, by_tasks, median_rank, scheme_orders, z_scores
from core.ranking.weights import random_weights, weighted

DATA = Path(__file__).parents[1] / "data" / "published_board_sensitivity.json"
NAN = math.nan
CELL = st.just(NAN) | st.integers(0, 6).map(lambda n: n / 8)
BOARDS = st.integers(2, 7).flatmap(
    lambda n: arrays(np.float64, (n, len(METRIC_KEYS)), elements=CELL)
)


def numbered(values: np.ndarray) -> list[str]:
    return [f"model {row:03}" for row in range(len(values))]


def published() -> tuple[np.ndarray, list[str]]:
    """The published Official board, in the order and with the names of the reference file."""
    entries = published_state().official
    names = [entry.model_name + "*" * entry.off_the_shelf for entry in entries]
    return counted_values(entries, DEFAULT), names


def test_the_published_board_gives_exactly_the_answer_that_was_worked_out_apart() -> None:
    values, names = published()

    def told(found: LeftOut) -> dict[str, Any]:
        pairs = [[names[a], names[b]] for a, b in found.swapped]
        return {"first": [names[row] for row in found.first], "pairs_that_swap": pairs}

    entries, metrics = entries_left_out(values, names), metrics_left_out(values, names)
    average = order(values, names).average.tolist()
    assert {
        "average_rank": dict(zip(names, average, strict=True)),
        "drop_entry": dict(zip(names, map(told, entries), strict=True)),
        "drop_metric": dict(zip(METRIC_KEYS, map(told, metrics), strict=True)),
    } == {k: v for k, v in json.loads(DATA.read_text("utf-8")).items() if k != "about"}


@given(BOARDS)
@settings(max_examples=40)
def test_a_row_left_out_leaves_the_board_that_it_would_be_without_it(values: np.ndarray) -> None:
    names = numbered(values)
    whole = order(values, names).average
    for gone, found in enumerate(entries_left_out(values, names)):
        rows = [row for row in range(len(values)) if row != gone]
        less = order(values[rows], [names[row] for row in rows])
        after = dict(zip(rows, less.average.tolist(), strict=True))
        assert found.leader == rows[less.order[0]]
        assert found.first == tuple(r for r in rows if after[r] == min(after.values()))
        assert found.swapped == tuple(
            (a, b)
            for a in rows
            for b in rows
            if a < b and (whole[a] - whole[b]) * (after[a] - after[b]) < 0
        )


def test_a_model_that_leaves_swaps_two_that_stand_apart() -> None:
    # Average ranks: a 1.6, b 2.0; without c, which is between them five times: a 1.6, b 1.5.
    a, b, c, d = [0.7, 0.9], [0.9, 0.5], [0.5, 0.7], [0.1, 0.1]
    values = np.repeat(np.array([a, b, c, d]), 5, axis=1)
    values[3, 0] = 0.8
    found = entries_left_out(values, list("abcd"))
    assert [one.swapped for one in found] == [(), (), ((0, 1),), ()]
    assert [one.leader for one in found] == [1, 0, 1, 0]


def test_many_rows_are_left_out_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    values, names = published()
    at_once = entries_left_out(values, names)
    monkeypatch.setattr("core.ranking.left_out._CELLS", 350)
    assert entries_left_out(values, names) == at_once


@pytest.mark.parametrize("rows", [0, 1])
def test_too_small_a_board_is_refused(rows: int) -> None:
    with pytest.raises(ValueError, match="give 2 or more"):
        entries_left_out(np.full((rows, 10), 0.5), ["x"] * rows)
    with pytest.raises(ValueError, match="give 2 metrics or more"):
        metrics_left_out(np.full((rows, 1), 0.5), ["x"] * rows)


@given(BOARDS, st.integers(1, 9))
@settings(max_examples=40)
def test_equal_weights_are_the_board_itself(values: np.ndarray, weight: int) -> None:
    names = numbered(values)
    found, board = weighted(values, names, np.full(10, float(weight))), order(values, names)
    assert found.rank.tolist() == board.rank.tolist()
    assert found.average == pytest.approx(board.average)


def test_weights_by_hand() -> None:
    # Ranks: x 1 2, y 2 1, z 3 3. With 2 : 1 x has 4/3, y 5/3; a weight alone decides.
    values = np.array([[0.9, 0.4], [0.8, 0.5], [0.1, NAN]])
    found = weighted(values, ["x", "y", "z"], np.array([[2.0, 1.0], [0.0, 1.0], [1.0, 1.0]]))
    assert found.average[0] == pytest.approx([4 / 3, 5 / 3, 3])
    assert found.rank.tolist()[:2] == [[1, 2, 3], [2, 1, 3]]
    assert found.rank[2].tolist() == order(values, ["x", "y", "z"]).rank.tolist()


@pytest.mark.parametrize("weights", [[0.0] * 10, [-1.0, *[1.0] * 9]])
def test_weights_that_order_nothing_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="some above 0"):
        weighted(*published(), np.array(weights))


def test_random_weights_are_the_same_each_time_and_even_over_all_weightings() -> None:
    # x leads where its one metric has more than half the weight: of three, in 1/4 of weightings.
    values = np.array([[0.9, 0.1, 0.1], [0.5, 0.5, 0.5]])
    found = random_weights(values, ["x", "y"], draws=4000)
    assert found.leads.sum() == pytest.approx(1)
    assert found.leads[0] == pytest.approx(0.25, abs=0.03)
    assert random_weights(values, ["x", "y"], draws=4000).leads.tolist() == found.leads.tolist()
    assert (found.best.tolist(), found.worst.tolist()) == ([1, 1], [2, 2])
    values, names = published()
    board = random_weights(values, names)
    assert board.leads.sum() == pytest.approx(1)
    ranks = order(values, names).rank
    assert (board.best <= ranks).all()
    assert (ranks <= board.worst).all()


def test_a_model_that_is_best_everywhere_leads_in_every_weighting_and_scheme() -> None:
    values = np.linspace(0.9, 0.1, 5)[:, None] * np.ones(10)
    found = random_weights(values, numbered(values))
    assert (found.leads[0], found.best[0], found.worst[0]) == (1, 1, 1)
    for scheme in scheme_orders(values, numbered(values)):
        assert scheme.rank.tolist() == [1, 2, 3, 4, 5]
        assert scheme.tau == pytest.approx(1)


def test_schemes_by_hand() -> None:
    # Metrics in the order of the table; TAG@0.3 and TAG@0.5 are one task, DVC_F1 and DVC_llm too.
    values = np.full((3, 10), 0.5)
    values[:, 4] = [0.2, 0.8, 0.8]  # TAG@0.3: ranks 3 1 1, elsewhere 1 1 1
    assert by_tasks(values) == pytest.approx([(7 + 2) / 8, 1, 1])
    assert median_rank(values).tolist() == [1, 1, 1]
    # Borda: 9 metrics with one point each (two equals, half a point each), and 0, 1.5, 1.5.
    assert borda(values).tolist() == [-9, -10.5, -10.5]
    # The only metric in which they differ: mean 0.6, standard deviation sqrt(0.08).
    assert z_scores(values) == pytest.approx(
        [0.4 / math.sqrt(0.08), -0.2 / math.sqrt(0.08), -0.2 / math.sqrt(0.08)]
    )


def test_a_missing_value_is_the_last_by_every_scheme() -> None:
    values = np.array([[0.9] * 10, [0.5] * 10, [0.4] * 9 + [NAN], [0.4] * 10])
    for scheme in SCHEMES:
        scores = scheme.scores(values)
        assert scores[2] >= scores[3], scheme.key
    assert borda(np.array([[0.0] * 10, [NAN] * 10])).tolist() == [-10, 0]
    # z: the missing one gets the lowest existing score, that of 0.4.
    assert z_scores(values)[2] == pytest.approx(z_scores(values)[3], rel=0.1)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(np.full((3, 10), NAN), id="nothing scored"),
        pytest.param(np.full((3, 10), 0.5), id="all equal"),
        pytest.param(np.full((1, 10), 0.5), id="one model"),
        pytest.param(np.array([[NAN] * 10, [0.5] + [NAN] * 9]), id="one value"),
    ],
)
def test_where_nothing_parts_the_models_they_stand_as_on_the_board(values: np.ndarray) -> None:
    names = numbered(values)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = scheme_orders(values, names)
        drawn = random_weights(values, names, draws=10)
    board = order(values, names).rank
    for one in found:
        assert one.rank.tolist() == board.tolist()
        assert math.isnan(one.tau) or one.tau == pytest.approx(1)
    assert drawn.leads.max() == 1


def test_tau_is_that_of_scipy_with_ties_left_as_ties() -> None:
    values, names = published()
    board = order(values, names).rank
    for found in scheme_orders(values, names):
        expected = kendalltau(board, found.scheme.scores(values)).statistic
        assert found.tau == pytest.approx(expected), found.scheme.key
    assert sorted(scheme_orders(values, names)[1].rank.tolist()) == list(range(1, 11))
