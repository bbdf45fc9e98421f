"""The admin page in a real browser: jobs, re-scoring, settings, health, the audit trail."""

import csv
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core import settings
from core.benchmark import METRIC_KEYS, SCORED_KEYS, SCORER_VERSION
from core.changes import submitting
from core.files.ids import new_id
from core.model.entries import Entry, Job, Submission
from core.model.published import published_state
from core.model.state import now
from core.runs.processes import is_alive
from core.runs.queue import Jobs
from core.runs.records import JobFiles, result_files
from core.settings import Settings
from core.store.lines import Line
from core.store.opened import open_store
from core.store.store import Store
from tests.browser.admin_visit import Admin, named, reader_sees, state
from tests.browser.browser_site import (
    Site,
    Visitor,
    put_benchmark,
    see,
    serve,
    settled,
)
from tests.core.job_world import SleepLauncher, wait_for

pytestmark = pytest.mark.browser

HELD, STALE, FAILED, OFFICIAL = "Held-VLM", "Stale-VLM", "Failed-VLM", "GPT-5.4"
GIVEN_UP = "Given-Up-VLM"


def submitted(root: Path, name: str) -> Submission:
    """A submission of part of the good sample, as the Submit page creates it."""
    sample = (root / "benchmark" / "sample_good.json").read_text(encoding="utf-8")
    data = json.dumps([{**one, "of": name} for one in json.loads(sample)[::20]]).encode()
    made = Submission(
        submission_id=new_id(), model_name=name, organization="Lab", created=now(),
        key_hash="0" * 64, predictions_sha256=hashlib.sha256(data).hexdigest(), records=313,
    )  # fmt: skip
    files = result_files(root, made.submission_id)
    files.folder.mkdir(parents=True)
    files.upload.write_bytes(gzip.compress(data))
    Store(root, published_state()).commit(submitting.submit(made, "participant"))
    return made


def prepare(folder: Path) -> Settings:
    """A long-running job, one that failed with a log, and an entry of an older scorer."""
    found = settings.load({}, {"MEDVIDBENCH_DATA_DIR": str(folder / "data")})
    root, files = found.root, JobFiles(found.root)
    put_benchmark(folder)
    failed = submitted(root, FAILED)
    job = Job(
        job_id=new_id(), kind="evaluation", submission_id=failed.submission_id, state="failed",
        created=now(), ended=now(), error="The file has no answers.",
    )  # fmt: skip
    files.create(job)
    files.log(job.job_id, "Reading the file", "Warning: no answers")
    given_up = submitted(root, GIVEN_UP)
    stale = submitted(root, STALE)
    entry = Entry(
        entry_id=stale.submission_id, model_name=STALE, organization="Lab",
        metrics=dict.fromkeys(METRIC_KEYS) | {"cvs_acc": 0.123}, scorer_version="0.9.0",
        predictions_sha256=stale.predictions_sha256,
    )  # fmt: skip
    store = Store(root, published_state())
    store.commit(submitting.add(stale.submission_id, entry))
    store.commit(submitting.release(given_up.submission_id, "No evaluation was started."))
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    found = prepare(folder)
    sleeper = SleepLauncher(found)
    jobs = Jobs(found, open_store(found), sleeper)
    held = jobs.enqueue("evaluation", submitted(found.root, HELD).submission_id)
    jobs.start_waiting()
    with serve(folder) as served:
        yield served
    sleeper.stop(JobFiles(found.root).fresh(held.job_id))


def job_of(site: Site, name: str) -> Job:
    """The evaluation of a model's submission."""
    (one,) = [s.submission_id for s in state(site).submissions.values() if s.model_name == name]
    (found,) = [j for j in JobFiles(site.root).all() if j.submission_id == one]
    return found


def pill(page: Page, state: str) -> None:
    page.get_by_role("radiogroup", name="State").get_by_text(state, exact=True).click()


