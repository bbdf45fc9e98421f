"""How long another visitor waits for the board, with and without checks of hostile files.

Quiet and busy reruns alternate on one server, so that other load affects both.
Usage: python -m tests.server.others_bench
"""

import statistics
import tempfile
import threading
import time
from pathlib import Path

from websockets.sync.client import ClientConnection

from scripts.figures import note
from tests.browser.browser_site import Site, serve
from tests.server.web_session import finished, run_page, session, upload

ROUNDS, RERUNS = 4, 15
TINY = b"[" + b"{}," * 10_000_000 + b"{}]"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as site:
        times: dict[str, list[float]] = {"quiet": [], "busy": []}
        with session(site.url) as bystander:
            waits(bystander)  # imports and caches
            for _ in range(ROUNDS):
                times["quiet"] += waits(bystander)
                times["busy"] += waits_beside(site, bystander)
    told = {}
    for name, found in times.items():
        found.sort()
        told[name] = (
            f"{name}: median {statistics.median(found):.0f} ms, 95 % within "
            f"{found[int(0.95 * len(found))]:.0f} ms of {len(found)}"
        )
    ratio = statistics.median(times["busy"]) / statistics.median(times["quiet"])
    how = f"of the same without; medians; {told['busy']}; {told['quiet']}"
    note("a rerun of the board while a hostile file is checked", ratio, "×", how=how)


def waits(bystander: ClientConnection) -> list[float]:
    """Milliseconds of some reruns of the board."""
    found = []
    for _ in range(RERUNS):
        start = time.perf_counter()
        run_page(bystander)
        found.append(1000 * (time.perf_counter() - start))
    return found


def waits_beside(site: Site, bystander: ClientConnection) -> list[float]:
    """The same while another session has ten million tiny records checked, over and over."""
    ending = threading.Event()

    def attack() -> None:
        while not ending.is_set():
            with session(site.url) as stranger:
                upload(stranger, site.url, "submit", TINY)
                finished(stranger)

    stranger = threading.Thread(target=attack)
    stranger.start()
    try:
        return waits(bystander)
    finally:
        ending.set()
        stranger.join()


if __name__ == "__main__":
    main()
