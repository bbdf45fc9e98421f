"""Fixtures of the browser tests: one server per test file, one Chromium, many visitors.

They look at jobs with the eyes of the job tests.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_site import Site, Visitor, serve
from playwright.sync_api import BrowserContext, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "core"))

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serve(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.fixture(scope="module")  # while it is open, asyncio.run() does not work
def chromium() -> Iterator[BrowserContext]:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        # Without animations, which without a graphics card take the processor from the server.
        yield browser.new_context(reduced_motion="reduce")
        browser.close()


@pytest.fixture
def visit(chromium: BrowserContext, site: Site) -> Iterator[Visitor]:
    visitor = Visitor(chromium, site)
    yield visitor
    visitor.leave()
