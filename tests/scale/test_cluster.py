"""Evaluations on a Dask cluster: killed workers, cancels, restarts, separate folders."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import psutil
import pytest

from core.errors import JobError, SettingsError
from core.mirror.sync import Mirror
from core.model.state import now
from core.runs.launcher import task_of
from core.settings import load
from core.store import journal
from core.usecases.services import launcher_for, services_with
from tests.core.job_world import World, wait_for
from tests.hub.emulator import Emulator
from tests.hub.emulator_traffic import WRITE
from tests.hub.mirror_world import NAME, Machine, remote
from tests.scale.local_cluster import CERTIFICATES, LocalCluster, disconnect


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def cluster(folder: Path) -> Iterator[LocalCluster]:
    made = LocalCluster(folder)
    yield made
    disconnect()
    made.close()


@pytest.fixture(scope="module")
def world(folder: Path, cluster: LocalCluster) -> Iterator[World]:
    """A server's data folder that two workers share."""
    made = World(folder, scheduler=cluster.address)
    for _ in range(2):
        cluster.add_worker(made.settings.environment("jobs"))
    yield made
    made.close()


def added(world: World) -> int:
    """How often the journal added a row."""
    data = journal.read(world.settings.root / "journal.jsonl", 0)
    lines = journal.decode(data, journal.START, Path()).lines
    return sum(line.kind == "add" for line in lines)


def test_a_killed_worker_s_job_is_completed_by_the_other_once(
    world: World, cluster: LocalCluster
) -> None:
    job = world.submit("Model A")
    before = added(world)
    world.jobs.start_waiting()
    evaluator = world.evaluator(job)
    first = world.get(job)
    assert first.process is not None
    worker = cluster.worker_of(world, job)

    disconnect()  # the server ends; another one finds the job and does not change it
    restarted = services_with(world.settings, world.store).jobs
    restarted.recover()
    restarted.start_waiting()
    assert world.get(job) == first

    worker.kill()
    ended = world.finish(job)
    assert (ended.state, ended.error, ended.attempt) == ("completed", None, 1)
    assert ended.pid != first.pid
    assert not evaluator.is_running() or evaluator.status() == psutil.STATUS_ZOMBIE
    restarted.recover()
    assert world.get(job) == ended
    assert world.names().count("Model A") == 1
    assert added(world) == before + 1


def test_a_cancelled_job_ends_on_its_worker_which_takes_the_next(
    world: World, cluster: LocalCluster
) -> None:
    job = world.submit("Model B")
    world.jobs.start_waiting()
    world.evaluator(job)
    ended = world.jobs.cancel(job.job_id)
    assert (ended.state, ended.error) == ("cancelled", "Cancelled.")
    assert world.processes(job) == []
    assert world.submission(job).state == "released"
    again = world.jobs.rerun(job.job_id)
    world.jobs.start_waiting()
    assert world.finish(again).state == "completed"
    assert "Model B" in world.names()


def test_a_killed_process_is_interrupted_with_why(world: World, cluster: LocalCluster) -> None:
    job = world.submit("Model C")
    world.jobs.start_waiting()
    world.evaluator(job)
    psutil.Process(world.get(job).pid).kill()
    wait_for(lambda: not world.jobs._launcher.alive(world.get(job)), "its end")
    world.jobs.recover()
    ended = world.get(job)
    assert ended.state == "interrupted"
    assert "killed" in (ended.error or "")
    assert world.processes(job) == []


def test_an_unreachable_scheduler_loses_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, scheduler="tcp://127.0.0.1:9")
    job = world.submit()
    with pytest.raises(JobError, match="does not respond"):
        world.jobs.start_waiting()
    assert world.jobs.queue_place(job.job_id) == 1
    world.files.change(
        job.job_id,
        lambda j: msgspec.structs.replace(j, state="running", task=task_of(j), started=now()),
    )
    world.jobs.recover()  # silence proves nothing
    assert world.get(job).state == "running"
    ahead = msgspec.structs.replace(world.get(job), heartbeat="2090-01-01T00:00:00.000Z")
    assert not launcher_for(world.settings).alive(ahead)  # by a clock that was wrong
    long_ago = "2020-01-01T00:00:00.000Z"
    world.files.change(job.job_id, lambda j: msgspec.structs.replace(j, started=long_ago))
    world.jobs.recover()
    assert "has not responded for a long time" in (world.get(job).error or "")
    assert world.submission(job).state == "released"
    disconnect()