def test_jobs_are_filtered_read_cancelled_and_run_again_and_a_given_up_submission_erased(
    visit: Visitor, site: Site
) -> None:
    me = Admin(visit("/admin?part=Submissions"))
    held, failed = job_of(site, HELD), job_of(site, FAILED)
    row, other = f"run_{held.job_id}", f"run_{failed.job_id}"
    assert held.process
    expect(me.row(other)).to_contain_text("The file has no answers.")
    settled(me.page)
    search = me.page.get_by_role("textbox", name="Search by name or id")
    search.fill("held-vlm")
    search.press("Enter")
    expect(me.row(other)).to_have_count(0)
    expect(me.row(row)).to_contain_text("Evaluation running")
    search.fill("")
    search.press("Enter")
    pill(me.page, "Failed")
    expect(me.row(row)).to_have_count(0)
    me.open(other, "Log")
    me.sees(failed.job_id, "The file has no answers.", "Warning: no answers")
    me.close()

    pill(me.page, "Running")
    expect(me.row(other)).to_have_count(0)
    me.open(row, "Cancel")
    me.sees("The upload is kept")
    me.confirm("Cancel the job", f"Cancelled the job of “{HELD}”. Run it again from its row.")
    assert job_of(site, HELD).state == "cancelled"
    assert not is_alive(held.process)
    assert state(site).submissions[held.submission_id].state == "released"
    expect(me.row(row)).to_have_count(0)
    pill(me.page, "Cancelled")
    me.open(row, "Run again")
    me.sees("cancelled, attempt 1", "queued, attempt 2")
    queued = f"The job of “{HELD}” is queued again. It can be cancelled from its row."
    me.confirm("Run again", queued)
    pill(me.page, "All")
    expect(me.row(row)).to_contain_text(re.compile("Evaluation (queued|running|completed)"))
    assert job_of(site, HELD).attempt == 2
    erase(me, site)
    me.part("Audit")
    for act in ("cancel job", "run job again"):
        expect(me.page.get_by_text(f"{act}: {HELD}", exact=True)).to_be_visible()


def erase(me: Admin, site: Site) -> None:
    """A submission that was given up, by its name."""
    (made,) = [s for s in state(site).submissions.values() if s.model_name == GIVEN_UP]
    me.open(f"run_{made.submission_id}", "Erase")
    me.sees(GIVEN_UP, "This cannot be undone.")
    me.fill("Model name", "another name")
    me.refused("Erase for good", "exactly as shown")
    assert result_files(site.root, made.submission_id).upload.exists()
    me.fill("Model name", GIVEN_UP)
    me.confirm("Erase for good", f"Erased the submission “{GIVEN_UP}”. This cannot be undone.")
    assert not result_files(site.root, made.submission_id).folder.exists()


def test_a_stale_entry_is_scored_again_compared_and_applied(visit: Visitor, site: Site) -> None:
    before = named(site, "community", STALE)
    me = Admin(visit("/admin?part=Re-scoring"))
    expect(me.row(f"stale_{before.entry_id}")).to_contain_text("Scored by version 0.9.0")
    me.page.get_by_role("button", name="Score 1 again").click()
    me.told("1 queued to be scored again. The boards are unchanged.")
    wait_for(lambda: job_of(site, STALE).state == "completed", "the scores")
    me.look_until(me.page.get_by_role("button", name="See before and after of 1"))
    assert named(site, "community", STALE) == before
    me.begin("See before and after of 1")
    me.sees(STALE, "Rank", "0.123", "0.9.0", SCORER_VERSION)
    me.confirm("Apply", f"New scores for “{STALE}”.")
    see(me.page, "No entry is stale.")
    after = named(site, "community", STALE)
    assert after.scorer_version == SCORER_VERSION
    assert None not in [after.metrics[key] for key in SCORED_KEYS]


def test_settings_reach_the_pages_and_are_undone(visit: Visitor, site: Site) -> None:
    me, reader = Admin(visit("/admin?part=Settings")), visit("/submit")
    changed, unset = "Changed the settings.", state(site).policy
    me.row("change_General").get_by_role("button").click()
    me.looked()
    me.dialog.get_by_text("Accept submissions").click()
    me.fill("Message while closed", "Back on Monday.")
    me.fill("Announcement", "The challenge begins.")
    me.review("yes", "no", "Back on Monday.", "The challenge begins.")
    assert state(site).policy == unset
    me.confirm("Save", changed)
    reader_sees(reader, "Submissions are closed.", "Back on Monday.")
    expect(reader.get_by_role("button", name="Submit and evaluate")).to_have_count(0)
    bar = reader.get_by_test_id("stTopNavLinkContainer")
    bar.get_by_role("link", name="Leaderboard").click()
    see(reader, "The challenge begins.")
    me.undo(changed)
    bar.get_by_role("link", name="Submit", exact=True).click()
    see(reader, "Submit and evaluate")
    assert state(site).policy == unset

    me.row("change_Quotas").get_by_role("button").click()
    me.dialog.get_by_role("spinbutton", name="Tries per day").fill("-3")
    me.refused("Review the change", "A day: expected 0 (no limit) to 10000, got -3.")
    me.dialog.get_by_role("spinbutton", name="Tries per day").fill("7")
    me.dialog.get_by_role("spinbutton", name="Tries per month").fill("50")
    me.review("Tries per day", "7", "Tries per month", "50")
    me.leave()
    me.row("change_Coverage").get_by_role("button").click()
    coverage = me.dialog.get_by_role("spinbutton", name="Minimum coverage of a metric")
    coverage.fill("95")
    me.refused("Review the change", "Coverage: expected 0 to 1, got 95.")
    expect(coverage).to_have_value("95.00")
    coverage.fill("0.5")
    me.dialog.get_by_text("Metrics below the minimum do not count").click()
    me.review("0.95", "0.5")
    me.leave()
    assert state(site).policy == unset
    tracks(me, reader, site)


