"""Cross-site scripting in a real browser: every payload through every field, none runs.

The list is on both boards and in a job's name, reason and log before the server starts;
then it is typed into forms, uploaded, and put into addresses. A payload counts as harmless
if it is shown as text, created no element, and left nothing for the policy to block
(Visitor.leave); the policy alone would hide a hole.
"""

import json
import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from core.access.submission_keys import hash_key, make_key
from core.benchmark import METRICS
from core.changes import submitting
from core.files.ids import new_id
from core.model.entries import Declared, Job, Submission
from core.model.fields import TEXT_FIELDS
from core.model.published import published_state
from core.model.state import now
from core.runs.records import JobFiles
from core.store.store import Store
from tests.browser.admin_visit import Admin
from tests.browser.browser_site import (
    PATIENCE_MS,
    ROOT,
    Site,
    Visitor,
    load,
    see,
    select,
    serve,
    settled,
)
from tests.browser.hostile import plain, reads, told, unharmed
from tests.hostile_texts import PAYLOADS, stuffed

pytestmark = pytest.mark.browser

KEY = make_key()
JOB, SUBMISSION = new_id(), new_id()
PARAMETERS = ("sort", "columns", "metric", "job", "model", "id", "ids", "track", "tab", "key", "x")
QUERY = "&".join(
    f"{name}={quote(text)}" for name, text in zip(cycle(PARAMETERS), PAYLOADS, strict=False)
)


def hostile_row(number: int, payload: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "model_name": f"N{number} {payload}",
        "organization": f"T{number} {payload}",
        "model_url": payload,
        "contact": payload,
        "date": payload,
        "verified_date": payload,
        "status": payload,
        "scorer_version": payload,
        "declared": {"team": payload, "authors": payload, "code_url": payload},
        payload: payload,
    }
    return {**row, **{metric.key: metric.high - number / 1000 for metric in METRICS}}


def prepare(root: Path) -> None:
    """Both boards in the older application's form, and a failed job with a hostile record."""
    root.mkdir(parents=True)
    rows = [hostile_row(number, payload) for number, payload in enumerate(PAYLOADS)]
    for name in ("leaderboard.json", "official_leaderboard.json"):
        (root / name).write_text(json.dumps(rows), encoding="utf-8")
    text = " ".join(PAYLOADS)
    submission = Submission(
        submission_id=SUBMISSION,
        model_name=text,
        organization=text,
        created=now(),
        key_hash=hash_key(KEY),
        predictions_sha256="0" * 64,
        records=6245,
        evaluate_only=True,
        model_url=PAYLOADS[0],
        declared=Declared(team=text, authors=text),
    )
    store = Store(root, published_state())
    store.commit(submitting.submit(submission, "test"))
    store.commit(submitting.release(SUBMISSION, text))
    files = JobFiles(root)
    files.create(
        Job(
            job_id=JOB,
            kind="evaluation",
            submission_id=SUBMISSION,
            state="failed",
            created=now(),
            ended=now(),
            error=text,
        )
    )
    tenth = len(PAYLOADS) // 10 + 1
    # Lines with this prefix are shown even after a failure.
    lines = (" ".join(PAYLOADS[at : at + tenth]) for at in range(0, 100, tenth))
    files.log(JOB, *(f"Warning: {line}" for line in lines))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("hostile")
    prepare(folder / "data" / "demo")
    with serve(folder) as found:
        yield found


def test_there_are_at_least_sixty_payloads() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60


@pytest.mark.parametrize("board", ["Official", "Community"])
def test_on_the_boards_every_payload_is_text(visit: Visitor, board: str) -> None:
    page = visit(f"/?board={board}&{QUERY}")
    rows = page.locator(".mvb tbody th")
    hostile = rows.filter(has_text=re.compile(r"^N\d"))
    expect(hostile).to_have_count(len(PAYLOADS), timeout=PATIENCE_MS)
    names = hostile.evaluate_all("all => all.map(th => th.querySelector('.nm').textContent)")
    assert {plain(name) for name in names} == {
        plain(f"N{number} {payload}") for number, payload in enumerate(PAYLOADS)
    }
    teams = [plain(f"T{number} {payload}") for number, payload in enumerate(PAYLOADS)]
    reads(page, teams[-1])
    shown = told(page)
    assert [team for team in teams if team not in shown] == []
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible(timeout=PATIENCE_MS)
    page.locator(".mvb tbody th").first.hover()
    unharmed(page)
    page.get_by_role("button", name="Download or cite").click()
    box = page.get_by_role("combobox", name="Model", exact=True)
    select(box, re.compile(r"^N\d"))
    expect(box).to_have_value(re.compile(r"^N\d"))
    unharmed(page)


def test_in_a_job_s_name_reason_and_log_every_payload_is_text(visit: Visitor) -> None:
    page = visit(f"/submit?job={JOB}")
    assert "window.hacked" not in page.content()  # other visitors see none of it
    page.get_by_text("I have the submission key").click()
    page.get_by_role("textbox", name="Submission key").fill(KEY)
    page.get_by_role("button", name="Open").click()
    see(page, "Reason")
    log = page.get_by_test_id("stCode")
    expect(log).to_contain_text(PAYLOADS[-1], timeout=PATIENCE_MS)
    shown = told(page)
    for payload in PAYLOADS:
        assert shown.count(plain(payload)) >= 3, payload
    unharmed(page)


