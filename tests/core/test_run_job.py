"""One evaluation from the queue to the board, and everything that can go wrong."""

import gzip
import json
import os
import resource
import signal
import stat
from pathlib import Path

import msgspec
import psutil
import pytest

from core.benchmark import JUDGE_KEYS, SCORED_KEYS
from core.changes import importing, submitting
from core.model.entries import Job, rounded
from core.runs.end import STEPS, end_unfinished
from core.runs.launcher import LocalLauncher
from core.runs.processes import process_of
from core.runs.queue import Jobs
from core.runs.records import result_files
from tests.core.job_world import World, wait_for

pytestmark = pytest.mark.slow


def run(world: World, job: Job) -> Job:
    world.jobs.start_waiting()
    return world.finish(job)


def test_an_upload_becomes_an_entry(world: World) -> None:
    job = run(world, world.submit("Model A"))
    assert (job.state, job.error, job.progress) == ("completed", None, 1.0)
    assert [step.name for step in job.steps] == list(STEPS)
    times = [time for step in job.steps for time in (step.started, step.ended)]
    assert all(times)
    assert times == sorted(times, key=str)
    (entry,) = world.store.read().community
    assert (entry.model_name, entry.entry_id) == ("Model A", job.submission_id)
    assert {key: entry.metrics[key] for key in SCORED_KEYS} == {
        key: rounded(world.expected[key]) for key in SCORED_KEYS
    }
    assert [entry.metrics[key] for key in JUDGE_KEYS] == [None, None, None]
    assert entry.predictions_sha256 == world.submission(job).predictions_sha256
    assert set(entry.strict) == set(SCORED_KEYS)
    assert entry.coverage
    assert entry.scorer_version
    assert world.submission(job).state == "published"
    log = world.jobs.log_tail(job.job_id, 1000)
    assert "LEADERBOARD METRICS SUMMARY" in log
    assert log.endswith("Published.\nDone.")
    _are_readable_by_the_program_only(world, job)


def _are_readable_by_the_program_only(world: World, job: Job) -> None:
    results = world.jobs.results(job)
    for path in (results.log, results.errors, results.evaluation, results.samples):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    folder = world.files.of(job.job_id)
    assert stat.S_IMODE((folder / "log.txt").stat().st_mode) == 0o600
    assert not (folder / "reserve").exists()


def test_evaluate_only_scores_and_publishes_nothing(world: World) -> None:
    job = run(world, world.submit(evaluate_only=True))
    assert job.state == "completed"
    assert job.steps[4].name == "not published"
    assert job.steps[4].ended
    assert world.names() == []
    assert world.submission(job).state == "evaluated"
    found = json.loads(world.jobs.results(job).evaluation.read_bytes())
    assert found["metrics"]["nap_acc"] == pytest.approx(world.expected["nap_acc"], abs=1e-9)
    assert not world.jobs.results(job).upload.exists()  # it would fill the disk needlessly


def test_left_out_tasks_have_no_metric(world: World) -> None:
    some = [record for record in world.predictions if record["qa_type"] == "next_action"]
    job = run(world, world.submit(predictions=some))
    assert job.state == "completed", job.error
    (entry,) = world.store.read().community
    assert [key for key, value in entry.metrics.items() if value is not None] == ["nap_acc"]


def test_a_file_that_the_evaluator_refuses_fails_with_its_sentence(world: World) -> None:
    stranger = [{"id": "nobody&&1&&2&&1", "qa_type": "tal", "prediction": "1-2"}]
    job = run(world, world.submit(predictions=stranger))
    assert job.state == "failed"
    assert job.error is not None
    assert "\n" not in job.error
    assert job.steps[2].started
    assert job.steps[2].ended is None
    assert world.submission(job).state == "released"
    assert world.jobs.results(job).upload.is_file()
    assert world.submit(predictions=stranger).state == "queued"


def test_a_kept_file_that_was_changed_is_refused(world: World) -> None:
    job = world.submit()
    world.jobs.results(job).upload.write_bytes(
        gzip.compress(json.dumps(world.predictions[:-1]).encode())
    )
    ended = run(world, job)
    assert ended.state == "failed"
    assert "not the one that was submitted" in (ended.error or "")
    assert world.names() == []


@pytest.mark.parametrize("damage", ["gone", "not JSON"])
def test_an_upload_that_cannot_be_read_fails_at_the_check(world: World, damage: str) -> None:
    job = world.submit()
    upload = world.jobs.results(job).upload
    if damage == "gone":
        upload.unlink()
    else:
        upload.write_bytes(gzip.compress(b'[{"id"'))
    ended = run(world, job)
    assert ended.state == "failed"
    assert ended.steps[1].ended is None
    assert str(world.settings.data_dir) not in (ended.error or "")


