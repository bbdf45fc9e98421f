"""Time until the board is on screen, relative to a page with one st.text.

Separate servers on loopback, one browser, a fresh context per visit, all visited
in turn. Measures when a board's first screen of rows, which is in the first answer, is shown, when
the controls can be used, and how far the page shifted. The same table in a page of Gradio is
measured if Gradio can be installed into a temporary environment. Then
entries are added to the data folder from outside while a board is open, and the time until each
is on screen. Last, the board is opened from another page by its link in the menu.
Notes medians and ratios; exit status 1 when a limit is missed.
Usage: python scripts/bench_pages.py [--rounds N] [--before FOLDER]
FOLDER: another checkout of this repository with a .venv, whose controls are measured too.
"""

import argparse
import json
import math
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
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))
from core.benchmark import METRIC_KEYS  # noqa: E402
from core.changes.placing import add_official  # noqa: E402
from core.files.ids import new_id  # noqa: E402
from core.model.entries import Entry  # noqa: E402
from core.model.published import published_state  # noqa: E402
from core.store.store import Store  # noqa: E402
from scripts.figures import note  # noqa: E402
from tests.browser.chromium import installed  # noqa: E402

PUBLISHED_OFFICIAL = len(published_state().official)  # what a demo starts from
LIMIT = 0.25  # of the time of one st.text
GRADIO_LIMIT = 0.3  # of the time of a Gradio page
SHIFT_LIMIT = 0.1  # cumulative layout shift, https://web.dev/articles/cls
ARRIVAL_S = 5.0
WARM_LIMIT = 0.5  # of the time until the controls of a cold visit
FLOOR = "one st.text"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROWS = ".mvb tbody tr:nth-child(13)"
CONTROLS = "#root .st-key-board_controls [data-testid=stButtonGroup]"
# Seen: in the document, laid out, not hidden, and one frame later.
WATCHER = """
(selectors) => {
  window.seen = {};
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) window.shifted += shift.value;
  }).observe({ type: 'layout-shift', buffered: true });
  for (const selector of selectors) {
    const look = () => {
      const found = document.querySelector(selector);
      const shown = found?.getBoundingClientRect().height > 0 && found.checkVisibility(
        { visibilityProperty: true });
      if (shown) {
        const note = () => { window.seen[selector] = performance.now(); };
        requestAnimationFrame(() => setTimeout(note));
      } else requestAnimationFrame(look);
    };
    look();
  }
}
"""
GRADIO = """
import pathlib, sys
import gradio
with gradio.Blocks() as app:
    gradio.HTML(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))
app.launch(server_port=int(sys.argv[1]), quiet=True)
"""


BOARDS = ("board, 13 rows", "board, 500 rows")
WARM = """
([controls, name]) => new Promise((resolve) => {
  const began = performance.now();
  [...document.querySelectorAll('a')]
    .find((link) => link.dataset.testid?.endsWith('NavLink')
      && link.textContent.trim().endsWith(name)).click();
  const look = () => document.querySelector(controls)?.checkVisibility()
    ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)))
    : requestAnimationFrame(look);
  look();
})
"""


@dataclass(frozen=True)
class Target:
    """A page: its address, and the elements to wait for, the first one being the board."""

    url: str
    selectors: tuple[str, ...]


@dataclass
class Seen:
    """The results of visits of a page: ms by selector, and layout shifts."""

    times: dict[str, list[float]]
    shifts: list[float]

    def median(self, selector: str) -> float:
        return statistics.median(self.times[selector])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    command: list[str],
    port: int,
    folder: Path,
    environment: dict[str, str],
    health: str = "/_stcore/health",
) -> Iterator[str]:
    """A server process; gives its address once it responds at `health`."""
    log = (folder / "server.log").open("wb")
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MEDVIDBENCH_")}
    process = subprocess.Popen(
        command, cwd=folder, env={**kept, **environment}, stdout=log, stderr=log
    )
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                with urllib.request.urlopen(url + health, timeout=5):  # noqa: S310
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
    """A page of one line, with Streamlit's defaults or with the app's configuration.

    The latter has no menu, which makes it a lower baseline than usual pages.
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


def board(stack: ExitStack, rows: int, repository: Path = REPOSITORY) -> tuple[str, Store]:
    """The app with `rows` models on its official board: its address, and its store."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    (folder / "demo").mkdir()
    (folder / "demo" / "official_leaderboard.json").write_text(
        json.dumps([made_up(number) for number in range(rows - PUBLISHED_OFFICIAL)]),
        encoding="utf-8",
    )
    port = free_port()
    python = str(repository / ".venv" / "bin" / "python")
    command = [python, "-m", "core.web.server", "--port", str(port)]
    environment = {"MEDVIDBENCH_DATA_DIR": str(folder), "PYTHONPATH": str(repository)}
    environment["MEDVIDBENCH_DEMO_MODELS"] = "0"  # only the board is measured
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


def gradio(stack: ExitStack, tables: Mapping[str, str]) -> dict[str, str]:
    """Addresses of Gradio pages with these tables; empty if Gradio cannot be installed."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    python = folder / "venv" / "bin" / "python"
    try:
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "gradio"]
        subprocess.run(install, check=True, timeout=900)
    except (OSError, subprocess.SubprocessError) as error:
        sys.stdout.write(f"Gradio cannot be installed: {error}\n")
        return {}
    (folder / "app.py").write_text(GRADIO, encoding="utf-8")
    found = {}
    for number, (name, table) in enumerate(tables.items()):
        place = folder / str(number)
        place.mkdir()
        (place / "table.html").write_text(table, encoding="utf-8")
        port = free_port()
        command = [str(python), str(folder / "app.py"), str(port), str(place / "table.html")]
        environment = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
        served = serving(command, port, place, environment, health="/")
        found[name] = stack.enter_context(served)
    return found


def table_of(url: str) -> str:
    """The markup of the board's table, with its styles, from its plain page."""
    with urllib.request.urlopen(f"{url}/board/official", timeout=60) as answer:  # noqa: S310
        page: str = answer.read().decode()
    return page[page.index("<style>\n.mvb") : page.index("</section>")] + "</section>"


