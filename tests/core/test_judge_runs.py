"""Who may start, cancel and resume a judge run, and of what; and jobs that no cluster has."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.access.submission_keys import hash_key
from core.changes import submitting
from core.cluster import worker
from core.cluster.launcher import DaskLauncher
from core.errors import JobError, RefusedError
from core.model.entries import Job, JudgeProgress
from core.runs.launcher import LocalLauncher
from core.runs.records import JobFiles, result_files
from core.usecases import judge_runs
from core.usecases.judge_view import judge_view, plan_of, usual_rate
from core.usecases.services import Services
from tests.core.services_world import world
from tests.core.store_world import entry, submission

KEY = "mvb-mine"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """One model with a key, whose upload is not kept."""
    found = world(tmp_path, judge_key="key")
    made = submission(1, key_hash=hash_key(KEY))
    found.store.commit(submitting.submit(made, "participant"))
    found.store.commit(submitting.add("submission-1", entry(1, entry_id="submission-1")))
    return found


def test_a_run_needs_the_key_a_model_and_its_upload(services: Services) -> None:
    for act in (judge_runs.start, judge_runs.cancel, judge_runs.resume):
        with pytest.raises(RefusedError, match="no such model on the boards"):
            act(services, "no-such-entry", KEY)
        with pytest.raises(RefusedError, match="not the submission key"):
            act(services, "submission-1", "mvb-other")
    with pytest.raises(RefusedError, match="Only an admin"):
        judge_runs.start_as_admin(services, "submission-1", "owner")
    with pytest.raises(RefusedError, match="no such model on the boards"):
        judge_runs.start_as_admin(services, "no-such-entry")
    for act in (judge_runs.start, judge_runs.resume):
        with pytest.raises(RefusedError, match="predictions are not kept"):
            act(services, "submission-1", KEY)
    with pytest.raises(JobError, match="There is no judge run of this model"):
        judge_runs.cancel(services, "submission-1", KEY)
    view = judge_view(services, "submission-1", KEY)
    assert view is not None
    assert plan_of(services, view) == judge_runs.NO_UPLOAD


def test_a_model_from_another_board_has_no_upload_here(services: Services) -> None:
    odd = entry(2, entry_id="Old Model ../x")
    assert judge_runs.files_of(services, odd) is None
    assert judge_runs.refusal(services, odd, "admin") == judge_runs.NO_UPLOAD


def test_a_kept_upload_can_be_judged(services: Services) -> None:
    files = result_files(services.settings.root, "submission-1")
    files.folder.mkdir(parents=True)
    files.upload.write_bytes(b"x")
    job = judge_runs.start(services, "submission-1", KEY)
    assert (job.kind, job.state) == ("judge", "queued")
    with pytest.raises(RefusedError, match=r"in progress"):
        judge_runs.start(services, "submission-1", KEY)
    assert judge_runs.cancel(services, "submission-1", KEY).state == "cancelled"


def test_jobs_of_this_machine_are_not_asked_of_the_cluster(services: Services) -> None:
    services.store.commit(submitting.submit(submission(3), "participant"))
    job = services.jobs.enqueue("evaluation", "submission-3")
    settings = replace(services.settings, scheduler="tcp://127.0.0.1:9")
    local = LocalLauncher(settings)
    launcher = DaskLauncher(settings, local)
    assert job.task is None
    assert launcher.alive(job) == local.alive(job)
    launcher.stop(job)
    assert launcher.why_gone(job) == local.why_gone(job)


def test_the_usual_rate_is_of_the_last_completed_run_that_made_calls(services: Services) -> None:
    services.jobs.enqueue("evaluation", "submission-1")
    assert usual_rate(services) is None
    for number, rate in enumerate((2.0, 4.0, 0.0)):
        job = Job(
            job_id=f"job-{number:018}",
            kind="judge",
            submission_id="submission-1",
            state="completed",
            created=f"2026-11-2{number}T12:00:00Z",
            judged=JudgeProgress(done=1, total=1, rate=rate, cost_usd=0),
        )
        JobFiles(services.settings.root).create(job)
    assert usual_rate(services) == 4.0


def test_a_worker_ends_only_its_own_tasks() -> None:
    worker.end("abcdefghijklmnopqrstuv-1")
    assert worker._running == {}
