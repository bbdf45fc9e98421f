"""How long uploads without a result are kept."""

import json
import os
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.changes import placing, submitting
from core.errors import JobError, RefusedError
from core.files.ids import new_id
from core.model.fields import FILE_FIELD, Form
from core.model.state import made_state
from core.runs.records import JobFiles, result_files
from core.runs.uploads import free_space
from core.runs.uploads.retention import expired
from core.usecases import own_jobs, submit
from core.usecases.job_view import job_view
from core.usecases.services import Services, services_with
from core.usecases.submit import CheckedFile, Sender
from core.web.supervisor import Supervisor
from tests.core.services_world import world
from tests.core.store_world import entry, submission

pytestmark = pytest.mark.slow

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
FILE = CheckedFile(
    json.dumps([{"id": "a", "qa_type": "tal", "prediction": "1-2"}] * 120).encode(), True, 120
)


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return world(tmp_path)


def ago(**by: float) -> str:
    return (NOW - timedelta(**by)).isoformat().replace("+00:00", "Z")


def uploads(services: Services) -> set[str]:
    return {path.parent.name for path in services.settings.root.glob("results/*/input.json.gz")}


def sent(services: Services, name: str, who: str | None = "browser-a") -> submit.Receipt:
    form = Form(model_name=name, organization="Lab", terms=True)
    return submit.submit(services, form, FILE, Sender(submitter=who))


def test_released_uploads_are_kept_for_a_week_and_three_of_each_submitter() -> None:
    made = [
        submission("open", created=ago(days=30)),
        submission("published", created=ago(days=30), state="published"),
        submission("evaluated", created=ago(days=30), state="evaluated"),
        submission("old", created=ago(days=7, minutes=1), state="released"),
        submission("new", created=ago(days=6, hours=23), state="released"),
        submission("again", created=ago(days=30), opened=ago(days=1), state="released"),
        *(
            submission(f"mine-{n}", created=ago(hours=n), submitter="browser-a", state="released")
            for n in range(1, 6)
        ),
        submission("other", created=ago(hours=9), submitter="browser-b", state="released"),
    ]
    state = made_state(submissions={one.submission_id: one for one in made})
    gone = {f"submission-{name}" for name in ("evaluated", "old", "mine-4", "mine-5")}
    assert expired(state, NOW) == gone
    assert expired(state, NOW - timedelta(days=60)) == gone - {"submission-old"}


def test_endless_submitting_and_cancelling_does_not_fill_the_disk(services: Services) -> None:
    kept = sent(services, "Kept")
    receipts = []
    for number in range(8):
        receipts.append(sent(services, f"Model {number}"))
        folder = result_files(services.settings.root, receipts[-1].submission_id).folder
        (folder / "check-killed").mkdir()  # as left by a killed check
        own_jobs.cancel(services, receipts[-1].job_id, receipts[-1].key)
    sent(services, "Last")
    assert len(list(services.settings.root.glob("results/*/check-*"))) == 3  # next to those kept
    assert {kept.submission_id, receipts[-1].submission_id} <= uploads(services)
    assert len(uploads(services)) == 5  # two waiting, the newest three cancelled
    assert receipts[-1].key
    own_jobs.run_again(services, receipts[-1].job_id, receipts[-1].key)
    first = receipts[0]
    view = job_view(services, first.job_id, first.key)
    assert view is not None
    assert not view.kept
    with pytest.raises(JobError, match="no longer kept"):
        own_jobs.run_again(services, first.job_id, first.key)


def test_the_supervisor_removes_what_is_not_kept_and_what_a_crash_left(services: Services) -> None:
    root = services.settings.root
    old = submission("old", submission_id=new_id(), created="2026-01-01T00:00:00.000Z")
    used = submission("used", submission_id=new_id(), created="2026-01-01T00:00:00.000Z")
    for one in (old, used):
        services.store.commit(submitting.submit(one, "participant"))
    services.store.commit(submitting.release(old.submission_id, "Failed."))
    crashed, young, results, official = (new_id() for _ in range(4))
    by_hand = entry("by hand", 1, entry_id=official)  # it has no submission
    services.store.commit(placing.add_official(by_hand, "admin"))
    model = "A-model-of-23-letters__"  # a folder of the older application
    names = (old.submission_id, used.submission_id, crashed, young, results, official, model)
    for name in names:
        files = result_files(root, name)
        files.folder.mkdir(parents=True)
        files.upload.write_bytes(b"upload")
        if name in (results, model):
            files.log.write_text("what an evaluation wrote")
        if name != young:
            two_days_ago = time.time() - 2 * 86_400
            os.utime(files.folder, (two_days_ago, two_days_ago))
    assert len(model) == len(crashed)
    Supervisor(services)._tidy()
    assert uploads(services) == {used.submission_id, young, results, official, model}
    assert not (root / "results" / crashed).exists()
    assert JobFiles(root).all() == []


def test_submissions_close_before_the_disk_or_the_bound_is_full(services: Services) -> None:
    sent(services, "First")
    free = shutil.disk_usage(services.settings.root).free >> 20
    closed = {
        "disk is nearly full": replace(services.settings, min_free_mb=free + 10_000),
        "storage for uploads is full": replace(services.settings, max_kept_mb=0),
    }
    assert free_space.problem(services.settings, now=True) is None
    for why, settings in closed.items():
        told = free_space.problem(settings, now=True)
        assert told is not None
        assert why in told
        with pytest.raises(RefusedError) as refused:
            sent(services_with(settings, services.store), "Second")
        assert refused.value.problems == {FILE_FIELD: told}
    assert len(uploads(services)) == 1  # nothing refused is left
    sent(services, "Second")


def test_a_clock_that_was_ahead_keeps_no_upload_for_years() -> None:
    now = datetime.now(UTC)
    times = [now + timedelta(days=900), *(now - timedelta(days=n) for n in (5, 4, 3))]
    made = {
        f"submission-{n}": submission(n, created=time.isoformat(), submitter="me", state="released")
        for n, time in enumerate(times)
    }
    state = made_state(submissions=made)
    # It counts as sent at the time of the next one.
    assert expired(state, now) == {"submission-1"}
    assert expired(state, now + timedelta(days=5)) == set(made)