def test_without_truth_the_job_fails_and_runs_again_when_it_is_there(world: World) -> None:
    assert world.settings.ground_truth is not None
    aside = world.settings.ground_truth.with_name("aside.json")
    job = world.submit()
    world.settings.ground_truth.rename(aside)
    world.jobs.start_waiting()
    wait_for(lambda: not world.jobs._launcher.alive(world.get(job)), "its end")
    world.jobs.recover()
    assert world.get(job).state in ("failed", "interrupted")
    aside.rename(world.settings.ground_truth)
    world.jobs.rerun(job.job_id)
    ended = run(world, job)
    assert (ended.state, ended.attempt) == ("completed", 2)
    assert world.names() == ["Model A"]


def test_the_time_limit_ends_the_evaluator(tmp_path: Path) -> None:
    world = World(tmp_path, evaluation_timeout_s=2)
    try:
        job = world.submit(predictions=world.slow_predictions())
        world.jobs.start_waiting()
        evaluator = world.evaluator(job)
        ended = world.finish(job)
        assert ended.state == "failed"
        assert "time limit of 2 s" in (ended.error or "")
        assert not evaluator.is_running()
        assert world.submission(job).state == "released"
    finally:
        world.close()


def test_progress_and_heartbeat_follow_the_work_until_it_is_cancelled(world: World) -> None:
    job = world.submit(predictions=world.slow_predictions())
    world.jobs.start_waiting()
    world.evaluator(job)
    first = world.get(job)
    assert first.state == "running"
    assert 0 < first.progress < 1
    wait_for(lambda: world.get(job).heartbeat != first.heartbeat, "a heartbeat")
    ended = world.jobs.cancel(job.job_id)
    assert (ended.state, ended.error) == ("cancelled", "Cancelled.")
    assert world.processes(job) == []
    assert world.submission(job).state == "released"
    world.jobs.rerun(job.job_id)
    assert world.get(job).attempt == 2


def test_a_job_asked_to_stop_by_the_machine_is_interrupted(world: World) -> None:
    job = world.submit(predictions=world.slow_predictions())
    world.jobs.start_waiting()
    world.evaluator(job)
    pid = world.get(job).pid
    assert pid is not None
    os.kill(pid, signal.SIGTERM)
    ended = world.finish(job)
    assert ended.state == "interrupted"
    assert world.processes(job) == []
    assert world.submission(job).state == "released"


def test_kill_9_of_the_job_takes_its_evaluator_with_it(world: World) -> None:
    job = world.submit(predictions=world.slow_predictions())
    world.jobs.start_waiting()
    evaluator = world.evaluator(job)
    pid = world.get(job).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([evaluator], timeout=240)
    assert not evaluator.is_running() or evaluator.status() == psutil.STATUS_ZOMBIE
    world.jobs.recover()
    assert world.get(job).state == "interrupted"
    assert world.submission(job).state == "released"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_evaluator_that_the_machine_ends_interrupts_the_job_and_blames_no_file(
    world: World, number: signal.Signals
) -> None:
    job = world.submit(predictions=world.slow_predictions())
    world.jobs.start_waiting()
    evaluator = world.evaluator(job)
    evaluator.send_signal(number)
    evaluator.send_signal(signal.SIGCONT)
    ended = world.finish(job)
    assert ended.state == "interrupted"
    assert f"The machine ended the evaluation too early: it was killed (signal {number:d}" in (
        ended.error or ""
    )
    assert "The file is not the cause" in (ended.error or "")
    assert "run it again" in (ended.error or "")
    assert world.submission(job).state == "released"
    assert world.jobs.rerun(job.job_id).state == "queued"


def test_a_job_that_was_ended_elsewhere_stops_and_publishes_nothing(world: World) -> None:
    """Another server considered it dead: the record is final, so the process gives up."""
    job = world.submit(predictions=world.slow_predictions())
    world.jobs.start_waiting()
    evaluator = world.evaluator(job)
    end_unfinished(world.files, world.store, job, "interrupted", "taken for dead")
    evaluator.resume()
    ended = world.finish(job)
    assert (ended.state, ended.error) == ("interrupted", "taken for dead")
    assert world.names() == []
    assert world.processes(job) == []