def visit(browser: Browser, target: Target, seen: Seen | None) -> None:
    """Note the ms from the start of the navigation until each selector is on screen."""
    context = browser.new_context(bypass_csp=True, viewport={"width": 1366, "height": 900})
    try:
        page = context.new_page()
        page.add_init_script(f"({WATCHER})({json.dumps(target.selectors)})")
        page.goto(target.url)
        for selector in target.selectors:
            name = json.dumps(selector)
            page.wait_for_function(f"window.seen[{name}] !== undefined", timeout=60_000)
            if seen:
                seen.times[selector].append(float(page.evaluate(f"window.seen[{name}]")))
        if seen:
            page.wait_for_timeout(500)
            seen.shifts.append(float(page.evaluate("window.shifted")))
    finally:
        context.close()


def app(url: str) -> Target:
    return Target(url, (ROWS, CONTROLS))


def warm_visits(browser: Browser, url: str, count: int) -> list[float]:
    """Ms from a click on the menu's link to the board until its controls are on screen."""
    context = browser.new_context(viewport={"width": 1366, "height": 900})
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(CONTROLS)
    took = []
    for _ in range(count):
        page.get_by_role("link", name="About", exact=True).first.click()
        page.wait_for_selector(CONTROLS, state="detached")
        page.get_by_role("heading", level=1).get_by_text("About").wait_for()
        page.wait_for_timeout(500)
        took.append(float(page.evaluate(WARM, [CONTROLS, "Leaderboard"])))
    context.close()
    return took


def arrivals(browser: Browser, url: str, store: Store, count: int) -> list[float]:
    """Seconds from the commit of each of `count` entries until an open board shows it."""
    context = browser.new_context(viewport={"width": 1366, "height": 900})
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("#early", state="detached")
    page.wait_for_selector(ROWS)
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
        raise SystemExit("The page was reloaded.")
    context.close()
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--no-gradio", action="store_true")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        small, store = board(stack, 13)
        large, _ = board(stack, 500)
        text = ("[data-testid=stText]",)
        targets = {
            FLOOR: Target(floor(stack, configured=False), text),
            "one st.text, configured": Target(floor(stack, configured=True), text),
            **dict(zip(BOARDS, map(app, (small, large)), strict=True)),
        }
        if chosen.before:
            for rows in (13, 500):
                url, _ = board(stack, rows, chosen.before.resolve())
                targets[f"before, {rows} rows"] = app(url)
        if not chosen.no_gradio:
            tables = {"Gradio, 13 rows": table_of(small), "Gradio, 500 rows": table_of(large)}
            found = gradio(stack, tables).items()
            targets |= {name: Target(url, (ROWS,)) for name, url in found}
        seen = {name: Seen({one: [] for one in t.selectors}, []) for name, t in targets.items()}
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=installed(), args=CHROMIUM_ARGUMENTS)
        for counted in range(-1, chosen.rounds):  # the first round only warms the servers
            for name, target in targets.items():
                visit(browser, target, seen[name] if counted >= 0 else None)
        arrived = arrivals(browser, small, store, chosen.rounds)
        warm = {name: warm_visits(browser, targets[name].url, chosen.rounds) for name in BOARDS}
        browser.close()
    good = (*noted(seen), *warm_noted(seen, warm), arrivals_noted(arrived))
    return int(not all(good))


def noted(seen: Mapping[str, Seen]) -> Iterator[bool]:
    """Note when each page was on screen, and how far it shifted; whether each met its limits."""
    base = seen[FLOOR].median("[data-testid=stText]")
    how = f"of {FLOOR}, {base:.0f} ms; medians of {len(seen[FLOOR].shifts)} cold visits"
    for name, found in seen.items():
        if name == FLOOR:
            continue
        first = found.median(next(iter(found.times)))
        ours = name in BOARDS
        yield note(f"{name}: on screen", first / base, "×", LIMIT if ours else None, how)
        if ours:
            other = seen.get(name.replace("board", "Gradio"))
            against = first / other.median(ROWS) if other else math.nan
            yield note(f"{name}: on screen", against, "×", GRADIO_LIMIT, "of the same in Gradio")
            yield note(f"{name}: layout shift", max(found.shifts), "", SHIFT_LIMIT, "the largest")
        if CONTROLS in found.times:
            yield note(f"{name}: controls", found.median(CONTROLS) / base, "×", how=how)


def warm_noted(seen: Mapping[str, Seen], warm: Mapping[str, list[float]]) -> Iterator[bool]:
    for name, times in warm.items():
        cold = seen[name].median(CONTROLS)
        how = f"of a cold visit until the controls, {cold:.0f} ms; medians, from About by the menu"
        yield note(f"{name}: warm", statistics.median(times) / cold, "×", WARM_LIMIT, how)


def arrivals_noted(arrived: list[float]) -> bool:
    how = f"the slowest of {len(arrived)}; median {statistics.median(arrived):.1f} s"
    return note("a new entry on an open board", max(arrived), "s", ARRIVAL_S, how)


if __name__ == "__main__":
    sys.exit(main())