def test_over_tls_and_the_mirror_a_worker_needs_no_shared_folder(tmp_path: Path) -> None:
    with Emulator() as hub:
        repo = hub.add_repo(NAME)
        cluster = LocalCluster(tmp_path, tls=True)
        mirrored = {"hub_repo": NAME, "hub_token": WRITE, "hub_endpoint": hub.url}
        world = World(tmp_path, scheduler=cluster.address, scheduler_tls=CERTIFICATES, **mirrored)
        # The worker has its own copy of the truth, and nothing else of the server.
        cluster.add_worker(
            {**world.settings.environment("jobs"), "MEDVIDBENCH_DATA_DIR": str(tmp_path / "worker")}
        )
        replica = Machine(tmp_path / "replica", hub.url)
        mirror = Mirror(world.settings, world.store)
        good = world.submit("Good")

        seen = ""

        def ended() -> bool:
            nonlocal seen
            time.sleep(0.2)  # each check takes several requests
            head = repo.head.id
            if head != seen:
                mirror.sync(force=True)
                replica.mirror.sync(force=True)
                services_with(replica.settings, replica.store).jobs.recover()
                seen = head
            world.jobs.start_waiting()
            world.jobs.recover()
            return world.get(good).done

        try:
            wait_for(ended, "the job")
        finally:
            disconnect()
            cluster.close()
        assert world.get(good).state == "completed", world.get(good).error
        assert "Evaluated on a worker" in world.jobs.log_tail(good.job_id)
        mirror.sync(force=True)
        replica.mirror.sync(force=True)
        assert world.names() == replica.names() == ["Good"]
        assert added(world) == 1
        assert replica.shared() == remote(repo)
        assert world.jobs.results(good).samples.is_file()
        assert mirror.verify() == replica.mirror.verify() == []


def test_without_the_setting_nothing_of_dask_is_imported() -> None:
    program = (
        "import sys, core.web.server\n"
        "core.web.server.services_for(core.web.server.settings.load({}, {}))\n"
        "sys.exit(any(name in sys.modules for name in ('dask', 'distributed', 'tornado.ioloop')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_without_the_library_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    found = replace(load({}, {}), scheduler="tcp://host:1")
    with pytest.raises(SettingsError, match=r"requirements-dask\.txt"):
        launcher_for(found)


@pytest.mark.parametrize("address", ["host:1", "http://host:1", "tcp://host", "tcp://h o:1"])
def test_an_invalid_address_is_named(address: str) -> None:
    with pytest.raises(SettingsError, match="MEDVIDBENCH_SCHEDULER: expected"):
        load({}, {"MEDVIDBENCH_SCHEDULER": address})


def test_tls_needs_its_three_files(tmp_path: Path) -> None:
    tls = {"MEDVIDBENCH_SCHEDULER": "tls://host:1"}
    with pytest.raises(SettingsError, match="not set"):
        load({}, tls)
    (tmp_path / "ca.pem").touch()
    with pytest.raises(SettingsError, match=r"no cert\.pem, key\.pem in"):
        load({}, {**tls, "MEDVIDBENCH_SCHEDULER_TLS": str(tmp_path)})
    found = load({}, {**tls, "MEDVIDBENCH_SCHEDULER_TLS": str(CERTIFICATES)})
    assert found.scheduler_tls == CERTIFICATES
    for name in ("ca.pem", "cert.pem", "key.pem"):
        shutil.copytree(CERTIFICATES, tmp_path, dirs_exist_ok=True)
        (tmp_path / name).write_text("s3cret")
        with pytest.raises(SettingsError, match="cannot be used together") as raised:
            load({}, {**tls, "MEDVIDBENCH_SCHEDULER_TLS": str(tmp_path)})
        assert str(raised.value).startswith(f"MEDVIDBENCH_SCHEDULER_TLS: the files in {tmp_path}")
        assert "s3cret" not in str(raised.value)
