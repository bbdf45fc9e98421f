"""A job through the repo to a worker with a separate folder, and its result back; twice."""

from pathlib import Path

import msgspec
import pytest

from core.benchmark import JUDGE_KEYS
from core.changes import judging, submitting
from core.cluster import task
from core.cluster.worker import NOT_SENT
from core.model.entries import Job, Judgement
from core.runs.end import completed, end_unfinished, ended
from core.runs.launcher import task_of
from core.runs.records import JobFiles
from tests.core.store_world import entry
from tests.hub.emulator import Emulator
from tests.hub.emulator_repo import Repo
from tests.hub.mirror_world import Machine, Make

pytestmark = pytest.mark.slow

UPLOAD = "results/submission-1/input.json.gz"
OUTPUT = "results/submission-1/eval_output.txt"


@pytest.fixture
def server_s(server: Emulator, repo: Repo, tmp_path: Path) -> Machine:
    return Machine(tmp_path / "server", server.url, scheduler="tcp://127.0.0.1:9")


@pytest.fixture
def worker_s(server: Emulator, repo: Repo, tmp_path: Path) -> Machine:
    return Machine(tmp_path / "worker", server.url)


def started(machine: Machine, job: Job) -> Job:
    """The record after the cluster has been asked."""
    return JobFiles(machine.root).change(
        job.job_id, lambda found: msgspec.structs.replace(found, state="running", task=task_of(job))
    )


def test_a_job_that_lost_its_name_to_another_machine_says_so(make: Make) -> None:
    """Both machines had scored and published it in their own folders before they synced."""
    one, two = make("one"), make("two")
    lost, queued = [], []
    for machine, number, names in ((one, 1, lost), (two, 2, lost), (two, 3, queued)):
        name = "Falcon" if names is lost else "Eagle"
        machine.submit(number, model_name=name)
        job = machine.jobs().enqueue("evaluation", f"submission-{number}")
        if names is lost:
            machine.add(number, model_name=name)
            JobFiles(machine.root).change(job.job_id, completed)
        names.append(job)
    one.publish(4, name="Eagle")
    for machine in (one, two, one):
        machine.mirror.sync(force=True)
        machine.jobs().recover()
        machine.jobs().recover()
    assert one.names() == two.names() == ["Eagle", "Falcon"]
    won = JobFiles(one.root).fresh(lost[0].job_id)
    assert (won.state, won.error) == ("completed", None)
    for job in (lost[1], queued[0]):
        found = JobFiles(two.root).fresh(job.job_id)
        assert found.state == "failed"
        assert "Another machine was first" in (found.error or "")
        assert [step.ended for step in found.steps if step.name in ("published", "done")] == [
            None,
            None,
        ]
        assert "Another machine was first" in JobFiles(two.root).log_tail(job.job_id, 9)


def test_a_job_that_lost_its_judge_run_to_another_machine_says_so(make: Make) -> None:
    one, two = make("one"), make("two")
    one.submit(1, model_name="Falcon")
    one.add(1, model_name="Falcon", submission_id="submission-1")
    for machine in (one, two):
        machine.mirror.sync(force=True)
    jobs = []
    for machine in (one, two):
        job = machine.jobs().enqueue("judge", "submission-1")
        run = Judgement(run_id=job.job_id, date="2026-01-01", model="m",
                        metrics=dict.fromkeys(JUDGE_KEYS, 3.0))  # fmt: skip
        found = machine.store.read().by_upload("submission-1")
        assert found is not None
        sha = found[1].predictions_sha256 or "0" * 64
        machine.store.commit(judging.publish("submission-1", run, sha, "0" * 64))
        JobFiles(machine.root).change(job.job_id, completed)
        jobs.append(job)
    for machine in (one, two):
        machine.mirror.sync(force=True)
        machine.jobs().recover()
    assert JobFiles(one.root).fresh(jobs[0].job_id).state == "completed"
    told = JobFiles(two.root).fresh(jobs[1].job_id)
    assert told.state == "failed"
    assert "Another judge run of this model has started" in (told.error or "")


