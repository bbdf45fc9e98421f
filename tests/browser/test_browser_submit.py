"""The Submit page in a real browser, on a real server with the demo benchmark."""

import json
import re
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from playwright.sync_api import Page, expect

from core.runs.records import JobFiles
from tests.browser.browser_site import PATIENCE_MS, Site, Visitor, see, settled, tab_to
from tests.browser.shortcuts import rows_at_first, some
from tests.core.job_world import is_evaluator, wait_for

pytestmark = pytest.mark.browser
CENTRE = """() => {
  const named = (one) => one.textContent.includes('Submit and evaluate');
  const button = [...document.querySelectorAll('button')].find(named);
  const place = button.getBoundingClientRect();
  const centre = [place.x + place.width / 2, place.y + place.height / 2];
  if (!button.contains(document.elementFromPoint(...centre))) throw Error('A click misses it.');
  return centre;
}"""


def choose(page: Page, path: Path) -> None:
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_role("table")).to_be_visible(timeout=PATIENCE_MS)


def field(page: Page, label: str):
    return page.get_by_role("textbox", name=label, exact=True)


def fill(page: Page, name: str, organization: str = "Ghent University") -> None:
    field(page, "Model name (required)").fill(name)
    field(page, "Organization (required)").fill(organization)
    page.get_by_text("I have read the terms of submission.").click()


def send(page: Page) -> None:
    page.get_by_role("button", name="Submit and evaluate").click()


def key_on(page: Page) -> str:
    shown = page.get_by_test_id("stCode").get_by_text(re.compile("^mvb-"))
    expect(shown).to_be_visible(timeout=PATIENCE_MS)
    return shown.inner_text().strip()


def slow_file(site: Site, folder: Path) -> Path:
    """Some answers with wordy next actions, which take a while to score."""
    records = json.loads(some(site, folder).read_text(encoding="utf-8"))
    told = [record for record in records if record["qa_type"] == "next_action"]
    for number, record in enumerate(told[:8]):
        record["prediction"] = f"{number} " + "the needle passes the tissue again " * 40
    path = folder / "slow.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    return path


def paused(site: Site) -> psutil.Process:
    """The running evaluator, stopped, so that it cannot end before it is observed."""
    found: list[psutil.Process] = []

    def there() -> bool:
        for job in site.jobs():
            log = site.root / "jobs" / str(job["job_id"]) / "log.txt"
            said = log.read_text(encoding="utf-8") if log.exists() else ""
            if job["state"] == "running" and "[progress]" in said:
                process = JobFiles(site.root).fresh(str(job["job_id"])).process
                assert process is not None
                ours = psutil.Process(process.pid).children(recursive=True)
                found.extend(filter(is_evaluator, ours))
        return bool(found)

    wait_for(there, "the evaluator")
    found[0].suspend()
    return found[0]


def test_the_good_sample_is_downloaded_submitted_once_by_a_double_click_and_on_the_board(
    site: Site, visit: Visitor, tmp_path: Path
) -> None:
    before = len(site.jobs())
    page = visit()
    page.set_viewport_size({"width": 1360, "height": 900})
    button = page.get_by_role("button", name="Submit and evaluate")
    place = button.bounding_box()
    assert place
    assert place["y"] + place["height"] < 900  # upload and form are within the first screen
    page.get_by_text("Questions, template and samples").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Good sample").click()
    sample = tmp_path / "sample_good.json"
    download.value.save_as(sample)
    assert sample.read_bytes() == (site.samples / "sample_good.json").read_bytes()
    with page.expect_download() as download:
        page.get_by_role("button", name="Empty template").click()
    template = tmp_path / "template.json"
    download.value.save_as(template)
    assert len(json.loads(template.read_text(encoding="utf-8"))) == 6245
    with page.expect_download() as download:
        page.get_by_role("button", name="Template with questions").click()
    download.value.save_as(template)
    assert all(record["question"] for record in json.loads(template.read_text(encoding="utf-8")))
    choose(page, sample)
    see(page, re.compile("^Ready"))
    fill(page, "Good Sample")
    button.dblclick()
    key_on(page)
    for step in ("Name reserved", "File checked", "Evaluation", "Metrics checked", "Published"):
        see(page, step)
    see(page, re.compile(r"of \d+ on the Community board"))
    see(page, "What to do next")
    assert len(site.jobs()) == before + 1
    page.get_by_role("link", name="See the entry").click()
    expect(page.get_by_role("heading", name="Good Sample")).to_be_visible()


