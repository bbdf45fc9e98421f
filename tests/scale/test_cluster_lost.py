"""Losses of a cluster: its scheduler during a job, every worker that runs one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.job_world import World, wait_for
from tests.scale.local_cluster import LocalCluster, disconnect

FAILURES_ALLOWED = 3  # by Dask, until the next one makes a task a KilledWorker


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    """A separate cluster for each test, since remaining workers belong to its world."""
    made = LocalCluster(tmp_path)
    yield made
    disconnect()
    made.close()


@pytest.fixture
def world(tmp_path: Path, cluster: LocalCluster) -> Iterator[World]:
    made = World(tmp_path, scheduler=cluster.address)
    yield made
    made.close()


def test_a_restarted_scheduler_is_asked_again_and_the_job_completes_once(
    world: World, cluster: LocalCluster
) -> None:
    cluster.add_worker(world.settings.environment("jobs"))
    job = world.submit("Model A")
    world.jobs.start_waiting()
    world.evaluator(job)
    first = world.get(job)

    cluster.restart_scheduler()
    cluster.add_worker(world.settings.environment("jobs"))

    def ended() -> bool:
        world.jobs.recover()  # as the supervisor does, every two seconds
        world.jobs.start_waiting()
        return world.get(job).done

    wait_for(ended, "the job")
    last = world.get(job)
    assert (last.state, last.error, last.attempt) == ("completed", None, 1)
    assert last.pid != first.pid
    assert world.names() == ["Model A"]
    wait_for(lambda: world.processes(job) == [], "the processes of the job")


def test_a_job_that_kills_its_workers_is_interrupted_with_that_reason(
    world: World, cluster: LocalCluster
) -> None:
    for _ in range(FAILURES_ALLOWED + 1):
        cluster.add_worker(world.settings.environment("jobs"))
    job = world.submit("Model B")
    world.jobs.start_waiting()
    pids: set[int | None] = {None}
    for _ in range(FAILURES_ALLOWED + 1):
        wait_for(lambda: world.get(job).pid not in pids, "the next worker")
        pids.add(world.get(job).pid)
        cluster.worker_of(world, job).kill()

    def ended() -> bool:
        world.jobs.recover()
        return world.get(job).done

    wait_for(ended, "the end of the job")
    last = world.get(job)
    assert last.state == "interrupted"
    assert last.error is not None
    assert "workers that ran the job were killed" in last.error
    assert world.names() == []
    assert world.submission(job).state == "released"
    assert world.jobs.rerun(job.job_id).state == "queued"  # its upload is still there
