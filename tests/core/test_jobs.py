"""The queue: order, limit, places, cancelling and running again, with one or more servers."""

import multiprocessing
import os
import signal
from pathlib import Path

import msgspec
import pytest
from filelock import FileLock

from core.changes import submitting
from core.errors import JobError, RefusedError
from core.model.entries import Job
from core.runs.end import STEPS
from core.runs.processes import process_of
from core.runs.queue import Jobs
from core.settings import Settings
from core.store.opened import open_store
from tests.core.job_world import SleepLauncher, World, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def jobs(world: World) -> Jobs:
    """Jobs whose processes only sleep."""
    return Jobs(world.settings, world.store, SleepLauncher(world.settings))


def states(world: World, made: list[Job]) -> list[str]:
    return [world.get(job).state for job in made]


def test_a_new_job_waits_with_its_name_reserved(world: World) -> None:
    job = world.submit()
    assert job.state == "queued"
    assert [step.name for step in job.steps] == list(STEPS)
    assert job.steps[0].ended == world.submission(job).created
    assert all(step.started is None for step in job.steps[1:])
    assert world.jobs.get(job.job_id) == job
    assert world.jobs.log_tail(job.job_id) == ""


def test_evaluate_only_says_that_it_publishes_nothing(world: World) -> None:
    job = world.submit(evaluate_only=True)
    assert [step.name for step in job.steps][4] == "not published"


def test_a_submission_nobody_made_has_no_job(world: World) -> None:
    with pytest.raises(JobError, match="no submission"):
        world.jobs.enqueue("evaluation", "x" * 22)


@pytest.mark.parametrize("job_id", ["../../etc/passwd", "", "a/b", ".", "x" * 500, "a\x00b"])
def test_an_id_is_never_a_path(world: World, job_id: str) -> None:
    with pytest.raises(JobError, match="not a job id"):
        world.jobs.get(job_id)


def test_a_job_that_is_not_there(world: World) -> None:
    assert world.jobs.get("x" * 22) is None
    with pytest.raises(JobError, match="no job"):
        world.jobs.cancel("x" * 22)


def test_a_damaged_record_hides_no_other_job(world: World) -> None:
    job = world.submit()
    damaged = world.files.folder / ("d" * 22)
    damaged.mkdir()
    (damaged / "job.json").write_text('{"job_id": "')
    assert world.jobs.list() == [job]
    assert world.jobs.get("d" * 22) is None


def test_two_run_and_the_others_see_their_place(world: World, jobs: Jobs) -> None:
    made = [world.submit(f"Model {n}") for n in "ABCDE"]
    assert [jobs.queue_place(job.job_id) for job in made] == [1, 2, 3, 4, 5]
    jobs.start_waiting()
    assert states(world, made) == ["running", "running", "queued", "queued", "queued"]
    assert [jobs.queue_place(job.job_id) for job in made] == [0, 0, 1, 2, 3]
    jobs.start_waiting()
    assert states(world, made).count("running") == 2
    jobs.cancel(made[0].job_id)
    jobs.start_waiting()
    assert states(world, made) == ["cancelled", "running", "running", "queued", "queued"]
    assert jobs.queue_place(made[3].job_id) == 1


def test_a_started_job_names_its_process(world: World, jobs: Jobs) -> None:
    job = world.submit()
    jobs.start_waiting()
    running = world.get(job)
    assert running.pid is not None
    assert running.process == process_of(running.pid)
    assert os.getsid(running.pid) == running.pid


def test_cancelling_a_waiting_job_frees_its_name(world: World, jobs: Jobs) -> None:
    job = world.submit()
    with pytest.raises(RefusedError):
        world.submit()
    assert jobs.cancel(job.job_id).state == "cancelled"
    assert world.submission(job).state == "released"
    jobs.start_waiting()
    assert world.get(job).state == "cancelled"
    assert world.submit().state == "queued"


def test_cancelling_a_running_job_ends_its_process(world: World, jobs: Jobs) -> None:
    job = world.submit()
    jobs.start_waiting()
    ended = jobs.cancel(job.job_id)
    assert (ended.state, ended.error) == ("cancelled", "Cancelled.")
    assert ended.ended is not None
    assert world.processes(job) == []
    assert world.submission(job).state == "released"


def test_cancelling_twice_changes_nothing(world: World, jobs: Jobs) -> None:
    job = world.submit()
    ended = jobs.cancel(job.job_id)
    assert jobs.cancel(job.job_id) == ended


def test_run_again_reserves_the_name_and_queues_at_the_end(world: World, jobs: Jobs) -> None:
    job = world.submit("Model A")
    jobs.cancel(job.job_id)
    other = world.submit("Model B")
    again = jobs.rerun(job.job_id)
    assert (again.state, again.attempt, again.error) == ("queued", 2, None)
    assert again.job_id == job.job_id
    assert not again.cancel_requested
    assert [jobs.queue_place(j.job_id) for j in (other, job)] == [1, 2]
    assert world.submission(job).state == "open"
    with pytest.raises(RefusedError):
        world.submit("Model A")