def submit_by_keyboard(page: Page, path: Path, name: str) -> None:
    """Submit with the keyboard alone, first without all that is required."""
    tab_to(page, page.get_by_test_id("stFileUploader").locator("button").first)
    choose(page, path)  # the dialog that Enter opens is the browser's own
    tab_to(page, field(page, "Model name (required)"))
    page.keyboard.type(name)
    submit = page.get_by_role("button", name="Submit and evaluate")
    tab_to(page, submit)
    page.keyboard.press("Enter")
    see(page, re.compile("Not submitted. Fix the 2 problems"))
    expect(field(page, "Organization (required)")).to_be_focused()
    page.keyboard.type("Ghent University")
    tab_to(page, page.get_by_role("checkbox", name="I have read the terms of submission."))
    page.keyboard.press("Space")
    tab_to(page, submit)
    page.keyboard.press("Enter")


def saved_by_keyboard(page: Page) -> str:
    """The key in the file that the page offers, which is also copied."""
    see(page, re.compile(r"^Save as file"))
    tab_to(page, page.get_by_role("button", name="Copy", exact=True))
    page.keyboard.press("Enter")
    see(page, re.compile("^(Copied|Selected: copy it with)"))
    tab_to(page, page.get_by_role("button", name="Save as file"))
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    return Path(download.value.path()).read_text(encoding="utf-8").strip()


def test_by_keyboard_submitted_cancelled_and_run_again_once_each_in_a_tab_that_is_closed(
    site: Site, visit: Visitor, tmp_path: Path
) -> None:
    page = visit()
    submit_by_keyboard(page, slow_file(site, tmp_path), "Slow Model")
    cancelled = paused(site)
    page.get_by_role("button", name="Cancel").dblclick()
    see(page, "Cancelled")
    assert not cancelled.is_running() or cancelled.status() == psutil.STATUS_ZOMBIE
    page.get_by_role("button", name="Run again").dblclick()
    evaluator = paused(site)
    expect(page.get_by_text("Wait until it has ended")).to_have_count(0)
    page.wait_for_url(re.compile("job="))
    see(page, re.compile("You may close this tab"))
    key, address = key_on(page), page.url
    see(page, re.compile(r"\[progress\]"))
    assert saved_by_keyboard(page) == key
    page.close()
    (job,) = [job for job in site.jobs() if str(job["job_id"]) in address]
    assert (job["state"], job["attempt"]) == ("running", 2)
    again = visit(address)
    see(again, "Evaluation")
    assert "Slow Model" not in again.content()  # hidden from others until it is published
    assert again.get_by_role("button", name="Cancel").count() == 0
    evaluator.resume()
    see(again, re.compile("on the Community board"))  # without a reload
    see(again, "Slow Model")
    assert key not in again.content()
    tab_to(again, again.get_by_role("link", name="See the entry"))
    again.keyboard.press("Enter")
    again.wait_for_url(re.compile("/model"))
    see(again, "Slow Model")
    assert "Slow Model" in rows_at_first(site)


def test_evaluate_only_is_kept_between_pages_and_shows_its_rank_to_the_key_holder_alone(
    site: Site, visit: Visitor, tmp_path: Path
) -> None:
    before = len(site.jobs())
    page = visit()
    field(page, "Model name (required)").fill("Quiet Model")
    field(page, "Organization (required)").fill("Ghent University")
    page.get_by_text("Evaluate only: show me").click()
    send(page)
    see(page, re.compile("Not submitted. Fix the 2 problems"))
    bar = page.get_by_test_id("stTopNavLinkContainer")
    bar.get_by_role("link", name="About").click()
    see(page, "The caption judge")
    bar.get_by_role("link", name="Submit", exact=True).click()
    expect(field(page, "Model name (required)")).to_have_value("Quiet Model")
    expect(page.get_by_text("nothing you entered is lost")).to_have_count(0)  # the terms are
    expect(page.get_by_role("checkbox", name=re.compile("Evaluate only"))).to_be_checked()
    terms = page.get_by_role("checkbox", name="I have read the terms of submission.")
    expect(terms).not_to_be_checked()
    choose(page, some(site, tmp_path))
    page.get_by_text("I have read the terms of submission.").click()
    send_and_click_again_meanwhile(site, page)
    key = key_on(page)
    see(page, re.compile(r"^Would be \d+\w\w of \d+ on the Community board"))
    assert len(site.jobs()) == before + 1
    other = visit(page.url)
    see(other, re.compile("shown to the holder of the submission key only"))
    for secret in ("Quiet Model", "CVS_acc", "mvb-", "[progress]"):
        assert secret not in other.locator("section.stMain, [data-testid=stMain]").inner_text()
    other.get_by_text("I have the submission key").click()
    field(other, "Submission key").fill(key)
    other.get_by_role("button", name="Open").click()
    see(other, re.compile("^Would be"))
    shown = rows_at_first(site)
    assert re.search(r"\d+ models", shown)
    assert "Quiet Model" not in shown
    assert "Quiet Model" not in (site.root / "leaderboard.json").read_text(encoding="utf-8")


