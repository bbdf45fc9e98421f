"""The record of a job: what is refused, and what is corrected by the boards."""

from pathlib import Path

import msgspec
import pytest

from core.changes import submitting
from core.errors import JobError
from core.model.entries import Job
from core.runs.attempt import StoppedError, SupersededError
from core.runs.end import complete_landed, end_unfinished, fail_refused, why_refused
from core.runs.evaluation.run import Evaluation
from core.runs.records import JobFiles
from core.usecases.job_view import job_view
from core.usecases.services import Services
from tests.core.services_world import world
from tests.core.store_world import entry, submission


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return world(tmp_path)


@pytest.fixture
def job(services: Services) -> Job:
    services.store.commit(submitting.submit(submission(1), "participant"))
    return services.jobs.enqueue("evaluation", "submission-1")


def test_a_record_that_is_missing_or_damaged_is_told(services: Services, job: Job) -> None:
    files = JobFiles(services.settings.root)
    with pytest.raises(JobError, match="There is no job no-such-job"):
        files.change("no-such-job", lambda found: found)
    (files.of(job.job_id) / "job.json").write_text("{")
    with pytest.raises(JobError, match="has no readable record"):
        files.fresh(job.job_id)


def test_an_ended_job_is_completed_if_its_result_landed_and_only_then(
    services: Services, job: Job
) -> None:
    files, store = JobFiles(services.settings.root), services.store
    assert complete_landed(files, store, job).state == "queued"  # it has not ended
    failed = end_unfinished(files, store, job, "failed", "The disk is full.")
    assert complete_landed(files, store, failed).state == "failed"  # nothing landed
    store.commit(submitting.reopen("submission-1", "participant"))
    store.commit(submitting.add("submission-1", entry(1, entry_id="submission-1")))
    completed = complete_landed(files, store, failed)
    assert completed.state == "completed"
    assert complete_landed(files, store, completed).state == "completed"


def test_a_job_whose_name_went_to_another_machine_fails_with_the_reason(
    services: Services, job: Job
) -> None:
    files, store = JobFiles(services.settings.root), services.store
    assert why_refused(store, job) == ""
    assert fail_refused(files, store, job).state == "queued"
    store.commit(submitting.release("submission-1", "Another machine was first."))
    assert fail_refused(files, store, job).error == "Another machine was first."
    rescore = msgspec.structs.replace(job, kind="rescore")
    assert why_refused(store, rescore) == ""


def test_a_process_says_what_is_missing_and_stops_when_asked_or_superseded(
    services: Services, job: Job
) -> None:
    settings, store = services.settings, services.store
    files = JobFiles(settings.root)
    process = Evaluation(settings, store, job.job_id)
    assert files.fresh(job.job_id).state == "running"  # claimed
    settings.truth_path.unlink()
    with pytest.raises(JobError, match="The ground truth is missing"):
        process._evaluate()
    files.change(job.job_id, lambda one: msgspec.structs.replace(one, cancel_requested=True))
    with pytest.raises(StoppedError):
        process._say_on_record(lambda one: one, 0.5)
    files.change(job.job_id, lambda one: msgspec.structs.replace(one, process=None))
    with pytest.raises(SupersededError):
        process._say_on_record(lambda one: one, 0.7)
    assert files.fresh(job.job_id).progress == 0.5


def test_a_job_of_a_submission_that_did_not_come_along_is_refused_and_has_no_page(
    services: Services, job: Job
) -> None:
    assert job_view(services, job.job_id, None) is not None
    elsewhere = msgspec.structs.replace(job, submission_id="submission-2")
    JobFiles(services.settings.root).change(job.job_id, lambda _one: elsewhere)
    process = Evaluation(services.settings, services.store, job.job_id)
    with pytest.raises(JobError, match="The submission is unknown here"):
        process._submission()
    assert job_view(services, job.job_id, None) is None
    assert job_view(services, "no-such-job", None) is None
