"""Follows the README in a fresh clone on this machine.

    .venv/bin/python scripts/fresh_machine.py [--tests]

Clones the repository and runs `make run` with an empty environment and data folder; once it is
healthy, submits a file and starts the demo's judge in a browser, waits until the judged entry is
on the board, and stops it. The clone must be unchanged then. --tests then runs `make test` in a
second clone. Status 0 if everything went well. The browser is that of this checkout (`make test`).
"""

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))
from tests.browser.chromium import installed  # noqa: E402

GUARD_S = 1200.0  # installing included; only to avoid hanging forever
PATIENCE_MS = 240_000
# What a login shell has, and what installing needs on some machines.
KEPT = ("PATH", "HOME", "LANG", "USER", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE")
NAME = "Fresh Model"
Environment = Mapping[str, str]


def say(text: str) -> None:
    """Print a step that is done."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


def clone(folder: Path) -> Path:
    """A clone of this repository's last commit in `folder`."""
    command = ["git", "clone", "--quiet", "--no-local", str(REPOSITORY), str(folder)]
    subprocess.run(command, check=True)
    return folder


@contextmanager
def running(folder: Path, data: Path, environment: Environment) -> Iterator[str]:
    """The URL of `make run` in a clone; SIGINT, like Ctrl+C, must end it cleanly."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (data.parent / "run.log").open("wb") as log:
        server = subprocess.Popen(
            ["make", "run", f"PORT={port}"],
            cwd=folder,
            env={**environment, "MEDVIDBENCH_DATA_DIR": str(data)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + GUARD_S
        while not _healthy(url):
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(
                    f"make run did not serve:\n{(data.parent / 'run.log').read_text()}"
                )
            time.sleep(0.5)
        yield url
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGINT)
        server.wait(60)


def _healthy(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:
        return bool(answer.read() == b"ok")
    return False


def small(data: Path) -> Path:
    """Some captions of the demo's good sample, and enough other records to be accepted."""
    sample = data / "demo" / "benchmark" / "sample_good.json"
    deadline = time.monotonic() + GUARD_S
    while not sample.exists():  # the server makes it once it serves
        if time.monotonic() > deadline:
            raise SystemExit(f"The demo benchmark was not made: {sample}")
        time.sleep(0.5)
    records = json.loads(sample.read_bytes())
    captions = [r for r in records if r["qa_type"].startswith(("video_summary", "region_caption"))]
    others = [r for r in records if r["qa_type"] == "cvs_assessment"]
    path = data.parent / "answers.json"
    path.write_text(json.dumps([*captions[:40], *others[:60]]), encoding="utf-8")
    return path


def use(page: Page, url: str, file: Path) -> None:
    """Submit a file, let the demo's judge grade it, and find it on the board."""
    page.goto(f"{url}/submit")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_role("table")).to_be_visible()
    page.get_by_role("textbox", name="Model name (required)").fill(NAME)
    page.get_by_role("textbox", name="Organization (required)").fill("Lab")
    page.get_by_text("I have read the terms of submission.").click()
    page.get_by_role("button", name="Submit and evaluate").click()
    expect(page.get_by_test_id("stCode").get_by_text(re.compile("^mvb-"))).to_be_visible()
    say("submitted")
    page.get_by_role("link", name="Run the caption judge").click()
    page.get_by_role("button", name="Start the judge run").click()
    expect(page.get_by_text(re.compile("Graded by"))).to_be_visible()
    say("judged")
    page.goto(f"{url}/?board=Community")
    row = page.locator(".mvb tbody tr", has_text=NAME)
    expect(row).to_be_visible()
    expect(row.get_by_text("judge pending")).to_have_count(0)
    say("on the board")


def main() -> int:
    """0 if everything went well; the failed step is in the traceback."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--tests", action="store_true", help="also run make test in a clone")
    chosen = parser.parse_args()
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    expect.set_options(timeout=PATIENCE_MS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, data = clone(folder / "clone"), folder / "data"
        say("cloned")
        with running(first, data, environment) as url:
            say("healthy")
            with sync_playwright() as playwright:
                found = installed()
                browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
                page = browser.new_page()
                page.set_default_timeout(PATIENCE_MS)
                use(page, url, small(data))
                browser.close()
        say("stopped")
        command = ["git", "status", "--porcelain"]
        left = subprocess.run(command, cwd=first, capture_output=True, text=True, check=True).stdout
        if left:
            raise SystemExit(f"Running changed the clone:\n{left}")
        if "Traceback" in (folder / "run.log").read_text(encoding="utf-8"):
            raise SystemExit((folder / "run.log").read_text(encoding="utf-8"))
        if chosen.tests:
            second = clone(folder / "tests")
            subprocess.run(["make", "test"], cwd=second, env=environment, check=True)
            say("tested")
    return 0


if __name__ == "__main__":
    sys.exit(main())
