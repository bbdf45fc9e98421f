"""A few simulated boards with a known truth; scripts/bench_statistics.py has many."""

import numpy as np
import pytest

from core.benchmark import METRIC_KEYS
from core.ranking.differences import compare
from core.ranking.figures import figures
from core.ranking.intervals import intervals
from core.ranking.stacks import stack, values
from tests.core.simulated_boards import FEW, TASKS, World, board, truth

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("imports_frozen")]


@pytest.mark.parametrize(("task", "key"), [("cvs_assessment", "cvs_acc"), ("dvc", "dvc_llm")])
def test_intervals_of_few_recordings_hold_the_truth(task: str, key: str) -> None:
    world, held = World(dict.fromkeys(FEW, 6), {task: TASKS[task]}), []
    levels = np.zeros((12, len(METRIC_KEYS)))
    true = truth(world, key, np.zeros(12))
    for seed in range(40):
        found = stack(key, board(world, levels, np.random.default_rng(seed)))
        assert found is not None
        one = intervals(found)
        held.append(((one.low <= true) & (true <= one.high)).mean())
    assert 0.92 < np.mean(held) < 0.985


def test_models_that_are_all_tied_are_distinguished_on_few_boards() -> None:
    apart = by_metric = pairs = 0
    for seed in range(24):
        models = board(World(FEW), np.zeros((16, 10)), np.random.default_rng(seed))
        published = np.array([values(stack(key, models))[0] for key in METRIC_KEYS]).T
        found = figures(models, published, seed=seed, draws=300)
        apart += (found.sets != [1, 16]).any()
        by_metric += (found.metrics["nap_acc"].sets != [1, 16]).any()
        pairs += any(one.verdict != "open" for one in compare(models[0], models[1]).values())
    assert apart <= 3
    assert by_metric <= 3
    assert pairs <= 3


def test_models_that_are_apart_are_distinguished() -> None:
    levels = -0.5 * np.arange(4)[:, None] * np.ones(10)
    models = board(World(FEW), levels, np.random.default_rng(1))
    published = np.array([values(stack(key, models))[0] for key in METRIC_KEYS]).T
    found = figures(models, published, seed=1)
    assert found.sets.tolist() == [[1, 1], [2, 2], [3, 3], [4, 4]]
    assert found.tier.tolist() == [1, 2, 3, 4]
