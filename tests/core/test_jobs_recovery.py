"""After a crash, restart or reboot, records are correct and no name stays reserved."""

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.benchmark import METRIC_KEYS
from core.changes import submitting
from core.errors import JobError
from core.model.entries import Entry, Job, ProcessId, Submission
from core.runs import launcher
from core.runs.end import end_unfinished
from core.runs.processes import process_of, this_process
from core.runs.queue import Jobs
from core.usecases.services import services_with
from tests.core.job_world import SleepLauncher, World, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def jobs(world: World) -> Jobs:
    return Jobs(world.settings, world.store, SleepLauncher(world.settings))


def running(world: World, **changes: Any) -> Job:
    """A job whose record says that it is running."""
    job = world.submit()
    return world.files.change(
        job.job_id, lambda found: msgspec.structs.replace(found, state="running", **changes)
    )


def dead() -> ProcessId:
    child = subprocess.Popen([sys.executable, "-c", ""])
    process = process_of(child.pid)
    child.wait()
    return process


def publish(world: World, job: Job) -> None:
    entry = Entry(
        entry_id=job.submission_id,
        model_name="Model A",
        organization="Lab",
        metrics=dict.fromkeys(METRIC_KEYS, 0.5),
    )
    world.store.commit(submitting.add(job.submission_id, entry))


def test_a_running_process_is_adopted_by_another_server(world: World, jobs: Jobs) -> None:
    job = world.submit()
    jobs.start_waiting()
    before = world.get(job)
    restarted = services_with(world.settings, world.store).jobs
    restarted.recover()
    restarted.start_waiting()
    assert world.get(job) == before
    assert len(world.processes(job)) == 1
    assert restarted.cancel(job.job_id).state == "cancelled"
    assert world.processes(job) == []


def test_a_waiting_job_is_started_by_the_next_server(world: World, jobs: Jobs) -> None:
    job = world.submit()
    jobs.recover()
    assert world.get(job).state == "queued"
    jobs.start_waiting()
    assert world.get(job).state == "running"


@pytest.mark.parametrize("killed", ["the job", "the job and its server's memory of it"])
def test_a_killed_process_is_interrupted_with_why(world: World, jobs: Jobs, killed: str) -> None:
    job = world.submit()
    jobs.start_waiting()
    pid = world.get(job).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not jobs._launcher.alive(world.get(job)), "its end")
    (jobs if killed == "the job" else services_with(world.settings, world.store).jobs).recover()
    ended = world.get(job)
    assert ended.state == "interrupted"
    assert ended.error is not None
    assert "killed" in ended.error
    assert "run it again" in ended.error
    assert world.submission(job).state == "released"
    assert jobs.rerun(job.job_id).state == "queued"


def test_a_stale_pid_is_interrupted(world: World) -> None:
    job = running(world, process=dead())
    world.jobs.recover()
    assert world.get(job).state == "interrupted"


def test_a_reused_pid_is_interrupted_and_its_new_owner_left_alone(world: World) -> None:
    stranger = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
    )
    try:
        now = process_of(stranger.pid)
        job = running(world, process=msgspec.structs.replace(now, started=now.started - 1))
        world.jobs.recover()
        assert world.get(job).state == "interrupted"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_reboot_is_reported(world: World) -> None:
    before = msgspec.structs.replace(this_process(), boot="the one before")
    job = running(world, process=before)
    world.jobs.recover()
    assert "machine was restarted" in (world.get(job).error or "")


def test_a_record_without_process_is_interrupted(world: World) -> None:
    job = running(world)
    world.jobs.recover()
    assert world.get(job).state == "interrupted"


def test_an_old_heartbeat_of_a_living_process_is_still_running(world: World) -> None:
    job = running(world, process=this_process(), heartbeat="2020-01-01T00:00:00.000Z")
    world.jobs.recover()
    assert world.get(job).state == "running"