def tracks(me: Admin, reader: Page, site: Site) -> None:
    """Add one, after wrong dates, and look at the dialogs that change and remove it."""
    me.begin("Add a track")
    me.refused("Review the change", "A track needs a name.")
    me.fill("Name", "Challenge")
    me.day("Opens", "2026-02-01")
    me.day("Closes", "2026-01-01")
    me.refused("Review the change", "it closes before it opens")
    me.day("Closes", "2999-01-01")
    me.pick("Required fields", "Team")
    me.review("Challenge", "2999-01-01", "Team")
    me.confirm("Save", "Saved the track “Challenge”.")
    (track,) = state(site).policy.tracks
    assert (track.opens, track.closes, track.required) == ("2026-02-01", "2999-01-01", ("team",))
    reader.reload()
    expect(reader.get_by_role("combobox", name="Track")).to_be_visible()
    me.open("track_Challenge", "Edit")
    me.sees("Required fields")
    me.leave()
    me.open("track_Challenge", "Remove")
    me.confirm("Remove", "Removed the track “Challenge”.")
    assert state(site).policy.tracks == ()


def test_health_and_the_audit_trail_with_its_filter_downloads_and_undo(
    visit: Visitor, site: Site
) -> None:
    me = Admin(visit("/admin?part=Health"))
    for told in ("No mirror is set up", "Job queue", "of 2", "Disk", "Versions", str(site.root)):
        see(me.page, told)
    me.page.get_by_role("button", name="Refresh").click()
    me.part("Official board")
    me.search(OFFICIAL)
    entry = named(site, "official", OFFICIAL)
    me.open(f"row_{entry.entry_id}", "Hide")
    me.confirm("Hide", f"Hid “{OFFICIAL}”.")
    change = steps(site)[-1].id
    me.page.get_by_role("button", name="Dismiss").click()
    expect(me.bar(f"Hid “{OFFICIAL}”.")).to_have_count(0)

    me.part("Audit")
    search = me.page.get_by_role("textbox", name="Search", exact=True)
    search.fill("nothing like it")
    search.press("Enter")
    see(me.page, re.compile("^0 of "))
    search.fill(OFFICIAL)
    search.press("Enter")
    me.pick("Kind", "Hidden")
    see(me.page, re.compile("^1 of "))
    table = list(csv.DictReader(download(me.page, "CSV").decode("utf-8-sig").splitlines()))
    assert [(row["kind"], row["subject"]) for row in table] == [("hide", OFFICIAL)]
    (record,) = json.loads(download(me.page, "JSON"))
    assert (record["change_id"], record["actor"]) == (change, "admin")
    me.open(f"audit_{change}", "Details")
    me.sees(OFFICIAL, "hidden", "yes")
    me.close()
    me.open(f"audit_{change}", "Undo")
    me.confirm("Undo it", f"Undone: Hidden: {OFFICIAL}")
    expect(me.row(f"audit_{change}")).to_contain_text("undone")
    assert named(site, "official", OFFICIAL) == entry
    assert steps(site)[-1].act["of"] == change


def steps(site: Site) -> list[Line]:
    return Store(site.root, published_state()).lines()


def download(page: Page, name: str) -> bytes:
    settled(page)  # a redrawn page has a different button
    with page.expect_download() as found:
        page.get_by_test_id("stDownloadButton").filter(has_text=name).get_by_role("button").click()
    return found.value.path().read_bytes()
