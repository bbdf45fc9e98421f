"""Average rank and tie-breaks: the parity file, cases worked by hand, properties."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.benchmark import METRIC_KEYS
from core.model.policy import DEFAULT
from core.ranking.again import Ranker
from core.ranking.average_rank import metric_ranks, order
from core.ranking.board import counted_values, rank_board
from core.ranking.what_if import RankOf, rank_with, ranks_with
from core.store.store import Store
from tests.core.store_world import REPOSITORY, entry, publish

BOARDS = json.loads((Path(__file__).parents[1] / "data" / "ranking.json").read_text())
NAN = math.nan
VALUES = st.just(NAN) | st.integers(0, 12).map(lambda n: n / 8)
PRESENT = st.integers(0, 1000).map(lambda n: n / 1000)


def boards(
    cells: st.SearchStrategy[float], stack: tuple[int, ...] = (), rows: int = 12
) -> st.SearchStrategy[Any]:
    """Arrays (*stack, 0 to `rows`, 10 metrics)."""
    return st.integers(0, rows).flatmap(
        lambda n: arrays(np.float64, (*stack, n, len(METRIC_KEYS)), elements=cells)
    )


def numbered(values: np.ndarray) -> list[str]:
    return [f"model {index:03}" for index in range(values.shape[-2])]


@pytest.mark.parametrize("number", range(len(BOARDS)))
def test_order_and_averages_agree_with_the_original(number: int) -> None:
    board = BOARDS[number]
    names = [row["model_name"] for row in board["rows"]]
    cells = [[row.get(key) for key in METRIC_KEYS] for row in board["rows"]]
    found = order(np.array(cells, dtype=float).round(3), names)
    assert [names[index] for index in found.order] == board["expected_order"]
    assert found.rank[found.order].tolist() == list(range(1, len(names) + 1))
    averages = found.average[found.order].tolist()
    assert averages == pytest.approx(board["expected_average_rank"], abs=1e-9)


def test_ties_share_the_smaller_rank_and_missing_ranks_below_all() -> None:
    board = np.array([[0.5], [0.7], [NAN], [0.5], [0.1], [NAN]])
    assert metric_ranks(board)[:, 0].tolist() == [2, 1, 5, 2, 4, 5]
    assert order(board, numbered(board)).average.tolist() == [2, 1, 5, 2, 4, 5]


def test_equal_averages_go_by_more_first_ranks() -> None:
    # Ranks: x 1 3, y 2 2, z 3 1: averages 2 each; x and z lead a metric, y none.
    found = order(np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]]), ["x", "y", "z"])
    assert found.average.tolist() == [2, 2, 2]
    assert found.order[-1] == 1


def test_then_by_the_larger_sum_of_shares_then_by_name() -> None:
    # Ranks 1 2 against 2 1; shares 1 + 0.1/0.2 against 0.8/0.9 + 1.
    assert order(np.array([[0.9, 0.1], [0.8, 0.2]]), ["x", "y"]).order.tolist() == [1, 0]
    assert order(np.array([[0.5], [0.5]]), ["b", "a"]).order.tolist() == [1, 0]


def test_a_largest_value_that_is_not_positive_gives_no_share() -> None:
    # 0 + 0.8 against 0 + 1.
    assert order(np.array([[0.0, 0.4], [-1.0, 0.5]]), ["x", "y"]).order.tolist() == [1, 0]


def test_boards_rank_what_they_publish_three_decimals() -> None:
    close = [entry(1, 0.50049), entry(2, 0.5)]
    assert counted_values(close, DEFAULT).tolist() == [[0.5] * 10] * 2
    standings = rank_board("community", close, DEFAULT).standings
    assert [standing.metric_ranks["cvs_acc"] for standing in standings] == [1, 1]


@pytest.mark.parametrize(
    ("board", "averages"),
    [
        pytest.param([], [], id="empty"),
        pytest.param([[0.3] * 10], [1.0], id="single"),
        pytest.param([[NAN] * 10], [1.0], id="single without values"),
        pytest.param([[NAN] * 10] * 2, [1.0, 1.0], id="all missing"),
        pytest.param([[NAN] * 10, [0.0] + [NAN] * 9], [1.1, 1.0], id="zero is not missing"),
    ],
)
def test_small_boards(board: list[list[float]], averages: list[float]) -> None:
    values = np.array(board).reshape(len(board), 10)
    found = order(values, numbered(values))
    assert found.average.tolist() == pytest.approx(averages)
    assert sorted(found.rank.tolist()) == list(range(1, len(board) + 1))


def test_names_and_values_go_together() -> None:
    with pytest.raises(ValueError, match="2 rows of values but 1 names"):
        order(np.empty((2, 10)), ["x"])


def test_missing_values_have_no_rank_within_their_metric() -> None:
    some = entry(1, 0.5, metrics={**dict.fromkeys(METRIC_KEYS, 0.5), "cvs_acc": None})
    (standing,) = rank_board("community", [some], DEFAULT).standings
    assert (standing.metric_ranks["cvs_acc"], standing.metric_ranks["nap_acc"]) == (None, 1)


def test_a_new_row_is_counted_and_equals_go_by_name() -> None:
    board = rank_board("community", [entry(1, 0.9), entry(2, 0.5), entry(3, 0.1)], DEFAULT)
    new = {"model_name": "Z", "entry_id": "new"}
    assert rank_with(board, entry(0, 0.95, **new)) == RankOf(1, 4)
    assert rank_with(board, entry(0, 0.5, **new)) == RankOf(3, 4)
    assert rank_with(board, entry(0, 0.5, **{**new, "model_name": "A"})) == RankOf(2, 4)
    assert rank_with(board, entry(0, metrics={}, **new)) == RankOf(4, 4)
    assert rank_with(rank_board("community", [], DEFAULT), entry(1, metrics={})) == RankOf(1, 1)
    assert [e.model_name for e in board.entries] == ["Model 1", "Model 2", "Model 3"]


def test_changed_rows_are_ranked_together_and_each_added_one_alone() -> None:
    board = rank_board("community", [entry(1, 0.9), entry(2, 0.5), entry(3, 0.4)], DEFAULT)
    found = ranks_with(board, [entry(1, 0.2), entry(2, 0.6), entry("h", 1.0), entry("g", 1.1)])
    assert found == {
        "entry-1": RankOf(3, 3),
        "entry-2": RankOf(1, 3),
        "entry-h": RankOf(1, 4),
        "entry-g": RankOf(1, 4),
    }
    assert ranks_with(board, []) == {}


@given(boards(VALUES), st.randoms())
def test_a_permutation_of_rows_changes_nothing(board: np.ndarray, rng: Any) -> None:
    names = numbered(board)
    moved = list(range(len(board)))
    rng.shuffle(moved)
    before = order(board, names)
    after = order(board[moved], [names[index] for index in moved])
    assert after.rank.tolist() == before.rank[moved].tolist()
    assert after.average.tolist() == before.average[moved].tolist()


@given(boards(PRESENT))
def test_a_row_worst_in_everything_keeps_the_order(board: np.ndarray) -> None:
    names = numbered(board)
    with_worst = order(np.vstack([board, np.full(10, -1.0)]), [*names, "worst"]).order.tolist()
    assert with_worst == [*order(board, names).order.tolist(), len(board)]


@given(boards(VALUES, stack=(3,), rows=5), st.randoms())
def test_a_board_in_a_stack_is_ranked_as_alone(stack: np.ndarray, rng: Any) -> None:
    names = numbered(stack)
    rng.shuffle(names)
    together = order(stack, names)
    for number, board in enumerate(stack):
        alone = order(board, names)
        assert together.order[number].tolist() == alone.order.tolist()
        assert together.rank[number].tolist() == alone.rank.tolist()
        assert together.average[number].tolist() == alone.average.tolist()


@given(boards(VALUES), st.randoms())
def test_the_order_of_the_metrics_changes_nothing(board: np.ndarray, rng: Any) -> None:
    moved = rng.sample(range(10), 10)
    names = numbered(board)
    assert order(board[:, moved], names).order.tolist() == order(board, names).order.tolist()


def test_sums_that_differ_in_the_last_bits_only_leave_the_name_to_decide() -> None:
    # 1/3 + 2/3 + 3/3 in three orders, and 0.1 + 0.2 against 0.3: equal except for noise.
    values = np.array([[1, 2, 3], [2, 3, 1], [3, 1, 2.0]]) / 3
    assert order(values, ["c", "b", "a"]).order.tolist() == [2, 1, 0]
    assert metric_ranks(np.array([[0.1 + 0.2], [0.3]])).tolist() == [[1], [1]]


def test_a_board_that_is_ranked_again_is_ranked_as_the_first_time() -> None:
    random, ranker = np.random.default_rng(5), Ranker()
    values = random.random((30, 4)).round(1)
    names = [f"Model {number % 9}" for number in range(30)]
    for step in range(60):
        if step % 10 == 9:  # a row is added or removed
            values = np.vstack([values[step % 3 :], random.random((1, 4))])
            names = [*names[step % 3 :], "New"]
        elif step % 3 == 2:
            names[random.integers(len(names))] = f"Name {step}"
        elif step % 3 == 1:
            values[random.integers(len(names)), random.integers(4)] = random.choice([0.5, np.nan])
        found = ranker.best_first(values, names)
        assert found.tolist() == order(values, names).order.tolist()


def test_arrays_without_rows_or_metrics() -> None:
    empty = order(np.empty((0, 10)), [])
    assert (empty.order.shape, empty.average.shape) == ((0,), (0,))
    bare = order(np.empty((2, 3, 0)), ["c", "a", "b"])
    assert bare.order.tolist() == [[1, 2, 0]] * 2
    assert np.isnan(bare.average).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import core.runs.__main__", id="a job process"),
        pytest.param("import core.ranking.what_if", id="the ranking itself"),
        pytest.param(
            "from pathlib import Path; from core.store.store import Store; "
            "assert Store(Path(sys.argv[1])).read().community",
            id="reading the store",
        ),
    ],
)
def test_numpy_and_pandas_are_imported_when_ranks_are_made_and_no_earlier(
    code: str, tmp_path: Path
) -> None:
    publish(Store(tmp_path), 1)
    program = f"import sys; {code}; sys.exit('numpy' in sys.modules or 'pandas' in sys.modules)"
    command = [sys.executable, "-c", program, str(tmp_path)]
    assert subprocess.run(command, cwd=REPOSITORY, check=False).returncode == 0
