"""The judge on demo data without a key: the demo's judge grades, and every page explains it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from test_browser_judge import submit

from tests.browser.browser_site import PATIENCE_MS, Site, Visitor, load, see, serve

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo folder in use, which gets a judge but no synthetic models."""
    folder = tmp_path_factory.mktemp("site")
    board = folder / "data" / "demo" / "leaderboard.json"
    board.parent.mkdir(parents=True)
    board.write_text('[{"model_name": "Own-7B", "organization": "Lab"}]', encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
            patch.delenv(name, raising=False)
        with serve(folder, MEDVIDBENCH_DEMO_MODELS="1") as found:
            yield found


def few(site: Site, folder: Path) -> Path:
    """Some captions of the good sample, and enough other records for a submission."""
    records = json.loads((site.samples / "sample_good.json").read_text(encoding="utf-8"))
    kept = [r for r in records if r["qa_type"].startswith(("video_summary", "region_caption"))][:16]
    kept += [r for r in records if r["qa_type"] == "cvs_assessment"][:84]
    path = folder / "captions.json"
    path.write_text(json.dumps(kept), encoding="utf-8")
    return path


def test_step_2_runs_without_a_key_and_says_who_grades(
    site: Site, visit: Visitor, tmp_path: Path
) -> None:
    page = visit()
    see(page, re.compile("demo-judge, not a language model, grades their captions"))
    submit(page, few(site, tmp_path), "Graded Model")
    see(page, "What to do next")
    page.get_by_role("link", name="Run the caption judge").click()
    page.wait_for_url(re.compile("/judge_status.*model="))
    see(page, re.compile("This demo has no language model as judge"))
    see(page, re.compile("demo-judge compares words and sentences. It is not a language model"))
    see(page, "free")
    assert page.get_by_text("USD").count() == 0
    page.get_by_role("button", name="Start the judge run").click()
    see(page, re.compile("Graded by"))
    see(page, re.compile("^demo-judge, "))
    page.get_by_text("How it was judged").click()
    see(page, re.compile("Cost: free"))
    bar = page.get_by_test_id("stTopNavLinkContainer")
    bar.get_by_role("link", name="About").click()
    see(page, re.compile("demo-judge replaces it, so that you can try everything"))
    load(page, f"{site.url}/?board=Community")
    row = page.locator(".mvb tbody tr", has_text="Graded Model")
    expect(row).to_contain_text("demo", timeout=PATIENCE_MS)
    assert not row.get_by_text("judge pending").count()
    names = json.loads((site.root / "leaderboard.json").read_text(encoding="utf-8"))
    assert {one["model_name"] for one in names} >= {"Own-7B", "Graded Model"}
    assert not [one for one in names if one["entry_id"].startswith("demo-")]
