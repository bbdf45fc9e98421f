"""Time until the board is on screen, as a ratio to a page that shows one st.text.

Servers of their own on loopback, one browser, a fresh context per visit, all visited
in turn. Counted is a board's first screen of rows; when the last of 500 is there is
told beside it. Then entries are added to the data folder from outside while a board is
open, and the time until each is on screen is told. Prints medians and ratios; exit status
1 when a ratio is above its limit or an entry came too late.
Usage: python scripts/bench_pages.py [--rounds N]
"""

import argparse
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from core.changes.placing import add_official

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))
from core.benchmark import METRIC_KEYS  # noqa: E402
from core.files.ids import new_id  # noqa: E402
from core.model.entries import Entry  # noqa: E402
from core.model.published import published_state  # noqa: E402
from core.store.store import Store  # noqa: E402

PUBLISHED_OFFICIAL = len(published_state().official)  # what a demo starts from
LIMIT = 1.15
ARRIVAL_S = 5.0
FLOOR = "one st.text"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Seen: in the document, laid out, and one frame later.
WATCHER = """
(selector) => {
  const look = () => {
    const found = document.querySelector(selector);
    if (found && found.getBoundingClientRect().height > 0) {
      requestAnimationFrame(() => setTimeout(() => { window.seenAt = performance.now(); }));
    } else requestAnimationFrame(look);
  };
  look();
}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    command: list[str], port: int, folder: Path, environment: dict[str, str]
) -> Iterator[str]:
    """A server process; gives its address once it answers."""
    log = (folder / "server.log").open("wb")
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MEDVIDBENCH_")}
    process = subprocess.Popen(
        command, cwd=folder, env={**kept, **environment}, stdout=log, stderr=log
    )
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):  # noqa: S310
                    break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        else:
            raise SystemExit(f"No answer on port {port}: {(folder / 'server.log').read_text()}")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


def floor(stack: ExitStack, configured: bool) -> str:
    """A page of one line: as anybody starts it, or with the app's own configuration.

    That one has no menu, which makes it a lower floor than a reader meets elsewhere.
    """
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    (folder / "app.py").write_text('import streamlit as st\n\nst.text("Hello")\n', encoding="utf-8")
    if configured:
        (folder / ".streamlit").mkdir()
        shutil.copy(REPOSITORY / ".streamlit" / "config.toml", folder / ".streamlit")
    port = free_port()
    options = {"server.port": port, "server.headless": "true", "browser.gatherUsageStats": "false"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return stack.enter_context(serving(command, port, folder, {}))


def board(stack: ExitStack, rows: int) -> tuple[str, Store]:
    """The app with `rows` models on its official board: its address, and its store."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    (folder / "demo").mkdir()
    (folder / "demo" / "official_leaderboard.json").write_text(
        json.dumps([made_up(number) for number in range(rows - PUBLISHED_OFFICIAL)]),
        encoding="utf-8",
    )
    port = free_port()
    command = [sys.executable, "-m", "core.web.server", "--port", str(port)]
    environment = {"MEDVIDBENCH_DATA_DIR": str(folder), "PYTHONPATH": str(REPOSITORY)}
    environment["MEDVIDBENCH_DEMO_MODELS"] = "0"  # what is measured is the board alone
    url = stack.enter_context(serving(command, port, folder, environment))
    return url, Store(folder / "demo", published_state())


def made_up(number: int) -> dict[str, object]:
    chance = random.Random(number)  # noqa: S311
    scores = {key: round(chance.random() * (5 if "llm" in key else 1), 3) for key in METRIC_KEYS}
    return {
        "model_name": f"Surgical-VLM-{number}-instruct-7B",
        "organization": f"University of Somewhere {number % 40}",
        "model_url": f"https://example.org/models/{number}",
        "verified_date": f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}",
        **scores,
    }


def visit(browser: Browser, url: str, selector: str) -> float:
    """Milliseconds from the start of the navigation until `selector` is on screen."""
    context = browser.new_context(bypass_csp=True, viewport={"width": 1366, "height": 900})
    try:
        page = context.new_page()
        page.add_init_script(f"({WATCHER})({json.dumps(selector)})")
        page.goto(url)
        page.wait_for_function("window.seenAt !== undefined", timeout=60_000)
        return float(page.evaluate("window.seenAt"))
    finally:
        context.close()


def arrivals(browser: Browser, url: str, store: Store, count: int) -> list[float]:
    """Seconds from the commit of each of `count` entries until an open board shows it."""
    context = browser.new_context(viewport={"width": 1366, "height": 900})
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(".mvb tbody tr:nth-child(13)")
    page.evaluate("window.notReloaded = true")
    took = []
    for number in range(count):
        time.sleep(random.random() * 3)  # noqa: S311 - at any moment between two looks
        name = f"Just-Arrived-{number}"
        entry = Entry(
            entry_id=new_id(),
            model_name=name,
            organization="Lab",
            metrics={**dict.fromkeys(METRIC_KEYS), "nap_acc": 0.5},
        )
        began = time.monotonic()
        store.commit(add_official(entry, "bench"))
        page.get_by_text(name).first.wait_for(timeout=60_000)
        took.append(time.monotonic() - began)
    if not page.evaluate("window.notReloaded"):
        raise SystemExit("The page was loaded anew.")
    context.close()
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    with ExitStack() as stack:
        small, store = board(stack, 13)
        large, _ = board(stack, 500)
        targets = {
            FLOOR: (floor(stack, configured=False), "[data-testid=stText]"),
            "one st.text, configured": (floor(stack, configured=True), "[data-testid=stText]"),
            "board, 13 rows": (small, ".mvb tbody tr:nth-child(13)"),
            "board, 500 rows": (large, ".mvb tbody tr:nth-child(13)"),
            "  all of the 500": (large, ".mvb tbody tr:nth-child(500)"),
        }
        times: dict[str, list[float]] = {name: [] for name in targets}
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGUMENTS)
        for counted in range(-1, rounds):  # the first round only warms the servers
            for name, (url, selector) in targets.items():
                took = visit(browser, url, selector)
                if counted >= 0:
                    times[name].append(took)
        arrived = arrivals(browser, small, store, rounds)
        browser.close()
    return report(times, arrived)


def report(times: dict[str, list[float]], arrived: list[float]) -> int:
    medians = {name: statistics.median(values) for name, values in times.items()}
    base = medians[FLOOR]
    sys.stdout.write(f"Time until on screen, median of {len(times[FLOOR])} visits\n")
    for name, median in medians.items():
        sys.stdout.write(f"  {name:24} {median:6.0f} ms  {median / base:.2f} x\n")
    worst = max(medians[name] for name in medians if name.startswith("board")) / base
    sys.stdout.write(f"  limit {LIMIT} x for a board: {'met' if worst <= LIMIT else 'MISSED'}\n")
    late = max(arrived) > ARRIVAL_S
    sys.stdout.write(
        f"A new entry on an open board: median {statistics.median(arrived):.1f} s, "
        f"{max(arrived):.1f} s at most of {len(arrived)} (limit {ARRIVAL_S:g} s: "
        f"{'MISSED' if late else 'met'})\n"
    )
    return 1 if late or worst > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
