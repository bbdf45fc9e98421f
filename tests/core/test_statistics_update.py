"""Updating the statistics: only what changed, despite problems with one entry."""

import contextlib
import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from core.changes import editing, placing, reporting, submitting
from core.changes.settings import set_policy
from core.errors import StoreError
from core.model.statistics import BoardStatistics
from core.publish.figures import FEW_RECORDS
from core.runs.records import result_files
from core.runs.statistics.boards import FAILED, NOTHING
from core.runs.statistics.columns import DAMAGED, NO_SAMPLES, OTHER_TRUTH
from core.usecases.statistics import pair_figures
from core.web.figures import COMMAND, FiguresKeeper
from tests.core.job_world import wait_for
from tests.core.statistics_world import ODD, StatisticsWorld, rows
from tests.core.store_world import REPOSITORY, entry, leftovers, submission

pytestmark = pytest.mark.usefixtures("imports_frozen")


@pytest.fixture
def world(tmp_path: Path) -> StatisticsWorld:
    return StatisticsWorld(tmp_path)


def figures(world: StatisticsWorld) -> BoardStatistics:
    found = world.shown("community")
    assert found is not None
    return found


def test_every_entry_gets_intervals_and_sets_that_hold_its_place(world: StatisticsWorld) -> None:
    made = [world.add(number) for number in range(3)]
    assert world.shown("community") is None
    world.update()
    found = figures(world)
    assert found.without == ()
    assert set(found.entries) == {one.entry_id for one in made}
    for one in made:
        mine = found.entries[one.entry_id]
        assert set(mine.metrics) == {"nap_acc", "stg_miou"}
        for key, metric in mine.metrics.items():
            low, high = metric.interval or (1, 0)
            value = one.metrics[key]
            assert value is not None
            assert low < value < high
            assert metric.units == (16 if key == "nap_acc" else 8)
    leader = found.entries[made[-1].entry_id]
    assert leader.rank_set is not None
    assert leader.rank_set[0] == 1
    assert leader.may_be_first
    assert world.shown("official") is not None


def test_what_holds_up_the_first_place_of_two_alike_is_reported(world: StatisticsWorld) -> None:
    both = {world.add(number, rows(number, 0.5)).entry_id for number in (1, 2)}
    world.update()
    found = figures(world)
    assert found.removable is not None
    assert found.removable.leader in both - {next(iter(found.entries))}
    assert 0 < found.removable.units < found.removable.of == 24


def test_what_did_not_change_is_not_computed_again(world: StatisticsWorld) -> None:
    first = [world.add(number) for number in range(2)]
    world.update()
    before = world.marks()
    world.update()
    assert world.marks() == before
    world.add(2)
    world.update()
    after = world.marks()
    kept = {name for name in before if name.startswith("columns/")}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert len([name for name in after if name.startswith("columns/")]) == 3
    assert after["community.json"] != before["community.json"]
    assert after["official.json"] == before["official.json"]
    world.write(first[0], rows(7))  # scored again: the columns of the old scores are removed
    world.update()
    assert len([name for name in world.marks() if name.startswith("columns/")]) == 3
    assert not kept <= set(world.marks())


def test_all_of_it_is_private(world: StatisticsWorld) -> None:
    world.add(1)
    world.add(2)
    old = os.umask(0)
    try:
        world.update()
    finally:
        os.umask(old)
    paths = [world.folder.path, *world.folder.path.rglob("*")]
    assert len(paths) > 6
    assert {path.stat().st_mode & 0o077 for path in paths if path.name != "lock"} == {0}