def test_a_job_is_sent_and_returned_twice(
    server_s: Machine, worker_s: Machine, repo: Repo, server: Emulator, tmp_path: Path
) -> None:
    jobs, here, there = (
        server_s.jobs(),
        JobFiles(server_s.root),
        JobFiles(worker_s.root),
    )
    server_s.write(UPLOAD, b"upload")
    server_s.submit(1)
    job = jobs.enqueue("evaluation", "submission-1")
    assert not worker_s.mirror.take_job(job.job_id, 1)  # nothing was sent yet
    assert not any("task.json" in line for line in server.lines)
    server_s.mirror.sync()
    running = started(server_s, job)
    assert not worker_s.mirror.take_job(job.job_id, 2)
    assert worker_s.mirror.take_job(job.job_id, 1)
    assert there.read(job.job_id) == job
    assert (worker_s.root / UPLOAD).read_bytes() == b"upload"
    head = repo.head
    assert worker_s.mirror.send()
    assert repo.head == head  # downloaded files are not sent back

    worker_s.write(OUTPUT, b"first")
    end_unfinished(there, worker_s.store, job, "failed", "The file is empty.")
    assert worker_s.mirror.send()
    assert here.read(job.job_id) == running
    server_s.mirror.sync(force=True)
    found = here.read(job.job_id)
    assert found is not None
    assert (found.state, found.error) == ("failed", "The file is empty.")
    assert (server_s.root / OUTPUT).read_bytes() == b"first"
    assert here.log_tail(job.job_id, 1) == "Failed: The file is empty."
    assert server_s.store.read().submissions["submission-1"].state == "released"

    again = started(server_s, jobs.rerun(job.job_id))
    server_s.mirror.sync(force=True)
    assert here.read(job.job_id) == again  # the first attempt's end is not that of this one
    assert worker_s.mirror.take_job(job.job_id, 2)
    worker_s.write(OUTPUT, b"second, longer")
    worker_s.store.commit(submitting.add("submission-1", entry(1)))
    there.change(job.job_id, completed)
    assert worker_s.mirror.send()
    server_s.mirror.sync(force=True)
    found = here.read(job.job_id)
    assert found is not None
    assert (found.state, found.attempt) == ("completed", 2)
    assert (server_s.root / OUTPUT).read_bytes() == b"second, longer"
    assert server_s.names() == ["Model 1"]

    # Requested again, by a server that forgot: it has ended, and nothing is repeated.
    other = Machine(tmp_path / "other", server.url)
    assert other.mirror.take_job(job.job_id, 2)
    assert JobFiles(other.root).read(job.job_id) == found
    replica = Machine(tmp_path / "replica", server.url)
    replica.mirror.pull()
    assert f"jobs/{job.job_id}/task.json" in repo.head.files
    assert not (replica.root / f"jobs/{job.job_id}/task.json").exists()
    for machine in (server_s, replica):
        assert machine.mirror.verify() == []


@pytest.mark.parametrize("meanwhile", ["nothing", "interrupted", "run again"])
def test_a_result_that_could_not_be_sent_is_sent_later_and_counts_at_most_once(
    server_s: Machine,
    worker_s: Machine,
    server: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: str,
) -> None:
    monkeypatch.setattr(task, "_SEND_PAUSE_S", 0.001)  # otherwise it would wait two minutes
    jobs, here, there = (
        server_s.jobs(),
        JobFiles(server_s.root),
        JobFiles(worker_s.root),
    )
    server_s.write(UPLOAD, b"upload")
    server_s.submit(1)
    job = jobs.enqueue("evaluation", "submission-1")
    server_s.mirror.sync()
    running = started(server_s, job)
    assert worker_s.mirror.take_job(job.job_id, 1)
    worker_s.write(OUTPUT, b"first")
    worker_s.store.commit(submitting.add("submission-1", entry(1)))
    there.change(job.job_id, completed)

    server.fault("/commit/", status=503, times=-1)
    assert task.send(worker_s.settings, worker_s.store, 0) == NOT_SENT
    server.heal()
    server_s.mirror.sync(force=True)
    assert here.read(job.job_id) == running
    if meanwhile != "nothing":
        end_unfinished(here, server_s.store, running, "interrupted", "It could not be sent.")
        server_s.mirror.sync(force=True)
    if meanwhile == "run again":
        running = started(server_s, jobs.rerun(job.job_id))
        server_s.mirror.sync(force=True)

    assert task.send(worker_s.settings, worker_s.store, 0) == 0  # with the worker's next job
    server_s.mirror.sync(force=True)
    found = here.read(job.job_id)
    assert found is not None
    assert (found.state, server_s.names()) == {
        "nothing": ("completed", ["Model 1"]),
        "interrupted": ("interrupted", []),  # its name was released: refused
        "run again": ("running", ["Model 1"]),
    }[meanwhile]
    if meanwhile == "run again":  # ends with the same row
        server_s.store.commit(submitting.add("submission-1", entry(1)))
        here.change(job.job_id, completed)
    assert server_s.mirror.sync(force=True)
    worker_s.mirror.sync(force=True)
    assert server_s.names() == worker_s.names()
    assert server_s.names().count("Model 1") == (meanwhile != "interrupted")


def test_a_record_that_is_none_or_of_another_submission_ends_nothing(
    server_s: Machine, worker_s: Machine, repo: Repo
) -> None:
    jobs, here = server_s.jobs(), JobFiles(server_s.root)
    server_s.write(UPLOAD, b"upload")
    server_s.submit(1)
    running = started(server_s, jobs.enqueue("evaluation", "submission-1"))
    server_s.mirror.sync()
    wrong = ended(running, "failed", "x")
    wrong = msgspec.structs.replace(wrong, submission_id="submission-2")
    for data in (b"{", b'{"schema": 99}', msgspec.json.encode(wrong)):
        worker_s.write(f"jobs/{running.job_id}/job.json", data)
        head = repo.head.id
        worker_s.mirror.hub.commit(
            {f"jobs/{running.job_id}/job.json": data}, parent=head, message="m"
        )
        server_s.mirror.sync(force=True)
        assert here.read(running.job_id) == running