def upload(page: Page, site: Site) -> None:
    """Part of the good sample under a hostile name, with payloads for questions and answers."""
    records = json.loads((site.samples / "sample_good.json").read_text(encoding="utf-8"))[::20]
    for record, payload in zip(records, cycle(PAYLOADS), strict=False):
        record["question"] = payload
        if record["qa_type"] in ("stg", "tal", "skill_assessment", "cvs_assessment"):
            record["prediction"] = payload
        record[payload] = payload
    choose(page, f"{PAYLOADS[15].replace('/', ' ')}.json", records)


def choose(page: Page, name: str, records: list[Any]) -> None:
    file = {"name": name, "mimeType": "text/html", "buffer": json.dumps(records).encode()}
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files([file])  # type: ignore[list-item]


def test_typed_and_uploaded_payloads_are_refused_or_kept_as_text(
    site: Site, visit: Visitor
) -> None:
    page = visit()
    wrong = [{"id": one, "qa_type": one, "prediction": one} for one in PAYLOADS]
    choose(page, f"{PAYLOADS[28].replace('/', ' ')}.json", wrong)
    see(page, re.compile(f"{len(PAYLOADS)} records"))
    unharmed(page)
    upload(page, site)
    expect(page.get_by_role("table")).to_be_visible(timeout=PATIENCE_MS)
    settled(page)  # what is drawn again moves away from under a click
    for closed in page.locator("summary", has_text="Examples, by index in the file").all():
        closed.click()
        expect(closed.locator("xpath=..")).to_have_attribute("open", "")
    see(page, re.compile("window.hacked"))
    unharmed(page)
    page.get_by_text("About the model (optional)").click()
    payloads = cycle(PAYLOADS)
    for field in TEXT_FIELDS:
        name = field.question or field.label
        label = f"{name} (required)" if field.required else name
        text = f"M1 {stuffed(field.limit - 3, payloads)}" if not field.link else "x"
        page.get_by_role("textbox", name=label, exact=True).fill(text)
    page.get_by_role("textbox", name="Model URL", exact=True).fill("javascript:window.hacked=1")
    page.get_by_role("textbox", name="Code link", exact=True).fill("data:text/html,x")
    page.get_by_role("button", name="Submit and evaluate").click()
    see(page, re.compile("Not submitted. Fix the 3 problems"))
    beside = page.get_by_test_id("stText").filter(has_text="must start with https:// or http://.")
    expect(beside).to_have_count(2)
    unharmed(page)
    for label in ("Model URL", "Code link"):
        page.get_by_role("textbox", name=label, exact=True).fill("https://example.org/x?a=1")
    page.get_by_text("I have read the terms of submission.").click()
    name = page.get_by_role("textbox", name="Model name (required)").input_value()
    page.get_by_role("button", name="Submit and evaluate").click()
    see(page, re.compile("on the Community board"))
    reads(page, name)
    unharmed(page)


def pages() -> list[str]:
    """Every page except the board, which is visited with the same parameters above."""
    names = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
    return [f"/{name}" for name in names if name != "leaderboard"]


def test_in_addresses_payloads_do_nothing(site: Site, visit: Visitor) -> None:
    page = visit("/?board=Official")
    for address in pages():
        page.goto(f"{site.url}{address}?{QUERY}#{quote(PAYLOADS[0])}")
        expect(page.locator("h1")).to_be_visible()
        page.wait_for_load_state("networkidle")
        unharmed(page, own_formulas=address == "/about")
        assert page.evaluate("window.hacked") is None
        assert told(page)  # the page is shown, not an error
        expect(page.get_by_test_id("stException")).to_have_count(0)


def test_on_the_pages_of_models_payloads_are_text(site: Site, visit: Visitor) -> None:
    entries = Store(site.root, published_state()).read().community
    hostile = [entry for entry in entries if entry.model_name.startswith("N")]
    groups = (hostile[:4], hostile[4:8])
    compared = [f"/compare?ids={','.join(one.entry_id for one in group)}" for group in groups]
    page = visit(compared[0])
    for address, some in zip(compared, groups, strict=True):
        if address != compared[0]:
            load(page, site.url + address)
        expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(3, timeout=PATIENCE_MS)
        reads(page, *(entry.model_name for entry in some))
        unharmed(page)
    for entry in hostile[:3]:
        load(page, f"{site.url}/model?id={entry.entry_id}")
        expect(page.locator("h1")).to_have_text(entry.model_name, timeout=PATIENCE_MS)
        see(page, "Report a problem with this entry")
        unharmed(page)


def test_a_hostile_search_is_text(visit: Visitor) -> None:
    payload = f"{PAYLOADS[15]} {PAYLOADS[1]}"
    page = visit(f"/?search={quote(payload)}")
    see(page, "No model or team on this board matches")
    field = page.get_by_role("textbox", name="Search by name or team")
    expect(field).to_have_value(payload, timeout=PATIENCE_MS)
    unharmed(page)
    field.fill("<img src=x")
    expect(page.locator(".mvb .cap")).to_contain_text("for “<img src=x”", timeout=PATIENCE_MS)
    unharmed(page)


def test_the_admin_sees_payloads_as_text(visit: Visitor) -> None:
    me = Admin(visit(f"/admin?part=Community&{QUERY}"))
    see(me.page, re.compile(r"^N\d+ "))
    unharmed(me.page)
    for tab, shown in (("Submissions", "Failed"), ("Audit", "Kind"), ("Settings", "Quotas")):
        me.part(tab)
        see(me.page, shown)
        unharmed(me.page)
        assert me.page.evaluate("window.hacked") is None
