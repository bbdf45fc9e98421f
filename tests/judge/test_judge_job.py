"""Judge runs as jobs: from the queue to the entry, and everything that can go wrong."""

import dataclasses
import gzip
import json
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.benchmark import JUDGE_KEYS
from core.changes import judging
from core.errors import RefusedError
from core.model.contracts.judge import JudgePlan
from core.runs import child
from core.runs.end import JUDGE_STEPS
from core.runs.judging.plan import plan
from core.runs.launcher import LocalLauncher
from core.store.opened import open_store
from core.usecases import judge_runs
from core.usecases.services import Services, services_with
from evaluation.judge import pairs
from evaluation.judge.sanity import PAIRS
from tests.core.job_world import wait_for
from tests.judge.judge_data import PARITY, parity
from tests.judge.judge_server import Judge, serving
from tests.judge.judge_world import KEY, SECRET, JudgeWorld

pytestmark = pytest.mark.slow

DISTINCT = len(pairs.plan(*parity()).distinct())
FEW = len(pairs.plan(*parity(), tasks=("vs", "rc")).distinct())
AT_ONCE, GRADED = 4, 10
SLOW = {"MEDVIDBENCH_JUDGE_CONCURRENCY": str(AT_ONCE)}
Make = Callable[..., JudgeWorld]


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def make(tmp_path: Path, judge: Judge) -> Iterator[Make]:
    with serving(judge) as url:
        made: list[JudgeWorld] = []

        def one(*, few: bool = True, **variables: str) -> JudgeWorld:
            made.append(JudgeWorld(tmp_path, url, few=few, **variables))
            return made[-1]

        yield one
        for world in made:
            world.close()


def hang(judge: Judge, graded: int = GRADED) -> None:
    """From now on the judge grades this many captions, and then stops responding."""
    judge.faults = [None] * graded + ["hang"] * 1000


def stuck(judge: Judge, before: int = 0) -> None:
    """Wait until all requests hang: everything graded before has been stored."""
    count = before + GRADED + AT_ONCE
    wait_for(lambda: len(judge.asked) == count, f"{count} calls")


def resumed_until_stuck(world: JudgeWorld, judge: Judge) -> None:
    before = len(judge.asked)
    hang(judge)
    judge_runs.resume(world.services, world.entry_id, KEY)
    world.jobs.start_waiting()
    stuck(judge, before)


def test_a_run_publishes_the_figures_expected_and_nothing_private(make: Make, judge: Judge) -> None:
    world = make(few=False)
    files = judge_runs.files_of(world.services, world.entry())
    assert files is not None
    told = plan(world.settings, files, None)
    assert isinstance(told, JudgePlan), told
    assert (told.calls, told.distinct, told.budget_left) == (DISTINCT, DISTINCT, 10_000)
    job = world.finish(world.start())
    assert (job.state, job.error, job.progress) == ("completed", None, 1.0)
    assert [step.name for step in job.steps] == list(JUDGE_STEPS)
    entry = world.entry()
    for key in JUDGE_KEYS:
        assert entry.metrics[key] == pytest.approx(PARITY["expected"][key], abs=5e-4)
        assert entry.metrics[key] == round(PARITY["expected"][key], 3)
    assert entry.judge is not None
    assert (entry.judge.run_id, entry.judge.model) == (job.job_id, "test-judge-2026")
    assert entry.judge.calls == len(judge.asked) + len(PAIRS) == DISTINCT + len(PAIRS)
    assert entry.judge.share == dict.fromkeys(JUDGE_KEYS, 1.0)
    assert entry.judge.rubric_version
    assert {key: len(entry.judge.aspects[key]) for key in JUDGE_KEYS} == dict.fromkeys(
        JUDGE_KEYS, 5
    )
    kept = json.loads(gzip.decompress(files.kept.read_bytes()))
    assert len(kept["scores"]) == DISTINCT
    assert [record["index"] for record in kept["records"]] == [
        index for index, record in enumerate(parity()[0]) if record.task in pairs.TASKS
    ]
    assert {pair for record in kept["records"] for pair, _ in record["uses"]} == {
        score["pair"] for score in kept["scores"]
    }
    text = world.written()
    assert SECRET not in text
    for record in PARITY["ground_truth"]:
        reference = record["conversations"][1]["value"]
        if len(reference) >= 20:
            assert reference not in text
    with pytest.raises(RefusedError, match="already judged"):
        judge_runs.start(world.services, world.entry_id, KEY)
    # Requested again by the admin: nothing is missing, and the history has both.
    again = judge_runs.start_as_admin(world.services, world.entry_id)
    world.jobs.start_waiting()
    assert world.finish(again).state == "completed"
    assert len(judge.asked) == DISTINCT
    assert [run.run_id for run in world.entry().judge_history] == [job.job_id]


