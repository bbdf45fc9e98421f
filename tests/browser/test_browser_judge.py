"""A submission judged in a real browser: from the upload to grades on the board."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser_site import PATIENCE_MS, ROOT, Site, Visitor, see
from playwright.sync_api import expect

sys.path.append(str(ROOT / "tests" / "judge"))
from judge_server import Judge, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SECRET = "sk-canary-secret"


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """A judge on loopback that the server, which is started next, is pointed at."""
    found = Judge(latency=0.5)
    with serving(found) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", SECRET)
        patch.setenv("OPENAI_BASE_URL", url)
        yield found


@pytest.fixture(scope="module")
def site(judge: Judge, site: Site) -> Site:
    return site


def small(site: Site, folder: Path) -> Path:
    """Some captions of the good sample, and enough else to be a submission."""
    records = json.loads((site.samples / "sample_good.json").read_text(encoding="utf-8"))
    kept = [r for r in records if r["qa_type"].startswith(("video_summary", "region_caption"))][:60]
    kept += [r for r in records if r["qa_type"] == "cvs_assessment"][:60]
    path = folder / "captions.json"
    path.write_text(json.dumps(kept), encoding="utf-8")
    return path


def submit(page: "Page", path: Path, name: str) -> str:
    """Submit a file; gives the submission key."""
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_test_id("stTable")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("textbox", name="Model name (required)").fill(name)
    page.get_by_role("textbox", name="Organization (required)").fill("Lab")
    page.get_by_text("I have read the terms of submission.").click()
    page.get_by_role("button", name="Submit and evaluate").click()
    key = page.get_by_test_id("stCode").get_by_text(re.compile("^mvb-"))
    expect(key).to_be_visible(timeout=PATIENCE_MS)
    return key.inner_text().strip()


def test_from_submit_to_judged_entry(
    site: Site, visit: Visitor, judge: Judge, tmp_path: Path
) -> None:
    page = visit()
    key = submit(page, small(site, tmp_path), "Judged Model")
    see(page, "What to do next")
    board = visit("/?board=Community")
    row = board.locator(".mvb tbody tr", has_text="Judged Model")
    link = row.get_by_role("link", name="judge pending")
    expect(link).to_be_visible(timeout=PATIENCE_MS)
    link.click()  # a stranger, from the board
    see(board, "Not started.")
    assert board.get_by_role("button", name="Start the judge run").count() == 0
    page.get_by_role("link", name="Run the caption judge").click()
    page.wait_for_url(re.compile("/judge_status.*model="))
    see(page, re.compile(r"calls are left today"))
    address = page.url
    page.get_by_role("button", name="Start the judge run").click()  # the session holds the key
    see(page, re.compile("You may close this tab"))
    see(page, re.compile(r"Running.* pairs"))
    page.close()
    again = visit(address)  # on a phone, by the address alone
    see(again, re.compile("Graded by"))
    see(again, re.compile("test-judge-2026"))
    see(again, re.compile("of captions graded"))
    expect(again.get_by_test_id("stVegaLiteChart")).to_be_visible(timeout=PATIENCE_MS)
    calls = len(judge.asked)
    assert calls >= 60
    for visitor in (again, board):
        text = visitor.content()
        assert SECRET not in text
        assert key not in text
    assert all(job["state"] == "completed" for job in site.jobs())
    rows = visit("/?board=Community").locator(".mvb tbody tr", has_text="Judged Model")
    expect(rows).to_be_visible(timeout=PATIENCE_MS)
    assert "judge pending" not in rows.inner_text()
