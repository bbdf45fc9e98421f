"""Average rank and its tie-breaks: the parity file, hand-worked cases, properties."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_world import REPOSITORY, entry

from core.benchmark import METRIC_KEYS
from core.ranking.average_rank import (
    Place,
    metric_ranks,
    order,
    per_metric_ranks,
    place,
    rank,
    rank_entries,
    rank_table,
)

BOARDS = json.loads((Path(__file__).parents[1] / "data" / "ranking.json").read_text())
VALUES = st.none() | st.integers(0, 12).map(lambda n: n / 8) | st.just(math.nan)
PRESENT = st.integers(0, 1000).map(lambda n: n / 1000)


def rows(values: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries(dict.fromkeys(METRIC_KEYS, values)), min_size=least)


def ordered(board: list[dict[str, Any]], names: list[str]) -> list[str]:
    return [names[ranked.index] for ranked in rank(board, names)]


def array(board: list[dict[str, Any]]) -> np.ndarray:
    """A board (n, metrics) as boards rank it: three decimals, NaN for what is missing."""
    cells = [[row.get(key) for key in METRIC_KEYS] for row in board]
    values = np.array(cells, dtype=float).reshape(len(board), len(METRIC_KEYS))
    return values.round(3)


def numbered(board: list[dict[str, Any]]) -> list[str]:
    return [f"model {index:03}" for index in range(len(board))]


@pytest.mark.parametrize("number", range(len(BOARDS)))
def test_order_and_averages_agree_with_the_original(number: int) -> None:
    board = BOARDS[number]
    names = [row["model_name"] for row in board["rows"]]
    found = rank(board["rows"], names)
    assert [names[ranked.index] for ranked in found] == board["expected_order"]
    averages = [ranked.average_rank for ranked in found]
    assert averages == pytest.approx(board["expected_average_rank"], abs=1e-9)

    arrays = order(array(board["rows"]), names)
    assert [names[i] for i in arrays.order] == board["expected_order"]
    assert arrays.rank[arrays.order].tolist() == list(range(1, len(names) + 1))
    assert arrays.average[arrays.order].tolist() == averages

    table = rank_table(pd.DataFrame(board["rows"]))
    assert table["model_name"].tolist() == board["expected_order"]
    assert table["rank"].tolist() == list(range(1, len(names) + 1))
    assert table["average_rank"].tolist() == pytest.approx(board["expected_average_rank"], abs=1e-9)


def test_ties_share_the_smaller_rank_and_missing_ranks_below_all() -> None:
    board = [{"a": 0.5}, {"a": 0.7}, {"a": None}, {"a": 0.5}, {"a": 0.1}, {}]
    assert per_metric_ranks(board, ["a"]) == [
        {"a": 2}, {"a": 1}, {"a": None}, {"a": 2}, {"a": 4}, {"a": None},
    ]  # fmt: skip
    averages = {ranked.index: ranked.average_rank for ranked in rank(board, numbered(board), ["a"])}
    assert averages == {0: 2, 1: 1, 2: 5, 3: 2, 4: 4, 5: 5}


def test_equal_averages_go_by_more_first_ranks() -> None:
    # Ranks: x 1 3, y 2 2, z 3 1: averages 2 each; x and z lead a metric, y none.
    board = [{"a": 0.9, "b": 0.1}, {"a": 0.8, "b": 0.2}, {"a": 0.7, "b": 0.3}]
    found = rank(board, ["x", "y", "z"], ["a", "b"])
    assert [ranked.average_rank for ranked in found] == [2, 2, 2]
    assert found[-1].index == 1


def test_then_by_the_larger_sum_of_shares_then_by_name() -> None:
    # Ranks 1 2 against 2 1; shares 1 + 0.1/0.2 against 0.8/0.9 + 1.
    board = [{"a": 0.9, "b": 0.1}, {"a": 0.8, "b": 0.2}]
    assert [ranked.index for ranked in rank(board, ["x", "y"], ["a", "b"])] == [1, 0]
    same = [{"a": 0.5}, {"a": 0.5}]
    assert [ranked.index for ranked in rank(same, ["b", "a"], ["a"])] == [1, 0]


def test_a_largest_value_that_is_not_positive_gives_no_share() -> None:
    board = [{"a": 0.0, "b": 0.4}, {"a": -1.0, "b": 0.5}]
    found = rank(board, ["x", "y"], ["a", "b"])
    assert [ranked.index for ranked in found] == [1, 0]  # 0 + 0.8 against 0 + 1


def test_values_are_ranked_with_three_decimals() -> None:
    assert per_metric_ranks([{"a": 0.50049}, {"a": 0.5}], ["a"]) == [{"a": 1}, {"a": 1}]


@pytest.mark.parametrize(
    ("board", "averages"),
    [
        pytest.param([], [], id="empty"),
        pytest.param([dict.fromkeys(METRIC_KEYS, 0.3)], [1.0], id="single"),
        pytest.param([{}], [1.0], id="single without values"),
        pytest.param([dict.fromkeys(METRIC_KEYS)] * 2, [1.0, 1.0], id="all missing"),
        pytest.param([{"cvs_acc": math.nan}, {"cvs_acc": 0.0}], [1.0, 1.1], id="NaN is missing"),
    ],
)
def test_small_boards(board: list[dict[str, Any]], averages: list[float]) -> None:
    found = rank(board, numbered(board))
    assert [ranked.average_rank for ranked in found] == pytest.approx(averages)
    assert [ranked.rank for ranked in found] == list(range(1, len(board) + 1))
    frame = pd.DataFrame(board)
    assert rank_table(frame)["average_rank"].tolist() == pytest.approx(averages)


def test_rank_table_takes_text_and_replaces_old_columns() -> None:
    frame = pd.DataFrame(
        {"model_name": ["x", "y"], "cvs_acc": ["N/A", "0.4"], "rank": [7, 8]}, index=[5, 5]
    )
    table = rank_table(frame)
    assert table["model_name"].tolist() == ["y", "x"]
    assert table["rank"].tolist() == [1, 2]
    assert list(table.columns) == ["model_name", "cvs_acc", "rank", "average_rank"]


def test_names_and_values_go_together() -> None:
    with pytest.raises(ValueError, match="2 rows of values but 1 names"):
        rank([{}, {}], ["x"])


def test_place_counts_the_new_row_and_puts_it_last_of_equals() -> None:
    board = [entry(1, 0.9), entry(2, 0.5), entry(3, 0.1)]
    assert place(board, dict.fromkeys(METRIC_KEYS, 0.95)) == Place(1, 4)
    assert place(board, dict.fromkeys(METRIC_KEYS, 0.5)) == Place(3, 4)
    assert place(board, dict.fromkeys(METRIC_KEYS, 0.5), name="A") == Place(2, 4)
    assert place(board, {}) == Place(4, 4)
    assert place([], {}) == Place(1, 1)
    assert [e.model_name for _, e in rank_entries(board[::-1])] == ["Model 1", "Model 2", "Model 3"]


@given(rows(VALUES), st.randoms())
def test_a_permutation_of_rows_changes_nothing(board: list[dict[str, Any]], rng: Any) -> None:
    names = numbered(board)
    shuffled = list(range(len(board)))
    rng.shuffle(shuffled)
    before = [(names[r.index], r.rank, r.average_rank) for r in rank(board, names)]
    moved = [board[i] for i in shuffled]
    moved_names = [names[i] for i in shuffled]
    after = [(moved_names[r.index], r.rank, r.average_rank) for r in rank(moved, moved_names)]
    assert before == after


@given(rows(PRESENT))
def test_a_row_worst_in_everything_keeps_the_order(board: list[dict[str, Any]]) -> None:
    names = numbered(board)
    worst = dict.fromkeys(METRIC_KEYS, -1.0)
    assert ordered([*board, worst], [*names, "worst"]) == [*ordered(board, names), "worst"]


@given(rows(VALUES), st.randoms())
def test_a_board_in_a_stack_is_ranked_as_alone(board: list[dict[str, Any]], rng: Any) -> None:
    names = numbered(board)
    rng.shuffle(names)
    stack = np.stack([array(board)[:, rng.sample(range(10), 10)] for _ in range(3)])
    together = order(stack, names)
    for number, one in enumerate(stack):
        alone = order(one, names)
        assert together.order[number].tolist() == alone.order.tolist()
        assert together.rank[number].tolist() == alone.rank.tolist()
        assert together.average[number].tolist() == alone.average.tolist()
    assert together.rank[0].tolist() == together.rank[1].tolist(), "the order of metrics decides"


def test_sums_that_differ_in_the_last_bits_only_leave_the_name_to_decide() -> None:
    # 1/3 + 2/3 + 3/3 against 2/3 + 3/3 + 1/3, and 0.1 + 0.2 against 0.3: equal but for noise.
    values = np.array([[1, 2, 3], [2, 3, 1], [3, 1, 2.0]]) / 3
    assert order(values, ["c", "b", "a"]).order.tolist() == [2, 1, 0]
    assert metric_ranks(np.array([[0.1 + 0.2], [0.3]])).tolist() == [[1], [1]]


def test_arrays_without_rows_or_metrics() -> None:
    empty = order(np.empty((0, 10)), [])
    assert (empty.order.shape, empty.average.shape) == ((0,), (0,))
    bare = order(np.empty((2, 3, 0)), ["c", "a", "b"])
    assert bare.order.tolist() == [[1, 2, 0]] * 2
    assert np.isnan(bare.average).all()
    with pytest.raises(ValueError, match="2 rows of values but 1 names"):
        order(np.empty((2, 10)), ["x"])


def test_the_store_and_the_ranking_start_without_numpy_or_pandas() -> None:
    names = "core.store.store, core.ranking.average_rank"
    code = f"import {names}, sys; sys.exit('numpy' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False).returncode == 0