def send_and_click_again_meanwhile(site: Site, page: Page) -> None:
    """Submit, and click once more while the submission is processed."""
    uploads = len(list((site.root / "results").glob("*")))
    with FileLock(site.root / "store.lock"):  # the first submission waits here, its upload kept
        send(page)
        wait_for(
            lambda: len(list((site.root / "results").glob("*"))) > uploads, "the upload's folder"
        )
        # With the mouse: a locator would wait until the first is processed.
        page.mouse.click(*page.evaluate(CENTRE))
        page.wait_for_timeout(500)  # for the click to reach the server, which nothing shows


def test_on_a_phone_the_flawed_sample_is_reviewed_and_a_refusal_is_beside_its_field(
    site: Site, visit: Visitor
) -> None:
    """Nothing is submitted, and nothing that was entered is lost."""
    before = len(site.jobs())
    page = visit("/submit?job=%3Cimg%20src=x%20onerror=%22window.hacked=1%22%3E", width=390)
    see(page, "There is no submission at this address.")
    assert page.evaluate("window.hacked") is None
    page.get_by_role("button", name="Submit a file").click()
    see(page, "Predictions file")
    expect(page.locator("pre")).to_contain_text('"qa_type": "stg"')
    assert loaded(page, "StreamlitMarkdown")
    assert not loaded(page, "SyntaxHighlighter")  # 1.5 MB that are not needed
    choose(page, site.samples / "sample_flawed.json")
    form = page.get_by_test_id("stForm").bounding_box()
    table = page.get_by_role("table").bounding_box()
    assert form is not None
    assert table is not None
    assert table["y"] > form["y"] + form["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    see(page, re.compile(r"^Ready with \d+ warnings"))
    see(page, re.compile("37 answers have no “T seconds"))
    see(page, re.compile("look truncated"))
    see(page, re.compile("repeat verbatim"))
    # What affects most answers comes first, regardless of the task.
    page.get_by_text("Examples, by index in the file").first.click()
    see(page, re.compile(r"\[\d+\] stg, id "))

    fill(page, "TimeChat")
    page.get_by_text("About the model (optional)").click()
    field(page, "Model URL").fill("javascript:alert(1)")
    field(page, "Team").fill("Team Red")
    send(page)
    see(page, re.compile("Not submitted. Fix the problem below"))
    see(page, re.compile("must start with https://"))
    # The focus is at the problem, and a screen reader announces it.
    expect(field(page, "Model URL")).to_be_focused()
    expect(field(page, "Model URL")).to_have_attribute("aria-invalid", "true")
    described = field(page, "Model URL").get_attribute("aria-describedby") or ""
    told = page.locator("#" + described.split()[-1])
    expect(told).to_contain_text("must start with https://")
    assert field(page, "Team").input_value() == "Team Red"
    see(page, "sample_flawed.json")
    field(page, "Model URL").fill("https://example.org")
    name = json.loads((site.root / "leaderboard.json").read_text(encoding="utf-8"))[0]["model_name"]
    field(page, "Model name (required)").fill(name.swapcase().replace("o", "о"))
    send(page)
    see(page, re.compile(re.escape(f"A model named “{name}” is already on the Community board")))
    expect(field(page, "Model name (required)")).to_be_focused()
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    assert field(page, "Team").input_value() == "Team Red"
    assert len(site.jobs()) == before


def loaded(page: Page, script: str) -> bool:
    """Whether the page has requested this Streamlit script."""
    names = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    return any(script in name for name in names)


def test_a_browser_without_cookies_is_informed(site: Site, visit: Visitor, tmp_path: Path) -> None:
    page = visit()
    settled(page)
    page.context.clear_cookies()
    page.evaluate("Object.defineProperty(document, 'cookie', {get: () => '', set: () => true})")
    page.locator("input[type=file]").set_input_files(some(site, tmp_path))
    see(page, "your browser did not send the cookie")
    assert "AxiosError" not in page.content()
    assert page.get_by_role("table").count() == 0