def test_an_entry_whose_sample_scores_are_of_no_use_is_left_out_with_the_reason(
    world: StatisticsWorld,
) -> None:
    """Missing, damaged twice, of another truth, scored on another truth, with other values."""
    bad = {number: world.add(number) for number in (1, 2, 3, 4, 6)}
    bad[5] = world.add(5, ground_truth_sha256="another")
    good = [world.add(7), world.add(8)]
    world.files(bad[1]).samples.unlink()
    world.files(bad[2]).samples.write_bytes(b"no gzip")
    world.files(bad[3]).samples.write_bytes(gzip.compress(b'{"samples": 7}'))
    world.write(bad[4], rows(4, 0.7), truth="another")
    world.write(bad[6], rows(66, 0.1))
    world.update()
    found = figures(world)
    said = {number: found.entries[one.entry_id].reason for number, one in bad.items()}
    assert (said[1], said[2], said[3], said[4]) == (NO_SAMPLES, DAMAGED, DAMAGED, OTHER_TRUTH)
    assert "different ground truth" in said[5]
    other = found.entries[bad[6].entry_id].metrics["nap_acc"]
    assert (other.interval, "a different value" in other.reason) == (None, True)
    assert set(found.without) == {one.entry_id for one in bad.values()}
    for one in good:
        mine = found.entries[one.entry_id].metrics["stg_miou"]
        assert mine.interval is not None
        assert mine.reason == ""


def test_a_metric_of_few_scored_records_is_taken_at_its_value(world: StatisticsWorld) -> None:
    few = [row for row in rows(3) if row.task != "stg" or row.index % 2]  # half of 104
    one, other = world.add(3, few).entry_id, world.add(4).entry_id
    world.update()
    mine = figures(world).entries[one].metrics
    assert mine["nap_acc"].interval is not None
    assert (mine["stg_miou"].interval, mine["stg_miou"].rank_set) == (None, None)
    assert mine["stg_miou"].reason == FEW_RECORDS
    assert figures(world).entries[other].metrics["stg_miou"].interval is not None
    pair = pair_figures(world.services, one, other)
    assert pair is not None
    assert (pair.metrics["stg_miou"].p, pair.metrics["stg_miou"].wins) == (None, None)
    assert pair.metrics["stg_miou"].difference is not None


def test_a_board_without_sample_scores_says_so(world: StatisticsWorld) -> None:
    world.store.commit(placing.add_official(entry(1, 1.0, board="official"), "admin"))
    world.update()
    found = world.shown("official")
    assert found is not None
    assert found.reason == NOTHING
    (only,) = found.entries.values()
    assert (only.rank_set, only.reason) == (None, NO_SAMPLES)
    assert {(one.n, one.units) for one in only.metrics.values()} == {(None, None)}


@pytest.mark.parametrize(
    "content", [b"", b"no gzip", gzip.compress(b"{}", mtime=0)], ids=["empty", "no gzip", "other"]
)
def test_damaged_files_are_made_again(world: StatisticsWorld, content: bytes) -> None:
    world.add(1)
    world.add(2)
    world.update()
    whole = {path: path.read_bytes() for path in world.folder.path.rglob("*.*")}
    assert len(whole) == 5
    for path in whole:
        path.write_bytes(content)
    world.update()
    assert {path: path.read_bytes() for path in whole} == whole


@pytest.mark.slow
def test_a_full_disk_leaves_what_stood(world: StatisticsWorld) -> None:
    world.add(1)
    world.update()
    before = {path: path.read_bytes() for path in world.folder.path.rglob("*.*")}
    for number in range(2, 6):
        world.add(number)
    # Without byte code, which Python would leave truncated in its folders, and coverage's data.
    limited = "unset ${!COVERAGE_*}; export PYTHONDONTWRITEBYTECODE=1; ulimit -f 1; exec "
    keeper = FiguresKeeper(world.services, ("bash", "-c", limited + " ".join(COMMAND)))
    with pytest.raises(StoreError, match="file-size limit"):
        keeper.compute()
    assert {path: path.read_bytes() for path in before} == before
    world.update()
    assert leftovers(world.folder.path) == []
    assert len(figures(world).entries) == 5


