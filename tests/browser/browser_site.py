"""A running server with the demo benchmark, and people who visit it with a real browser."""

import contextlib
import json
import re
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parents[2]
GUARD_S = 120
PATIENCE_MS = 60_000
ADMIN_PASSWORD = "a-password-of-the-browser-tests"


@dataclass(frozen=True)
class Site:
    """A running server and its data."""

    url: str
    root: Path

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
            if (site.samples / "demo.json").exists():
                return
        time.sleep(0.1)


class Visitor:
    """Opens pages, each as another person, and notices scripts that should not run."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser = browser
        self._site = site
        self._pages: list[Page] = []

    def __call__(self, address: str = "/submit", width: int = 1280) -> Page:
        page = self._browser.new_context(viewport={"width": width, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        self._pages.append(page)
        page.goto(address if address.startswith("http") else self._site.url + address)
        expect(page.locator("h1")).to_be_visible(timeout=PATIENCE_MS)
        return page

    def leave(self) -> None:
        for page in self._pages:
            page.context.close()


def see(page: Page, text: str | re.Pattern[str]) -> None:
    """Wait until some element with this text is on screen."""
    expect(page.get_by_text(text).first).to_be_visible(timeout=PATIENCE_MS)
