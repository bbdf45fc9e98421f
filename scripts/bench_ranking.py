#!/usr/bin/env python3
"""Measures core.ranking.average_rank.order against pandas' rank, on arrays.

pandas ranks every column of every board, which is the part of the work that it can do: no
averages, no tie-breaks, no order. Both run alternately in one process, so that a busy machine slows
both; the fastest turn of each counts. Target: at most twice as long. Prints what it measured;
exit status 1 when the target is missed.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.ranking.average_rank import order
from scripts.figures import note

MAX_RATIO, TURNS = 2.0, 15
SHAPES = {"1 board of 10,000 models": (10_000, 10), "1,000 boards of 50 models": (1_000, 50, 10)}


def main() -> int:
    good = [_measured(what, shape) for what, shape in SHAPES.items()]
    return int(not all(good))


def _measured(what: str, shape: tuple[int, ...]) -> bool:
    """Boards of published values, a twentieth of them missing; about 1 row in 20 is a twin."""
    random = np.random.default_rng(7)
    values = random.random(shape).round(3)
    values[random.random(shape) < 0.05] = np.nan
    values[..., ::20, :] = values[..., 1::20, :]
    models = shape[-2]
    names = [f"Model {number}" for number in random.permutation(models)]
    frame = pd.DataFrame(np.moveaxis(values, -2, 0).reshape(models, -1))
    pandas, ours = [], []
    for _turn in range(TURNS):
        pandas.append(
            _seconds(lambda: frame.rank(method="min", ascending=False, na_option="bottom"))
        )
        ours.append(_seconds(lambda: order(values, names)))
    how = f"of pandas' rank, {1000 * min(pandas):.1f} ms; the fastest of {TURNS} alternating turns"
    return note(
        f"ranking {what}, 10 metrics", min(ours) / min(pandas), "×", most=MAX_RATIO, how=how
    )


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