@pytest.mark.slow
def test_killed_at_any_moment_and_two_at_once(world: StatisticsWorld) -> None:
    for number in range(3):
        world.add(number)
    keeper = FiguresKeeper(world.services)
    environment = {**os.environ, **world.settings.environment("jobs")}
    for wait in (0.3, 0.6, 0.9):
        child = subprocess.Popen(COMMAND, cwd=REPOSITORY, env=environment)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(wait)
        child.send_signal(signal.SIGKILL)
        child.wait()
    other = subprocess.Popen(COMMAND, cwd=REPOSITORY, env=environment)
    keeper.compute()
    assert other.wait() == 0
    assert leftovers(world.folder.path) == []
    once = {path.name: path.read_bytes() for path in world.folder.path.rglob("*.*")}
    for path in world.folder.path.rglob("*.*"):
        path.unlink()
    world.update()
    assert {path.name: path.read_bytes() for path in world.folder.path.rglob("*.*")} == once


def test_no_sample_score_is_in_what_is_published_or_said(
    world: StatisticsWorld, capfd: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        world.add(number)
    world.update()
    for path in world.folder.path.glob("*.json"):
        assert str(ODD)[:6] not in path.read_text()
    kept = [gzip.decompress(path.read_bytes()) for path in world.folder.columns.iterdir()]
    assert all(str(ODD).encode() in data for data in kept)  # it could have been
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_a_defect_leaves_the_board_without_and_names_places_only(
    world: StatisticsWorld, caplog: pytest.LogCaptureFixture
) -> None:
    script = f"""
import runpy, sys
import core.runs.statistics.boards as boards
def broken(*_a, **_k): raise ValueError("score {ODD}")
boards.figures = broken
runpy.run_module("core.runs.statistics", run_name="__main__")
"""
    world.add(1)
    FiguresKeeper(world.services, (sys.executable, "-c", script)).compute()
    assert figures(world).reason == FAILED
    assert "ValueError" in caplog.text
    assert "boards.py" in caplog.text
    assert str(ODD) not in caplog.text


def children_of_this_process() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    return [child for child in found if child.status() != psutil.STATUS_ZOMBIE]


def test_a_server_that_ends_before_it_began_waits_for_nothing(world: StatisticsWorld) -> None:
    FiguresKeeper(world.services).stop()
    assert world.shown("community") is None


def test_only_what_changes_a_board_or_its_sample_scores_starts_a_computation(
    world: StatisticsWorld,
) -> None:
    first, second = (world.add(number) for number in range(2))
    keeper = FiguresKeeper(world.services)
    policy = world.store.read().policy
    announced = msgspec.structs.replace(policy, announcement="Hello")
    mark = keeper.mark()
    for change in (
        reporting.report(first.entry_id, "Scores", "reader"),
        submitting.submit(submission(9)),
        set_policy(policy, announced, "admin"),
    ):
        world.store.commit(change)
        assert keeper.mark() == mark
    for step in (
        lambda: world.store.commit(editing.hide("community", first, "admin")),
        lambda: world.store.commit(editing.edit("community", second, {"organization": "L"}, "a")),
        lambda: world.store.commit(placing.delete(second, "admin")),
        lambda: world.store.commit(placing.restore(second.entry_id, "admin")),
        lambda: os.utime(result_files(world.root, second.entry_id).samples),
        lambda: world.settings.truth_path.write_text("[0]"),
    ):
        before = keeper.mark()
        step()
        assert keeper.mark() != before


@pytest.mark.slow
def test_a_server_computes_by_itself_and_takes_its_child_along(world: StatisticsWorld) -> None:
    for number in range(2):
        world.add(number)
    keeper = FiguresKeeper(world.services)
    keeper.start()
    wait_for(lambda: world.shown("community") is not None, "figures")
    world.add(2)
    wait_for(lambda: world.shown("community") is not None, "new figures")
    keeper.stop()
    stuck = FiguresKeeper(world.services, ("sleep", "600"))
    before = len(children_of_this_process())
    stuck.start()
    wait_for(lambda: len(children_of_this_process()) > before, "the child")
    stuck.stop()
    wait_for(lambda: len(children_of_this_process()) == before, "its end")
    assert len(figures(world).entries) == 3