def test_ended_at_any_moment_nothing_of_it_runs_and_only_what_is_missing_is_asked(
    make: Make, judge: Judge
) -> None:
    hang(judge)  # no response is expected
    world = make(**SLOW)
    job = world.start()
    stuck(judge)
    world.judge_process(job).kill()
    ended = world.finish(job)
    assert ended.state == "interrupted"
    assert "The machine ended the judge too early: it was killed" in (ended.error or "")
    assert "resume the run" in (ended.error or "")
    assert world.unpublished()

    files = judge_runs.files_of(world.services, world.entry())
    assert files is not None
    files.result.write_text('{"complete": true}')
    resumed_until_stuck(world, judge)
    assert not files.result.exists()  # it cannot be mistaken for this attempt's
    assert judge_runs.cancel(world.services, world.entry_id, KEY).state == "cancelled"
    assert world.processes(job) == []
    assert world.unpublished()
    assert world.store.read().submissions[world.entry_id].judging is None

    resumed_until_stuck(world, judge)
    pid = world.get(job).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not world.processes(job), "the death of all")
    world.jobs.recover()
    assert world.get(job).state == "interrupted"
    assert world.unpublished()

    judge.faults = []
    assert world.resume().state == "completed"
    assert len(judge.asked) == FEW + 3 * AT_ONCE  # only requests in flight are lost
    assert world.entry().judged


def test_incomplete_publishes_nothing_and_is_resumed(make: Make, judge: Judge) -> None:
    judge.faults = [None] * 20 + ["nonsense"] * 20
    world = make()
    job = world.finish(world.start())
    assert job.state == "incomplete"
    told = re.fullmatch(
        r"incomplete: (\d+) of (\d+) scored, (\d+) failed \(unreadable \3\)", job.error or ""
    )
    assert told is not None
    scored, total, failed = map(int, told.groups())
    assert (total, scored, failed) == (FEW, FEW - 20, 20)
    assert world.unpublished()
    assert world.store.read().submissions[world.entry_id].judging is None
    assert not judge_runs.files_of(world.services, world.entry()).kept.exists()  # type: ignore[union-attr]
    calls = len(judge.asked)
    assert world.resume().state == "completed"
    assert len(judge.asked) == calls + failed
    found = world.entry().judge
    assert found is not None
    assert found.calls == len(judge.asked) + 2 * len(PAIRS)


def test_more_than_a_day_has_is_begun_by_admins_only_and_stops_at_the_budget(
    make: Make, judge: Judge
) -> None:
    world = make(MEDVIDBENCH_JUDGE_BUDGET="20")
    job = world.finish(world.start())
    assert job.state == "failed"
    assert f"takes {FEW} calls, more than the 20 allowed" in (job.error or "")
    assert "Ask the maintainers" in (job.error or "")
    assert judge.asked == []
    started = judge_runs.start_as_admin(world.services, world.entry_id)
    world.jobs.start_waiting()
    job = world.finish(started)
    assert job.state == "failed"
    assert "MEDVIDBENCH_JUDGE_BUDGET" in (job.error or "")
    assert 0 < len(judge.asked) <= 20
    assert f"takes {FEW - len(judge.asked)} calls" in (world.resume().error or "")
    assert world.unpublished()


def test_a_run_that_another_machine_has_taken_over_stops(make: Make, judge: Judge) -> None:
    hang(judge)
    world = make(**SLOW)
    job = world.start()
    stuck(judge)
    world.store.commit(judging.close_run(world.entry_id, job.job_id, "lost"))
    world.store.commit(judging.open_run(world.entry_id, "another-run", "participant"))
    ended = world.finish(job)
    assert ended.state == "failed"
    assert "elsewhere" in (ended.error or "")
    held = world.store.read().submissions[world.entry_id].judging
    assert held is not None
    assert held.run_id == "another-run"


