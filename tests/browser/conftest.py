"""Fixtures of the browser tests: one server per test file, one Chromium, many visitors.

They look at jobs with the eyes of the job tests.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_site import ROOT, Site, Visitor, wait_until_ready
from playwright.sync_api import Browser, sync_playwright

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
    folder = tmp_path_factory.mktemp("site")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MEDVIDBENCH_")}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "core.server", "--port", str(port), "--address", "127.0.0.1"],
            cwd=ROOT,
            env={**kept, "MEDVIDBENCH_DATA_DIR": str(folder / "data")},
            stdout=log,
            stderr=log,
        )
    found = Site(f"http://127.0.0.1:{port}", folder / "data" / "demo")
    try:
        wait_until_ready(server, found, folder / "log")
        yield found
    finally:
        server.terminate()
        server.wait(timeout=240)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Visitor]:
    visitor = Visitor(chromium, site)
    yield visitor
    visitor.leave()