def test_a_process_whose_job_another_took_over_does_not_end_it(world: World) -> None:
    """Its files are removed: that is not a failure of the process that has the job now."""
    job = world.submit(predictions=world.slow_predictions())
    world.jobs.start_waiting()
    world.evaluator(job)
    (first,) = [p for p in world.processes(job) if p.pid == world.get(job).pid]
    first.suspend()  # as on a lost host
    # The same pid, counted by another container.
    elsewhere = msgspec.structs.replace(process_of(first.pid), space="pid:[1]")
    taken = world.files.change(
        job.job_id, lambda found: msgspec.structs.replace(found, process=elsewhere)
    )
    result_files(world.settings.root, job.submission_id).remove_outcome()
    first.resume()
    wait_for(lambda: world.processes(job) == [], "the first process")
    assert world.get(job) == taken
    assert world.submission(job).state == "open"


def test_a_name_taken_in_between_fails_at_publishing(world: World) -> None:
    """Two machines reserved one name: the boards decide, once."""
    job = world.submit("Model A", world.slow_predictions())
    world.jobs.start_waiting()
    evaluator = world.evaluator(job)
    world.store.commit(
        importing.import_rows([{"model_name": "model a", "organization": "L"}], [], "x" * 22)
    )
    world.store.commit(submitting.release(job.submission_id, "by another machine"))
    evaluator.resume()
    ended = world.finish(job)
    assert ended.state == "failed"
    assert world.names() == ["model a"]


def test_kill_9_at_any_moment_publishes_at_most_once(world: World) -> None:
    """Killed in each of its steps in turn, and run again each time; completed, it is done once."""
    job, published = world.submit("Model 0"), []
    for moment in range(6):
        world.jobs.start_waiting()

        def reached(job: Job = job, moment: int = moment) -> bool:
            found = world.get(job)
            return found.done or bool(found.steps[moment].started)

        wait_for(reached, f"step {moment}")
        for process in world.processes(job):
            process.kill()
        _until_gone(world, job)
        ended = world.get(job)
        assert ended.done
        if ended.state == "completed":  # the kill came too late
            published.append(ended)
            assert len(world.names()) == len(published)
            job = world.submit(f"Model {len(published)}")
        else:
            assert len(world.names()) == len(published)
            assert world.submission(job).state == "released"
            world.jobs.rerun(job.job_id)
    assert run(world, job).state == "completed"
    assert not list(result_files(world.settings.root, job.submission_id).folder.glob("check-*"))
    assert sorted(world.names()) == [f"Model {n}" for n in range(len(published) + 1)]
    assert world.store.verify() == []


def _until_gone(world: World, job: Job) -> None:
    wait_for(lambda: not world.jobs._launcher.alive(world.get(job)), "its end")
    world.jobs.recover()


def test_a_process_started_for_a_job_of_another_does_nothing(world: World) -> None:
    """A server died between starting and recording: the next one starts it again."""
    job = world.submit(predictions=world.slow_predictions())
    world.jobs.start_waiting()
    world.evaluator(job)
    before = world.get(job)
    second = LocalLauncher(world.settings).start(job)
    wait_for(lambda: not psutil.pid_exists(second.pid) or _ended(second.pid), "the second's end")
    after = world.get(job)
    assert (after.state, after.pid, after.attempt) == ("running", before.pid, 1)


def test_a_process_that_nobody_recorded_claims_its_job(world: World) -> None:
    """The server died right after starting it."""
    job = world.submit()
    LocalLauncher(world.settings).start(job)
    assert world.finish(job).state == "completed"
    assert world.names() == ["Model A"]


def _ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class _SmallFiles(LocalLauncher):
    """Starts jobs with a file-size limit, which acts like a full disk."""

    def __init__(self, world: World, file_bytes: int) -> None:
        super().__init__(world.settings)
        self._bytes = file_bytes

    def start(self, job: Job) -> Job:
        started = super().start(job)
        assert started.pid is not None
        resource.prlimit(started.pid, resource.RLIMIT_FSIZE, (self._bytes, self._bytes))
        return started


@pytest.mark.parametrize(
    ("file_bytes", "ends"),
    [
        pytest.param(2500, {"failed"}, id="results do not fit"),
        pytest.param(200, {"interrupted"}, id="not even the record fits"),
    ],
)
def test_a_full_disk_ends_the_job_with_why(world: World, file_bytes: int, ends: set[str]) -> None:
    jobs = Jobs(world.settings, world.store, _SmallFiles(world, file_bytes))
    job = world.submit()
    jobs.start_waiting()
    wait_for(lambda: not jobs._launcher.alive(world.get(job)), "the process's end")
    jobs.recover()
    ended = world.get(job)
    assert ended.state in ends
    assert ended.error is not None
    assert "disk" in ended.error or "write" in ended.error or "cannot be" in ended.error
    assert str(world.settings.data_dir) not in ended.error
    jobs.recover()
    assert world.submission(job).state == "released"
    assert world.names() == []
    world.jobs.rerun(job.job_id)
    assert run(world, job).state == "completed"
    assert world.names() == ["Model A"]
