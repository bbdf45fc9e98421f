"""The server's thread: sends changes automatically, waits after failures, sends all at a stop."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.mirror import record
from core.mirror.service import MirrorService
from core.mirror.status import mirror_status
from tests.hub.emulator import Emulator
from tests.hub.emulator_repo import Repo
from tests.hub.mirror_world import Machine, committed, remote

pytestmark = pytest.mark.slow

HANG_GUARD_S = 240.0


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + HANG_GUARD_S
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


@pytest.fixture
def one(server: Emulator, repo: Repo, tmp_path: Path) -> Machine:
    return Machine(tmp_path / "one", server.url)


def test_changes_travel_by_themselves_and_together(
    one: Machine, server: Emulator, repo: Repo
) -> None:
    service = MirrorService(one.settings, one.store)
    service.start()
    wait_for(lambda: mirror_status(one.settings).synced is not None)
    before = committed(server)
    for number in range(5):
        one.publish(number)
    wait_for(lambda: remote(repo) == one.shared())
    assert committed(server) - before <= 2
    service.stop()


def test_a_stop_sends_what_waits(one: Machine, repo: Repo) -> None:
    service = MirrorService(one.settings, one.store)
    service.start()
    one.publish(1)
    service.stop()
    assert remote(repo) == one.shared()


def test_a_failure_is_waited_out_and_asked_for_once(
    one: Machine, server: Emulator, repo: Repo
) -> None:
    one.publish(1)
    server.fault(r"/api/", times=-1, status=401)
    service = MirrorService(one.settings, one.store)
    service.start()
    wait_for(lambda: bool(mirror_status(one.settings).error))
    asked = len(server.log)
    time.sleep(2.5)
    assert len(server.log) == asked
    assert mirror_status(one.settings).waiting_changes == 2
    service.stop()
    server.heal()
    one.mirror.sync(force=True)
    assert remote(repo) == one.shared()


@pytest.mark.parametrize("per_hour", [1, 2, 3, 10, 60, 61])
def test_the_pace_never_exceeds_the_hour(per_hour: int) -> None:
    """Committing as soon as the pace allows stays within the budget of every hour."""
    commits: tuple[float, ...] = ()
    made: list[float] = []
    now = 1_000_000.0
    while now < 1_000_000.0 + 3 * 3600:
        wait = record.wait_s(commits, per_hour, now)
        if wait > 0:
            now += wait + 0.001
            continue
        commits = record.spent(commits, now)
        made.append(now)
    for start in made:
        assert sum(start <= at < start + 3600 for at in made) <= per_hour
    assert len(made) >= 2 * per_hour


def test_a_clock_that_was_set_back_does_not_stop_commits() -> None:
    future = tuple(5000.0 + step for step in range(5))
    assert record.wait_s(future, 60, 1000.0) == 0.0


def test_commits_from_a_clock_that_was_ahead_are_an_hour_old_in_an_hour() -> None:
    """If they always counted as now, they would delay every commit until their time."""
    ahead = record.Record(commits=tuple(1e9 + step for step in range(60)))
    settled = record.settled(ahead, 1000.0)
    assert record.wait_s(settled.commits, 60, 1000.0) > 0
    assert record.wait_s(settled.commits, 60, 1000.0 + 3601) == 0.0


def test_two_replicas_on_one_repo_meet(server: Emulator, repo: Repo, tmp_path: Path) -> None:
    machines = [Machine(tmp_path / name, server.url) for name in ("one", "two")]
    services = [MirrorService(machine.settings, machine.store) for machine in machines]
    for service in services:
        service.start()
    for number in range(4):
        for index, machine in enumerate(machines):
            machine.publish(f"{index}-{number}")
            time.sleep(0.2)
    for service in services:
        service.stop(HANG_GUARD_S)
    for machine in machines:
        machine.mirror.sync(force=True)
    machines[0].mirror.sync(force=True)
    assert machines[0].shared() == machines[1].shared() == remote(repo)
    assert len(machines[0].names()) == 8