def test_a_run_that_waited_longer_than_its_lease_keeps_it(make: Make, judge: Judge) -> None:
    hang(judge)
    world = make(**SLOW)
    job = judge_runs.start(world.services, world.entry_id, KEY)
    world.store.commit(judging.close_run(world.entry_id, job.job_id, "test"))
    queued = datetime.now(UTC) - timedelta(hours=24, minutes=1)
    opened = judging.open_run(world.entry_id, job.job_id, "participant", first=False)
    world.store.commit(msgspec.structs.replace(opened, time=queued.isoformat()))
    with pytest.raises(RefusedError, match="in progress already"):
        judge_runs.start_as_admin(world.services, world.entry_id)
    world.jobs.start_waiting()
    stuck(judge)
    held = world.store.read().submissions[world.entry_id].judging
    assert held is not None
    assert held.run_id == job.job_id
    assert datetime.now(UTC) - datetime.fromisoformat(held.opened) < timedelta(hours=1)


def test_of_two_starts_at_once_one_is_refused(make: Make) -> None:
    world = make()
    both, barrier, ended = [], threading.Barrier(2), []
    for _ in range(2):  # as two servers do
        store = open_store(world.settings)
        both.append(services_with(world.settings, store))

    def start(services: Services) -> None:
        barrier.wait()
        try:
            ended.append(judge_runs.start(services, world.entry_id, KEY).state)
        except RefusedError as error:
            ended.append(str(error))

    threads = [threading.Thread(target=start, args=(services,)) for services in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(text[:11] for text in ended) == ["A judge run", "queued"]
    assert [job.kind for job in world.jobs.list() if not job.done] == ["judge"]


def test_a_run_without_a_job_is_closed_after_a_while(make: Make) -> None:
    world = make()
    fresh = judging.open_run(world.entry_id, "orphan-run", "participant")
    world.store.commit(fresh)
    world.jobs.recover()
    assert world.store.read().submissions[world.entry_id].judging is not None
    world.store.commit(judging.close_run(world.entry_id, "orphan-run", "test"))
    old = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    stale = judging.open_run(world.entry_id, "orphan-two", "participant")
    world.store.commit(msgspec.structs.replace(stale, time=old))
    world.jobs.recover()
    assert world.store.read().submissions[world.entry_id].judging is None


@pytest.mark.parametrize("key", [None, "", "mvb-wrong"])
def test_only_the_key_starts_cancels_or_resumes(make: Make, key: str | None) -> None:
    world = make()
    for act in (judge_runs.start, judge_runs.cancel, judge_runs.resume):
        with pytest.raises(RefusedError, match="not the submission key"):
            act(world.services, world.entry_id, key)
    with pytest.raises(RefusedError, match="Only an admin"):
        judge_runs.start_as_admin(world.services, world.entry_id, "participant")


def test_without_a_key_or_with_another_truth_nothing_begins(make: Make) -> None:
    world = make(OPENAI_API_KEY="")
    with pytest.raises(RefusedError, match="OPENAI_API_KEY"):
        judge_runs.start(world.services, world.entry_id, KEY)
    settings = _with(world, judge_key=SECRET)
    world.settings.truth_path.write_text(json.dumps(world.truth[:-1]))
    with pytest.raises(RefusedError, match="different ground truth"):
        judge_runs.start(settings, world.entry_id, KEY)


def _with(world: JudgeWorld, **changes: Any) -> Services:
    settings = dataclasses.replace(world.settings, **changes)
    return services_with(settings, world.store)


def test_the_key_reaches_judge_runs_only(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    world = make()
    launcher = LocalLauncher(world.settings)
    evaluation = world.submit("Model B")
    judging = msgspec.structs.replace(evaluation, kind="judge")
    assert SECRET not in launcher._environment(evaluation).values()
    assert SECRET in launcher._environment(judging).values()
    assert SECRET not in child.environment().values()
    assert SECRET not in repr(world.settings)
