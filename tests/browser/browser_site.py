"""A running server with the demo benchmark, and visitors with a real browser."""

import atexit
import contextlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from playwright.sync_api import (
    Browser,
    CDPSession,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    TimeoutError,
    expect,
)

from core.access.password import make_hash
from evaluation.demo import benchmark

ROOT = Path(__file__).resolve().parents[2]
GUARD_S = 240
PATIENCE_MS = 120_000
SERVER = ("-m", "core.web.server", "--address", "127.0.0.1", "--port")
ADMIN_PASSWORD = "a-password-of-the-browser-tests"
expect.set_options(timeout=PATIENCE_MS)  # the default of 5 s is not enough on a busy machine


@dataclass(frozen=True)
class Site:
    """A running server and its data."""

    url: str
    root: Path
    pid: int = 0

    @property
    def samples(self) -> Path:
        return self.root / "benchmark"

    def jobs(self) -> list[dict[str, object]]:
        found = (self.root / "jobs").glob("*/job.json")
        return [json.loads(path.read_text(encoding="utf-8")) for path in found]


def wait_until_ready(server: "subprocess.Popen[bytes]", site: Site, log: Path) -> None:
    deadline = time.monotonic() + GUARD_S
    while True:
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        with (
            contextlib.suppress(OSError),  # not listening yet
            urllib.request.urlopen(f"{site.url}/_stcore/health", timeout=5),  # noqa: S310
        ):
            return
        time.sleep(0.1)


@cache
def _hashed(password: str) -> str:
    """Hashed once for all servers of this process: it takes a tenth of a second, on purpose."""
    return make_hash(password)


@cache
def _benchmark() -> Path:
    """The demo benchmark, created once for all servers of this process."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    benchmark.generate(folder / "benchmark")
    return folder / "benchmark"


def put_benchmark(folder: Path) -> None:
    """The demo benchmark, as a server would make it in `folder`/data."""
    there = folder / "data" / "demo" / "benchmark"
    if not there.exists():
        shutil.copytree(_benchmark(), there)


@cache
def _usual_port() -> int:
    """One port for the servers of this process, one after the other.

    To its browser they are one site, whose scripts it has compiled already. The last digit is the
    worker's: two workers whose servers start at the same moment never choose the same.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return random.randrange(20_000, 30_000, 10) + int(worker) % 10


def _free_port() -> int:
    """The usual port, or any other if it is in use."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            probe.bind(("127.0.0.1", _usual_port()))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serve(
    folder: Path, port: int = 0, begin: Callable[[], None] | None = None, **settings: str
) -> Iterator[Site]:
    """A server on `folder`/data, which may already have content; its log is `folder`/log.

    `port` 0: any free one; `begin` is called in the server's process before it starts.

    It serves demo data, unless the settings name a ground truth.
    """
    data = folder / "data"
    with_demo = "MEDVIDBENCH_GROUND_TRUTH" not in settings
    if with_demo:
        put_benchmark(folder)
    port = port or _free_port()
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MEDVIDBENCH_")}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, *SERVER, str(port)],
            cwd=ROOT,
            env={
                **kept,
                "ADMIN_PASSWORD": _hashed(ADMIN_PASSWORD),
                "MEDVIDBENCH_DEMO_MODELS": "0",
                **settings,
                "MEDVIDBENCH_DATA_DIR": str(data),
            },
            stdout=log,
            stderr=log,
            preexec_fn=begin,  # noqa: PLW1509 - it calls nothing that takes a lock
        )
    below = settings.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
    found = Site(
        f"http://127.0.0.1:{port}{below}", data / ("demo" if with_demo else ""), server.pid
    )
    try:
        wait_until_ready(server, found, folder / "log")
        yield found
    finally:
        server.terminate()
        server.wait(timeout=240)


@contextlib.contextmanager
def stopped(site: Site) -> Iterator[None]:
    """The server does nothing meanwhile."""
    os.kill(site.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(site.pid, signal.SIGCONT)


_KEPT_WINDOWS = 4  # as many as most tests have open
_RUNNING = "[data-test-script-state=running][data-test-connection-state=CONNECTED]"
# Streamlit opens expanders slowly even if reduced motion is requested, and a click on a button
# that moves in the meantime misses it.
_NO_ANIMATIONS = """
const animate = Element.prototype.animate;
Element.prototype.animate = function (...asked) {
  const animation = animate.apply(this, asked);
  if (animation.effect.getComputedTiming().endTime !== Infinity) animation.finish();
  return animation;
};
"""


class Windows:
    """A browser's windows. In a background tab, lists would take seconds to open.

    They share everything but cookies, so that Streamlit's scripts are compiled once per
    server, and later visitors reuse them: each saves more than half of the work of a visit. No
    animations, and half the resolution (layout is the same): without a graphics card, drawing
    takes processor time from the server.
    """

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._context = browser.new_context(reduced_motion="reduce", device_scale_factor=0.5)
        self._context.add_init_script(_NO_ANIMATIONS)
        self._opener = self._context.new_page()
        self._debugger = self._context.new_cdp_session(self._opener)
        self._kept: list[Page] = []
        self._scripts: list[CDPSession] = []

    def open(self, script: str = "") -> Page:
        """A window without cookies and history.

        `script` runs in each page before the page's own, until the windows are closed.
        """
        self._context.clear_cookies()
        page = self._kept.pop() if self._kept else self._new()
        if script:
            session = self._context.new_cdp_session(page)
            session.send("Page.enable")
            session.send("Page.addScriptToEvaluateOnNewDocument", {"source": script})
            self._scripts.append(session)
        return page

    def _new(self) -> Page:
        with self._context.expect_page() as opened:
            self._opener.evaluate("() => { open('about:blank', '_blank', 'popup,noopener') }")
        _empty(opened.value)
        return opened.value

    def close(self, site: Site, reusable: Collection[Page] = ()) -> None:
        """Leave all pages, and forget what they stored, a theme for example.

        `reusable` windows are kept, emptied, for other visitors.
        """
        for session in self._scripts:
            with contextlib.suppress(Error):  # of a window that is closed
                session.detach()
        self._scripts.clear()
        for page in self._context.pages:
            if page in reusable and len(self._kept) < _KEPT_WINDOWS:
                page.evaluate("sessionStorage.clear()")
                _empty(page)
                page.emulate_media(media="screen", color_scheme="light", reduced_motion="reduce")
                self._kept.append(page)
            elif page != self._opener and page not in self._kept:
                page.close()
        stored = {"origin": site.url, "storageTypes": "local_storage"}
        self._debugger.send("Storage.clearDataForOrigin", stored)


def _empty(page: Page) -> None:
    """Leave the page, and forget the history."""
    page.goto("about:blank")
    session = page.context.new_cdp_session(page)
    session.send("Page.resetNavigationHistory")
    session.detach()


def wait_for_scripts(page: Page) -> None:
    """Let each action and check on this page wait until its script has finished.

    Until then, Streamlit keeps the elements of the run before beside the new ones. A server that
    does not answer is not waited for.
    """

    def wait() -> None:
        with contextlib.suppress(TimeoutError):
            page.locator(_RUNNING).wait_for(state="detached", timeout=20_000)

    page.add_locator_handler(page.locator(_RUNNING), wait, no_wait_after=True)


def arrived(page: Page) -> None:
    """Wait until Streamlit's page has replaced the board of the first answer."""
    expect(page.locator("#early")).to_have_count(0)
    expect(page.locator("h1")).to_be_visible()


