"""Fixtures of the browser tests: one server per test file, one Chromium, many visitors.

They observe jobs in the same way as the job tests.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.browser_site import Site, Visitor, Windows, serve
from tests.browser.chromium import installed

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Saves processor time (a seventh of what pages take): they are left before optimised code pays
    # off, or memory is worth freeing. Most windows are reused, so none is kept ready.
    "--js-flags=--no-turbofan --no-maglev --max-lazy"
    " --min-semi-space-size=16 --initial-old-space-size=128",
    "--disable-features=SpareRendererForSitePerProcess",
]
_OPEN = ExitStack()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serve(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.fixture
def windows() -> Windows:
    return _browser()


@pytest.fixture
def visit(windows: Windows, site: Site) -> Iterator[Visitor]:
    visitor = Visitor(windows, site)
    yield visitor
    visitor.leave()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Consecutive files share a browser: while it is open, others cannot use
    asyncio.run()."""
    if nextitem is None or nextitem.path.parent != item.path.parent:
        _OPEN.close()
        _browser.cache_clear()


@cache
def _browser() -> Windows:
    playwright = _OPEN.enter_context(sync_playwright())
    browser = playwright.chromium.launch(executable_path=installed(), args=ARGUMENTS)
    _OPEN.callback(browser.close)
    return Windows(browser)
