"""The estimate for a run is current: it follows the counts, and failures expire."""

import itertools
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.model.contracts.judge import JudgePlan
from core.runs.judging.command import JudgeFiles, cache_folder
from core.runs.judging.plan import plan
from core.usecases import judge_runs
from evaluation.judge.scores import Budget
from tests.judge.judge_world import JudgeWorld

MOST = 10_000


@pytest.fixture
def judged_world(tmp_path: Path) -> Iterator[JudgeWorld]:
    world = JudgeWorld(tmp_path, "http://127.0.0.1:9", few=True)  # a plan sends no requests
    yield world
    world.close()


def planned_files(world: JudgeWorld) -> JudgeFiles:
    files = judge_runs.files_of(world.services, world.entry())
    assert files is not None
    return files


def an_hour_later() -> float:
    return time.monotonic() + 3600


def test_the_calls_left_are_todays_and_those_of_all_runs(judged_world: JudgeWorld) -> None:
    files, seconds = planned_files(judged_world), itertools.count()

    def told() -> JudgePlan:
        found = plan(judged_world.settings, files, None, lambda: float(next(seconds)))
        assert isinstance(found, JudgePlan), found
        return found

    assert told().budget_left == MOST
    Budget(cache_folder(judged_world.settings), MOST).spend()  # another model's run
    assert told().budget_left == MOST  # looking often does not make the server count each time
    next(itertools.islice(seconds, 10, None))
    assert told().budget_left == MOST - 1


def test_what_has_not_changed_is_not_asked_again(judged_world: JudgeWorld) -> None:
    files = planned_files(judged_world)
    told = plan(judged_world.settings, files, None)
    assert isinstance(told, JudgePlan), told
    assert plan(judged_world.settings, files, None, an_hour_later) is told


def test_a_failure_passes(judged_world: JudgeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    files = planned_files(judged_world)
    with monkeypatch.context() as full:
        full.setattr(tempfile, "tempdir", str(judged_world.settings.root / "gone"))
        failed = plan(judged_world.settings, files, None)
    assert isinstance(failed, str)
    assert "could not be estimated" in failed
    told = plan(judged_world.settings, files, None, an_hour_later)
    assert isinstance(told, JudgePlan), told
