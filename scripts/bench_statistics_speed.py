#!/usr/bin/env python3
"""Measures time and memory of a board's statistics; for targets see docs/statistics.md.

Boards of 50 and 500 models on 2,425 recordings (tests/core/simulated_boards.py). The fastest of
several runs counts; memory is the peak above the inputs. Exit status 1 when a target is missed.
"""

import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from core.benchmark import METRIC_KEYS
from core.ranking.draws import average_ranks, sizes_of, weights
from core.ranking.figures import figures
from core.ranking.leader import fewest_units
from core.ranking.stacks import Stack, stack, values
from scripts.figures import note
from tests.core.simulated_boards import MANY, World, board

_MB = 1 << 20


def main() -> int:
    few = _missed(models=50, draws=4000, ranks_in=0.6, sets_in=3, turns=5)
    many = _missed(models=500, draws=1000, ranks_in=3, sets_in=60, turns=2)
    return int(few or many)


def _missed(models: int, draws: int, ranks_in: float, sets_in: float, turns: int) -> bool:
    made = board(World(MANY), np.zeros((models, 10)), np.random.default_rng(1))
    found = [(n, one) for n, key in enumerate(METRIC_KEYS) if (one := stack(key, made))]
    empty = np.full((models, 10), np.nan)
    published = np.array([values(one)[0] for _, one in found]).T

    def ranks() -> None:
        average_ranks(empty, found, 1000, np.random.default_rng(2))

    def everything() -> None:
        figures(made, published, seed=1, draws=draws)

    def first_place() -> None:
        order = np.argsort(-published.sum(axis=1))
        names = [str(n) for n in range(models)]
        fewest_units([made[n] for n in order], published[order].round(3), names)

    how = f"{sum(MANY.values()):,} recordings; the fastest of {turns}"
    product = f"of the dense product (draws × units) @ (units × columns); {how}"
    noted = (
        note(f"{models} models: 1,000 draws", _seconds(ranks, turns), "s", ranks_in, how),
        note(f"{models} models: memory above the inputs", _most(ranks), "MB", 250, "tracemalloc"),
        note(f"{models} models: values of the draws", _ratio(found, turns), "×", 3, product),
        note(f"{models} models: all, {draws:,} draws", _seconds(everything, turns), "s", sets_in),
        note(f"{models} models: fewest units under rank 1", _seconds(first_place, 1), "s", 60),
    )
    return not all(noted)


def _ratio(found: list[tuple[int, Stack]], turns: int) -> float:
    """Metrics under kept weights against the dense product (draws x units) @ (units x columns)."""
    units = sorted({unit for _, one in found for unit in one.units})
    at = {unit: n for n, unit in enumerate(units)}
    weight = weights(sizes_of(units), 1000, np.random.default_rng(3))
    places = [np.array([at[unit] for unit in one.units]) for _, one in found]
    columns = []
    for place, (_, one) in zip(places, found, strict=True):
        whole = np.zeros((len(units), 2 * one.sums[0].size))
        whole[place] = np.hstack([part.reshape(len(place), -1) for part in (one.sums, one.counts)])
        columns.append(whole)
    every = np.hstack(columns)

    def dense() -> None:
        weight.T @ every

    def ours() -> None:
        for place, (_, one) in zip(places, found, strict=True):
            values(one, weight[place])

    return _seconds(ours, turns) / _seconds(dense, turns)


def _seconds(run: Callable[[], object], turns: int) -> float:
    taken = []
    for _turn in range(turns):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return min(taken)


def _most(run: Callable[[], object]) -> float:
    tracemalloc.start()
    run()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / _MB


if __name__ == "__main__":
    sys.exit(main())