def test_run_again_from_two_tabs_is_one_attempt(world: World, jobs: Jobs) -> None:
    job = world.submit()
    jobs.cancel(job.job_id)
    jobs.rerun(job.job_id)
    with pytest.raises(JobError, match="queued"):
        jobs.rerun(job.job_id)
    assert world.get(job).attempt == 2


def test_run_again_is_refused_when_the_name_was_taken(world: World, jobs: Jobs) -> None:
    job = world.submit()
    ended = jobs.cancel(job.job_id)
    world.submit()
    with pytest.raises(RefusedError, match="reserved"):
        jobs.rerun(job.job_id)
    assert world.get(job) == ended


def test_run_again_needs_the_upload(world: World, jobs: Jobs) -> None:
    job = world.submit()
    jobs.cancel(job.job_id)
    jobs.results(job).upload.unlink()
    with pytest.raises(JobError, match="no longer kept"):
        jobs.rerun(job.job_id)
    assert world.submission(job).state == "released"


def test_a_name_that_a_full_disk_kept_reserved_does_not_stop_its_own_next_run(
    world: World, jobs: Jobs
) -> None:
    job = world.submit()
    world.files.change(job.job_id, lambda j: msgspec.structs.replace(j, state="failed"))
    assert world.submission(job).state == "open"
    assert jobs.rerun(job.job_id).attempt == 2
    assert world.submission(job).state == "open"


def test_a_job_that_cannot_be_started_keeps_its_place(world: World) -> None:
    nothing = Jobs(world.settings, world.store, SleepLauncher(world.settings, ("/nothing/here",)))
    job = world.submit()
    with pytest.raises(JobError, match="stays in the queue"):
        nothing.start_waiting()
    assert nothing.queue_place(job.job_id) == 1


def test_the_log_shows_its_last_lines_without_control_characters(world: World) -> None:
    job = world.submit()
    world.files.log(job.job_id, *(f"line {n}" for n in range(100)), "red \x1b[31m\u2028 é 医")
    assert world.jobs.log_tail(job.job_id, 2) == "line 99\nred  [31m  é 医"
    assert world.jobs.log_tail(job.job_id, 0) == ""


def test_a_huge_log_is_not_read_whole(world: World) -> None:
    job = world.submit()
    world.files.log(job.job_id, *("x" * 1000 for _ in range(1000)), "last")
    assert world.jobs.log_tail(job.job_id, 1) == "last"
    assert len(world.jobs.log_tail(job.job_id, 10_000)) < 100_000


def _serve(settings: Settings, told: Path) -> None:
    """A second server: repeatedly starts waiting jobs, and reports which it started."""
    launcher = SleepLauncher(settings)
    jobs = Jobs(settings, open_store(settings), launcher)
    for _ in range(20):
        jobs.start_waiting()
    told.write_text("\n".join(launcher.started))


def test_two_servers_start_no_job_twice_and_no_more_than_the_limit(
    world: World, tmp_path: Path
) -> None:
    made = [world.submit(f"Model {n}") for n in "ABCDEF"]
    context = multiprocessing.get_context("spawn")
    servers = [
        context.Process(target=_serve, args=(world.settings, tmp_path / f"told-{n}"))
        for n in range(3)
    ]
    for server in servers:
        server.start()
    for server in servers:
        server.join()
    started = [line for n in range(3) for line in (tmp_path / f"told-{n}").read_text().split()]
    assert sorted(started) == sorted(job.job_id for job in made[:2])
    assert states(world, made) == ["running", "running", *["queued"] * 4]


def test_only_one_server_at_a_time_starts_jobs(world: World, jobs: Jobs) -> None:
    """Between counting running jobs and starting more, no other server may start any."""
    job = world.submit()
    with FileLock(world.files.folder / "queue.lock"):
        jobs.start_waiting()
        assert world.get(job).state == "queued"
    jobs.start_waiting()
    assert world.get(job).state == "running"


def test_a_process_that_died_holds_no_place(world: World, jobs: Jobs) -> None:
    made = [world.submit(f"Model {n}") for n in "ABC"]
    jobs.start_waiting()
    first = world.get(made[0])
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    wait_for(lambda: not jobs._launcher.alive(first), "its end")
    jobs.recover()
    jobs.start_waiting()
    assert states(world, made) == ["interrupted", "running", "running"]


def test_a_release_by_somebody_else_does_not_end_the_job(world: World, jobs: Jobs) -> None:
    """Ending a job makes its record and the boards consistent, whoever ends it."""
    job = world.submit()
    world.store.commit(submitting.release(job.submission_id, "by hand"))
    assert jobs.cancel(job.job_id).state == "cancelled"
    assert world.submission(job).reason == "by hand"