def load(page: Page, address: str) -> None:
    """Load an address, also in a window that is open already: for half of the work of a new one."""
    page.goto(address)
    arrived(page)


class Visitor:
    """Opens pages, each as a different visitor, and records what the security policy blocked."""

    def __init__(self, windows: Windows, site: Site) -> None:
        self.browser = windows.browser
        self._windows = windows
        self._site = site
        self._pages: list[Page] = []
        self.blocked: list[str] = []

    def __call__(self, address: str = "/submit", width: int = 1280, script: str = "") -> Page:
        """`script` runs in the page before its own."""
        page = self._windows.open(script)
        page.set_viewport_size({"width": width, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._note)
        wait_for_scripts(page)
        self._pages.append(page)
        load(page, address if address.startswith("http") else self._site.url + address)
        return page

    def _note(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.blocked.append(message.text)

    def leave(self) -> None:
        for page in self._pages:
            page.remove_listener("console", self._note)
            page.remove_locator_handler(page.locator(_RUNNING))
        kept = [page for page in self._pages if not page.is_closed()]
        self._windows.close(self._site, kept)
        assert self.blocked == []  # the policy allows everything that our pages need


def see(page: Page, text: str | re.Pattern[str]) -> None:
    """Wait until some element with this text is on screen."""
    expect(page.get_by_text(text).first).to_be_visible(timeout=PATIENCE_MS)


def select(box: Locator, label: str | re.Pattern[str], chosen: Locator | None = None) -> None:
    """Choose an option of a list, reopening it if a rerun or a scroll of the page closed it.

    `chosen` shows that it is chosen, for lists that remove chosen options: a click that
    was not confirmed in time may have worked.
    """
    option = box.page.get_by_role("option", name=label, exact=isinstance(label, str)).first
    for patience in (1, 2, 4, 8, 16, 32, 64):  # seconds: a busy machine is slow to click
        if not option.count():
            box.click()
        with contextlib.suppress(TimeoutError):
            option.click(timeout=1000 * patience)
            return
        if chosen is not None and chosen.count():
            return
    raise AssertionError(f"{label} could not be picked")


def settled(page: Page) -> None:
    """Wait until the page's script is not running."""
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", re.compile("notRunning", re.IGNORECASE)
    )


_PRINTED = """() => {
  const all = (query) => [...document.querySelectorAll(query)];
  const seen = (query) => all(query).filter((one) => one.checkVisibility());
  return {
    told: getComputedStyle(document.body, '::before').content,
    controls: seen('button, input, select, textarea, [role=combobox]').map((one) => one.outerHTML),
    wide: document.documentElement.scrollWidth - innerWidth,
    cut: seen('.mvb .nm, .mvb .frame, .mvf .frame, [data-testid=stVegaLiteChart]')
      .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.outerHTML),
  };
}"""


def check_print(page: Page) -> None:
    """Check a printed page: date and address at the top, no controls, nothing cut off."""
    size = page.viewport_size
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1032, "height": 703})  # A4 landscape without its margins
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    found = page.evaluate(_PRINTED)
    page.emulate_media(media="screen")
    if size:
        page.set_viewport_size(size)
    assert page.url in found["told"]
    assert re.search(r"Printed \d+ \w+ 20\d\d", found["told"])
    assert not found["controls"], found["controls"]
    assert not found["cut"], found["cut"]
    assert found["wide"] <= 0


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until this has the focus, as without a mouse."""
    expect(wanted).to_be_visible()
    for _ in range(60):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab does not lead there")
