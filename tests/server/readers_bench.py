"""How long readers wait for a rerun of the board while many act or are connected.

Sessions over real websockets against a real server, on this machine: the readers take processor
time too. Also the server's memory, a sort of 500 rows, and the first build of each Explore view
with 500 models; exit status 1 when one is above its target.
Usage: python -m tests.server.readers_bench [--readers N] [--connected N] [--seconds S]
"""

import argparse
import http.client
import math
import os
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from websockets.sync.client import ClientConnection

from core.model.entries import entry_from_row
from core.model.policy import DEFAULT
from core.publish.address import EXPLORE_VIEWS, RANKS_AS, Exploration
from core.publish.board.table import missing_reason
from core.publish.explore.marks import highlighted
from core.publish.explore.models import drawn, models_of
from core.ranking.board import rank_board
from core.ui.explore.drawing import sendable
from core.ui.explore.section import VIEWS
from core.ui.explore.view import Field
from scripts.bench_pages import board, floor, made_up
from scripts.figures import note
from tests.server.web_session import run_page, session

EVERY_S = 2.0
ASKED_EVERY_S, ASKERS = 3.0, 4  # the interval of site.js; threads that stand for all pages
P95_MS = 300.0
BUILD_MS = 200.0
READERS_MB = 500.0
TURNS = 20
SORTS = ["sort=STG_mIoU", "sort=CVS_acc"]
# None: a page with one `st.text`, for comparison.
PAGES = {"one st.text": None, "the board with the matrix": "", "One metric": "explore=One+metric"}


def main() -> int:
    """Measure and note."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--connected", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=30)
    chosen = parser.parse_args()
    good = []
    with ExitStack() as stack:
        text = floor(stack, configured=True)
        url, _ = board(stack, 13)
        for name, query in PAGES.items():
            found = waits(url if query is not None else text, query or "", chosen)
            p95 = statistics.quantiles(found, n=20)[-1]
            how = (
                f"one rerun every {EVERY_S:g} s each, {len(found)} in all; median "
                f"{statistics.median(found):.0f} ms, worst {max(found):.0f} ms"
            )
            what = f"{chosen.readers} readers, {name}: 95 % of reruns within"
            good.append(note(what, p95, "ms", None if query is None else P95_MS, how))
        good.append(note("memory of the server then", resident_mb(url), "MB", READERS_MB))
        connected(url, chosen.connected)
    with ExitStack() as stack:
        url, _ = board(stack, 500)
        good.append(sorting(url))
    builds(2)  # what is imported late
    how = "models, specification, data as Arrow; processor time of the slowest view"
    what = "first build of an Explore view with 500 models"
    good.append(note(what, builds(500), "ms", BUILD_MS, how))
    return int(not all(good))


def connected(url: str, count: int) -> None:
    """A rerun while `count` others are connected, against one of a single reader.

    Their pages ask for changes, as site.js does.
    """
    with ExitStack() as stack:
        reader = stack.enter_context(session(url))
        alone = reruns(reader, [""] * TURNS)
        for _ in range(count):
            run_page(stack.enter_context(session(url)))
        stack.enter_context(asking(url, count))
        beside = reruns(reader, [""] * TURNS)
        ratio = statistics.median(beside) / statistics.median(alone)
        how = f"of a rerun alone, {statistics.median(alone):.0f} ms; medians of {TURNS}"
        note(f"a rerun beside {count} connected readers", ratio, "×", how=how)
        note("memory of the server then", resident_mb(url), "MB")


@contextmanager
def asking(url: str, pages: int) -> Iterator[None]:
    """Requests of so many open pages for /x/revision."""
    done = threading.Event()

    def ask() -> None:
        server = http.client.HTTPConnection(url.removeprefix("http://").rstrip("/"))
        while not done.wait(ASKED_EVERY_S * ASKERS / pages):
            server.request("GET", "/x/revision")
            server.getresponse().read()
        server.close()

    threads = [threading.Thread(target=ask) for _ in range(ASKERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


def sorting(url: str) -> bool:
    """A rerun that sorts 500 rows by another column, against one that changes nothing."""
    with session(url) as reader:
        reruns(reader, SORTS)
        empty = reruns(reader, [SORTS[0]] * TURNS)
        sorts = reruns(reader, SORTS * (TURNS // 2))
    ratio = statistics.median(sorts) / statistics.median(empty)
    how = f"of a rerun without a change, {statistics.median(empty):.0f} ms; medians of {TURNS}"
    return note("sorting 500 rows", ratio, "×", 2.0, how)


def reruns(reader: ClientConnection, queries: Sequence[str]) -> list[float]:
    """Milliseconds of a rerun of the board with each query."""
    found = []
    for query in queries:
        start = time.perf_counter()
        run_page(reader, query=query)
        found.append(1000 * (time.perf_counter() - start))
    return found


def resident_mb(url: str) -> float:
    """Resident memory of the server at `url`; NaN where it cannot be read (not on Linux)."""
    port = f"--port\0{url.rpartition(':')[2]}\0".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if port in (process / "cmdline").read_bytes():
                pages = int((process / "statm").read_text().split()[1])
                return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return math.nan


def builds(size: int) -> float:
    """Milliseconds of the processor for the slowest first build of a view, models included."""
    rows = [entry_from_row(made_up(number), "official") for number in range(size)]
    ranked = rank_board("official", rows, DEFAULT)
    ranked.standings  # noqa: B018 - the table has them
    slowest = 0.0
    for now in (*map(Exploration, EXPLORE_VIEWS), *(Exploration(ranks_as=as_) for as_ in RANKS_AS)):
        start = time.thread_time()
        models = models_of(ranked, None, missing_reason)
        colours = highlighted(models, ())
        made = VIEWS[now.view].make(Field(models, drawn(models, ()).models, colours), now)
        if made.chart:
            sendable(made.chart)
        took = 1000 * (time.thread_time() - start)
        slowest = max(slowest, took)
    return slowest


def waits(url: str, query: str, chosen: argparse.Namespace) -> list[float]:
    """Milliseconds of the reruns of all readers, once each has the page."""
    found: list[float] = []
    readers, seconds = chosen.readers, chosen.seconds
    ready = threading.Barrier(readers)

    def read(number: int) -> None:
        with session(url) as open_:
            run_page(open_, query=query)
            run_page(open_, query=query)
            ready.wait()
            began = time.perf_counter() + EVERY_S * number / readers
            for turn in range(int(seconds / EVERY_S)):
                time.sleep(max(0.0, began + turn * EVERY_S - time.perf_counter()))
                start = time.perf_counter()
                run_page(open_, query=query)
                found.append(1000 * (time.perf_counter() - start))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


if __name__ == "__main__":
    sys.exit(main())