def test_a_process_of_another_container_goes_by_its_heartbeat(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two containers on one data folder: neither ends jobs of the other."""
    elsewhere = msgspec.structs.replace(dead(), space="pid:[1]", host="elsewhere")
    job = running(world, process=elsewhere, heartbeat="2020-01-01T00:00:00.000Z")
    seen_s = 0.0
    monkeypatch.setattr(launcher.time, "monotonic", lambda: seen_s)
    for beat in range(3):
        world.jobs.recover()
        assert world.get(job).state == "running"
        seen_s += launcher.SILENT_S - 1
        world.files.change(
            job.job_id, lambda found, n=beat: msgspec.structs.replace(found, heartbeat=f"{n}")
        )
    world.jobs.recover()
    seen_s += launcher.SILENT_S
    world.jobs.recover()
    ended = world.get(job)
    assert ended.state == "interrupted"
    assert "another container or on another machine" in (ended.error or "")
    assert world.submission(job).state == "released"


def test_cancel_ends_the_record_of_a_process_elsewhere(world: World) -> None:
    elsewhere = msgspec.structs.replace(this_process(), space="pid:[1]")
    job = running(world, process=elsewhere)
    assert world.jobs.cancel(job.job_id).state == "cancelled"  # and this process is still alive


def test_a_job_whose_cancel_was_cut_off_is_cancelled(world: World) -> None:
    job = running(world, process=dead(), cancel_requested=True)
    world.jobs.recover()
    assert world.get(job).state == "cancelled"


def test_a_crash_after_publishing_is_completed_with_one_entry(world: World) -> None:
    job = running(world, process=dead())
    publish(world, job)
    world.jobs.recover()
    ended = world.get(job)
    assert (ended.state, ended.error, ended.progress) == ("completed", None, 1.0)
    assert all(step.ended for step in ended.steps)
    assert world.names() == ["Model A"]
    with pytest.raises(JobError, match="completed"):
        world.jobs.rerun(job.job_id)


def test_a_crash_after_an_evaluate_only_result_is_completed(world: World) -> None:
    job = world.submit(evaluate_only=True)
    world.files.change(job.job_id, lambda found: msgspec.structs.replace(found, state="running"))
    world.store.commit(submitting.evaluated(job.submission_id))
    world.jobs.recover()
    assert world.get(job).state == "completed"
    assert world.names() == []


def test_cancelling_after_publishing_is_completed(world: World) -> None:
    job = running(world)
    publish(world, job)
    assert world.jobs.cancel(job.job_id).state == "completed"
    assert world.names() == ["Model A"]


def test_a_terminal_state_is_final(world: World) -> None:
    job = running(world)
    first = end_unfinished(world.files, world.store, job, "failed", "first")
    assert (first.state, first.error) == ("failed", "first")
    assert end_unfinished(world.files, world.store, job, "interrupted", "second") == first
    assert world.files.change(job.job_id, lambda j: msgspec.structs.replace(j, progress=1)) == first


def test_an_earlier_attempt_cannot_end_a_later_one(world: World) -> None:
    job = running(world)
    end_unfinished(world.files, world.store, job, "interrupted", "gone")
    world.jobs.rerun(job.job_id)
    assert end_unfinished(world.files, world.store, job, "failed", "late").state == "queued"
    assert world.submission(job).state == "open"


ENDINGS = """
import sys
from pathlib import Path
from core.runs.end import end_unfinished
from core.runs.records import JobFiles
from core.store.store import Store
root, job_id, state = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
files = JobFiles(root)
job = files.fresh(job_id)
print("ready", flush=True)
sys.stdin.readline()
print(end_unfinished(files, Store(root), job, state, state).state)
"""


def test_three_that_end_a_job_at_once_agree(world: World) -> None:
    job = running(world)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", ENDINGS, str(world.settings.root), job.job_id, state],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for state in ("failed", "cancelled", "interrupted")
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    told = {racer.communicate()[0].strip() for racer in racers}
    assert told == {world.get(job).state}


def test_a_name_held_by_a_job_that_ended_is_released(world: World) -> None:
    """The disk was full when the job ended: its record was written, the boards were not."""
    job = running(world)
    world.files.change(job.job_id, lambda j: msgspec.structs.replace(j, state="failed", error="x"))
    world.jobs.recover()
    assert world.submission(job).state == "released"


def test_a_name_whose_job_was_never_queued_is_released_after_a_while(world: World) -> None:
    def submit(submission_id: str, name: str, age: timedelta) -> None:
        created = (datetime.now(UTC) - age).isoformat(timespec="milliseconds")
        submission = Submission(
            submission_id=submission_id,
            model_name=name,
            organization="Lab",
            created=created.replace("+00:00", "Z"),
            key_hash="k",
            predictions_sha256="p",
            records=1,
        )
        world.store.commit(submitting.submit(submission, "participant"))

    submit("o" * 22, "Old", timedelta(hours=1))
    submit("n" * 22, "New", timedelta(seconds=1))
    submit("a" * 22, "Ahead", timedelta(days=-1800))  # by a wrong clock
    world.jobs.recover()
    submissions = world.store.read().submissions
    assert submissions["o" * 22].state == "released"
    assert submissions["n" * 22].state == "open"
    assert submissions["a" * 22].state == "released"


def test_recovery_of_a_sound_folder_changes_nothing(world: World, jobs: Jobs) -> None:
    world.submit("Model A")
    world.submit("Model B")
    jobs.start_waiting()
    before = (world.jobs.list(), world.store.revision())
    jobs.recover()
    assert (world.jobs.list(), world.store.revision()) == before


def test_a_disk_without_a_free_byte_still_takes_how_the_job_ended(tmp_path: Path) -> None:
    """On a small separate disk if the system allows it, else with free space."""
    unshare = [shutil.which("unshare") or "unshare", "-Urm"]
    try:
        own = subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        own = False
    program = [sys.executable, str(Path(__file__).with_name("full_disk_job.py")), str(tmp_path)]
    ran = subprocess.run(
        [*unshare, *program, "mount"] if own else program,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["state"] == "interrupted"
    assert "run it again" in told["error"]
    assert told["then"] == ("open" if own else "released")  # the boards have to wait for space
    assert told["later"] == "released"


def failed_although_in_the_journal(world: World) -> Job:
    """A failed job whose row is in the journal but not on the boards yet."""
    job = running(world)
    boards = {path: path.read_bytes() for path in world.settings.root.glob("*.json")}
    publish(world, job)
    for path in world.settings.root.glob("*.json"):
        path.unlink()
    for path, data in boards.items():
        path.write_bytes(data)
    return world.files.change(
        job.job_id, lambda j: msgspec.structs.replace(j, state="failed", error="No space.")
    )


def test_a_failed_job_whose_row_is_in_the_journal_is_completed(world: World, jobs: Jobs) -> None:
    job = failed_although_in_the_journal(world)
    assert world.get(job).state == "failed"
    jobs.recover()
    found = world.get(job)
    assert (found.state, found.error, world.names()) == ("completed", None, ["Model A"])
    jobs.recover()
    assert (world.get(job), world.names()) == (found, ["Model A"])


def test_such_a_job_is_not_run_again(world: World, jobs: Jobs) -> None:
    job = failed_although_in_the_journal(world)
    with pytest.raises(JobError, match="completed"):
        jobs.rerun(job.job_id)
    assert (world.get(job).state, world.names()) == ("completed", ["Model A"])
