#!/usr/bin/env python3
"""Measures how the work on a board grows with its entries: 10, 100, 1,000 and 10,000.

Each figure is a ratio to the same work with a tenth of the entries, so 10 means linear. One process
reads the journal with a new store, ranks the board, and creates the files next to the journal; the
fastest of several runs counts, in processor time. There is no target: Python's garbage collector,
which hardly affects small journals, makes the step to 10,000 more than tenfold. A test
(tests/core/test_store.py) shows that reading is linear by counting calls.
"""

import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))
from core.model.state import State  # noqa: E402
from core.ranking.board import rank_board  # noqa: E402
from core.store.rendering import Renderer  # noqa: E402
from core.store.store import Store  # noqa: E402
from scripts.bench_store import journal_of  # noqa: E402
from scripts.figures import note  # noqa: E402

SIZES, TURNS = (10, 100, 1_000, 10_000), 7


def main() -> None:
    found = {size: measured(size) for size in SIZES}
    for smaller, size in itertools.pairwise(SIZES):
        for what, seconds in found[size].items():
            how = f"of {smaller:,} entries; {1000 * seconds:.1f} ms, the fastest of {TURNS}"
            ratio = seconds / found[smaller][what]
            note(f"{what}, {size:,} entries", ratio, "×", how=how)


def measured(size: int) -> Mapping[str, float]:
    """Processor seconds of each piece of work."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "journal.jsonl").write_bytes(journal_of(size))
        state = Store(Path(folder)).read()
        reading = seconds(lambda: Store(Path(folder)).read())
    return {
        "reading the journal": reading,
        "ranking the board": seconds(lambda: ranked(state)),
        "the files next to the journal": seconds(lambda: files(state)),
    }


def ranked(state: State) -> object:
    """The standings of the community board."""
    return rank_board("community", state.community, state.policy).standings


def files(state: State) -> object:
    """The files for people, as the store writes them next to its journal."""
    return Renderer({}).files(state)


def seconds(run: Callable[[], object]) -> float:
    taken = []
    for _turn in range(TURNS):
        start = time.process_time()
        run()
        taken.append(time.process_time() - start)
    return min(taken)


if __name__ == "__main__":
    main()
