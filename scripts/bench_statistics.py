#!/usr/bin/env python3
"""Checks the claims of docs/statistics.md: error rates of intervals, pairs and sets.

    PYTHONPATH=. python scripts/bench_statistics.py [--repetitions N] [--only TEXT] [PART ...]

Parts: neighbours, intervals, pairs, sets; all of them by default. Boards are
simulated (tests/core/simulated_boards.py), so the truth is known; with MEDVIDBENCH_GROUND_TRUTH
sets are checked on the recordings of that file too. Prints a line for each case; exit status 1 when
one misses its target, which allows for 2.5 standard errors of the simulation.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # instead, one process per core
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from core.benchmark import METRIC_BY_KEY, METRIC_KEYS
from core.model.policy import DEFAULT
from core.model.published import published_state
from core.ranking.average_rank import order
from core.ranking.board import rank_board
from core.ranking.differences import compare
from core.ranking.figures import figures
from core.ranking.intervals import intervals
from core.ranking.stacks import stack, values
from core.ranking.units import unit_of
from evaluation.truth import load
from scripts.figures import note
from tests.core.simulated_boards import FEW, MANY, TASKS, World, board, truth

LEAST, MOST, ERRORS, ALLOWED = 0.93, 0.97, 0.05, 2.5
MOST_APART = 4 / 9 + 1e-9  # a mean of shares may be rounded up
DRAWS = 1000
KINDS = (
    ("nap_acc", 0.0), ("tag_miou_03", -2.0), ("sa_acc", 0.0), ("cvs_acc", 0.5), ("dvc_f1", 0.5),
    ("dvc_llm", 0.0), ("rc_llm", 1.5),
)  # fmt: skip
Floats = np.ndarray[Any, np.dtype[np.float64]]
# The result of one repetition: name -> share of cases.
Shares = dict[str, float]


def interval_cases() -> Iterator[tuple[str, Callable[[int], Shares]]]:
    """Each way of computing a metric with 6 to 90 units per source, and the real metrics."""
    for units in (6, 8, 12, 30, 90):
        for key, level in KINDS:
            name = f"{METRIC_BY_KEY[key].name}, {units} units a source"
            yield name, partial(held, dict.fromkeys(FEW, units), key, level)
    for what, units_ in (("few", FEW), ("many", MANY)):
        for key in METRIC_KEYS:
            yield f"{METRIC_BY_KEY[key].name}, {what} units", partial(held, units_, key, 0.0)


def held(units: dict[str, int], key: str, level: float, seed: int) -> Shares:
    """For 12 models of one board, the share of intervals, and of those of neighbours' differences,
    that contain the truth."""
    task, column = METRIC_BY_KEY[key].task, METRIC_KEYS.index(key)
    world = World(units, {task: TASKS[task]})
    levels = np.zeros((12, len(METRIC_KEYS)))
    levels[:, column] = level + np.linspace(-0.2, 0.2, 12)
    found = stack(key, board(world, levels, np.random.default_rng(seed)))
    true = truth(world, key, levels[:, column])
    if found is None or (one := intervals(found)).jackknife is None:
        return {}
    shown = ~np.isnan(one.low)
    inside = (one.low <= true) & (true <= one.high)
    a, b = np.arange(0, 12, 2), np.arange(1, 12, 2)
    error, freedom = one.jackknife.differences(a, b)
    off = np.abs(one.value[a] - one.value[b] - (true[a] - true[b]))
    close = off <= stats.t.isf(0.025, freedom) * error
    return {"values": inside[shown].mean(), "differences": close.mean()} if shown.any() else {}


def pair_cases() -> Iterator[tuple[str, Callable[[int], Shares]]]:
    yield "two equal models, few units", partial(wrong_verdicts, FEW)
    yield "two equal models, 6 units a source", partial(wrong_verdicts, dict.fromkeys(FEW, 6))
    yield "two equal models, many units", partial(wrong_verdicts, MANY)


def wrong_verdicts(units: dict[str, int], seed: int) -> Shares:
    """For six pairs of equal models, the share with a verdict in any of the ten metrics."""
    models = board(World(units), np.zeros((12, 10)), np.random.default_rng(seed))
    pairs = zip(models[::2], models[1::2], strict=True)
    told = [any(m.verdict != "open" for m in compare(a, b).values()) for a, b in pairs]
    return {"any verdict": float(np.mean(told))}


def set_cases() -> Iterator[tuple[str, Callable[[int], Shares]]]:
    for gap in (3.0, 1.0, 0.3, 0.05):
        steps = -gap * np.arange(13)
        yield f"13 models, {gap:g} standard errors apart, few", partial(missed, "few", steps)
    groups = -2.0 * np.repeat(np.arange(5), (1, 2, 3, 3, 4))
    yield "13 in 5 groups of ties, few", partial(missed, "few", groups)
    ahead = -3.0 * (np.arange(13) > 0)
    yield "1 ahead by 3 of 12 tied, few", partial(missed, "few", ahead)
    yield "13 tied, few", partial(missed, "few", np.zeros(13))
    yield "30 tied, few", partial(missed, "few", np.zeros(30))
    yield "13 tied, 6 units a source", partial(missed, "six", np.zeros(13))
    if "installed" in _worlds():
        yield "13 tied, the installed truth", partial(missed, "installed", np.zeros(13))
        yield "30 tied, the installed truth", partial(missed, "installed", np.zeros(30))
    yield "13 tied, many", partial(missed, "many", np.zeros(13))
    yield "13 models, 0.3 apart, many", partial(missed, "many", -0.3 * np.arange(13))


@cache
def _worlds() -> dict[str, World]:
    """Few and many units, six per source, and those of the installed truth, if any."""
    found = {"few": World(FEW), "six": World(dict.fromkeys(FEW, 6)), "many": World(MANY)}
    path = os.environ.get("MEDVIDBENCH_GROUND_TRUTH", "")
    if path:
        units, tasks = Counter[str](), dict[str, Counter[str]]()
        records = load(Path(path))
        for unit in {unit_of(one.dataset, one.video) for one in records}:
            units[unit.source] += 1
        for one in records:
            tasks.setdefault(one.task, Counter())[one.dataset] += 1
        found["installed"] = World(units, tasks)
    return found


def missed(name: str, steps: NDArray[np.floating], seed: int) -> Shares:
    """Whether any set misses a true rank of its model, for the average rank; and the share of
    metrics in which one does. steps (models,): distances in all metrics, in standard errors of a
    difference."""
    world, rng = _worlds()[name], np.random.default_rng(seed)
    models = board(world, (steps - steps.mean())[:, None] * _one_step(name), rng)
    found = [stack(key, models) for key in METRIC_KEYS]
    published = np.array([values(one)[0] for one in found if one is not None]).T.round(3)
    shown = order(published, [f"{n:03}" for n in rng.permutation(len(models))]).order
    of = figures([models[n] for n in shown], published[shown], seed=seed, draws=DRAWS)
    true = steps[shown]
    best = 1 + (true[None] > true[:, None]).sum(axis=1)
    worst = len(true) - (true[None] < true[:, None]).sum(axis=1)

    def any_missed(sets: Any) -> bool:
        return bool(((sets[:, 0] > best) | (sets[:, 1] < worst)).any())

    by_metric = [any_missed(one.sets) for one in of.metrics.values() if one.sets.any()]
    size = float(np.mean(of.sets[:, 1] - of.sets[:, 0] + 1))
    return {
        "average rank": float(any_missed(of.sets)),
        "metrics": float(np.mean(by_metric)),
        "(ranks in a set)": size,
    }


@cache
def _one_step(name: str) -> Floats:
    """The step that moves a metric by one standard error of a difference, (metrics,)."""
    world = _worlds()[name]
    models = board(world, np.zeros((12, 10)), np.random.default_rng(1))
    steps = []
    for key in METRIC_KEYS:
        found = stack(key, models)
        spread = intervals(found).jackknife if found else None
        if spread is None:
            raise RuntimeError(f"{name}: too few units for {key}")
        error = np.median(spread.differences(np.arange(6), np.arange(6, 12))[0])
        rise = np.diff(truth(world, key, np.array([-0.1, 0.1])))[0] / 0.2
        steps.append(error / rise)
    return np.array(steps)


def neighbour_cases() -> Iterator[tuple[str, Callable[[int], Shares]]]:
    yield "published Official board, few units", partial(apart, FEW)
    yield "published Official board, many units", partial(apart, MANY)


def apart(units: dict[str, int], seed: int) -> Shares:
    """By metric, the share of neighbours in it on the published board that differ by more than the
    smallest detectable difference of two similar models."""
    models = board(World(units), np.zeros((12, 10)), np.random.default_rng(seed))
    pairs = [compare(a, b) for a, b in zip(models[::2], models[1::2], strict=True)]
    needed = np.median([[one[key].detectable for key in METRIC_KEYS] for one in pairs], axis=0)
    published = rank_board("official", published_state().official, DEFAULT).values
    found = (np.diff(np.sort(published, axis=0), axis=0) > needed).mean(axis=0)
    return {
        METRIC_BY_KEY[key].name: float(one) for key, one in zip(METRIC_KEYS, found, strict=True)
    }


PARTS = {
    "neighbours": (neighbour_cases, 0.0, MOST_APART),
    "intervals": (interval_cases, LEAST, MOST),
    "pairs": (pair_cases, 0.0, ERRORS),
    "sets": (set_cases, 0.0, ERRORS),
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--repetitions", type=int, default=100)
    parser.add_argument("--seed", type=int, default=20261126)
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="only cases whose name contains it"
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part is named {', '.join(sorted(unknown))}; expected {', '.join(PARTS)}")
    missed_targets = 0
    with ProcessPoolExecutor(options.processes) as pool:
        for part in options.parts or PARTS:
            cases, least, most = PARTS[part]
            for name, once in (case for case in cases() if options.only in case[0]):
                seeds = range(options.seed, options.seed + options.repetitions)
                given = list(pool.map(once, seeds, chunksize=5))
                for what in dict.fromkeys(key for one in given for key in one):
                    shares = np.array([one[what] for one in given if what in one])
                    error = shares.std() / np.sqrt(len(shares))
                    mean = shares.mean()
                    slack = ALLOWED * error
                    good = what.startswith("(") or least - slack <= mean <= most + slack
                    missed_targets += not good
                    told = f"{mean:.1f}" if what.startswith("(") else f"{mean:.1%} ± {error:.1%}"
                    sys.stdout.write(
                        f"{part}: {name}, {what}: {told}{'' if good else '  MISSED'}\n"
                    )
                    sys.stdout.flush()
        how = f"each in {options.repetitions} simulated boards, within {ALLOWED} errors"
        note("error rates outside their target", missed_targets, "", 0, how)
    return int(missed_targets > 0)


if __name__ == "__main__":
    sys.exit(main())
