"""Judge runs as jobs: from the queue to the entry, and all that can go wrong on the way."""

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
import psutil
import pytest
from judge_data import PARITY, parity
from judge_server import Judge, serving

from core import evaluator, judge_changes, judge_runs, operations
from core.benchmark import JUDGE_KEYS, SCORED_KEYS
from core.boards import Services
from core.entries import Entry, Job
from core.errors import RefusedError
from core.ground_truth import sha256
from core.job_end import JUDGE_STEPS
from core.jobs import Jobs, open_store
from core.judge_plan import JudgePlan, plan
from core.launcher import LocalLauncher
from core.submission_keys import hash_key, make_key
from evaluation.judge import pairs
from tests.core.job_world import World, wait_for

DISTINCT = len(pairs.plan(*parity()).distinct())
KEY, SECRET = make_key(), "sk-canary-secret"


class JudgeWorld(World):
    """A world with one published model, whose key is KEY, and a judge server."""

    def __init__(self, folder: Path, url: str, **variables: str) -> None:
        own = {"OPENAI_API_KEY": SECRET, "OPENAI_BASE_URL": url, **variables}
        super().__init__(folder, judge_environment=tuple(own.items()))
        self.services = Services(self.settings, self.store, self.jobs)
        self.entry_id = self.publish()

    def publish(self, name: str = "Model A") -> str:
        """Put a model on the board as its evaluation does."""
        job = self.submit(name)
        submission = self.submission(job)
        keyed = msgspec.structs.replace(submission, key_hash=hash_key(KEY))
        self.store.commit(operations.release(job.submission_id, "not needed"))
        entry_id = job.submission_id + "-k"
        (self.settings.root / "results" / job.submission_id).rename(
            self.settings.root / "results" / entry_id
        )
        keyed = msgspec.structs.replace(keyed, submission_id=entry_id)
        row = Entry(
            entry_id=entry_id,
            model_name=name,
            organization="Lab",
            metrics=dict.fromkeys(SCORED_KEYS, 0.5) | dict.fromkeys(JUDGE_KEYS),
            predictions_sha256=keyed.predictions_sha256,
            ground_truth_sha256=sha256(self.settings.truth_path),
        )
        self.store.commit(operations.submit(keyed, "participant"))
        self.store.commit(operations.add(entry_id, row))
        self.jobs.cancel(job.job_id)
        return entry_id

    def start(self) -> Job:
        job = judge_runs.start(self.services, self.entry_id, KEY)
        self.jobs.start_waiting()
        return job

    def resume(self) -> Job:
        job = judge_runs.resume(self.services, self.entry_id, KEY)
        self.jobs.start_waiting()
        return self.finish(job)

    def entry(self) -> Entry:
        found = judge_runs.find(self.store.read(), self.entry_id)
        assert found is not None
        return found[1]

    def unpublished(self) -> bool:
        return not self.entry().judged and self.entry().judge is None

    def judge_process(self, job: Job) -> psutil.Process:
        found = [p for p in self.processes(job) if "evaluation.judge" in p.cmdline()]
        assert len(found) == 1
        return found[0]

    def written(self) -> str:
        """Everything under the data folder but the packed upload and the truth, as text."""
        parts = []
        for path in self.settings.root.rglob("*"):
            if path.is_file() and path.name != "input.json.gz":
                data = path.read_bytes()
                data = gzip.decompress(data) if path.suffix == ".gz" else data
                parts.append(data.decode("utf-8", "replace"))
        return "\n".join(parts)


Make = Callable[..., JudgeWorld]


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def make(tmp_path: Path, judge: Judge) -> Iterator[Make]:
    with serving(judge) as url:
        made: list[JudgeWorld] = []

        def one(**variables: str) -> JudgeWorld:
            made.append(JudgeWorld(tmp_path, url, **variables))
            return made[-1]

        yield one
        for world in made:
            world.close()


def asked(judge: Judge, count: int) -> None:
    wait_for(lambda: len(judge.asked) >= count, f"{count} calls")


def test_a_run_publishes_the_figures_expected_and_nothing_private(make: Make, judge: Judge) -> None:
    world = make()
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
    assert entry.judge.calls == len(judge.asked) == DISTINCT
    assert entry.judge.share == dict.fromkeys(JUDGE_KEYS, 1.0)
    assert entry.judge.rubric_version
    assert {key: len(entry.judge.aspects[key]) for key in JUDGE_KEYS} == dict.fromkeys(
        JUDGE_KEYS, 5
    )
    kept = json.loads(gzip.decompress(files.kept.read_bytes()))
    assert len(kept["scores"]) == DISTINCT
    text = world.written()
    assert SECRET not in text
    for record in PARITY["ground_truth"]:
        reference = record["conversations"][1]["value"]
        if len(reference) >= 20:
            assert reference not in text
    with pytest.raises(RefusedError, match="judged already"):
        judge_runs.start(world.services, world.entry_id, KEY)
    # Asked again by the admin: nothing is missing, and history keeps both.
    again = judge_runs.start_as_admin(world.services, world.entry_id)
    world.jobs.start_waiting()
    assert world.finish(again).state == "completed"
    assert len(judge.asked) == DISTINCT
    assert [run.run_id for run in world.entry().judge_history] == [job.job_id]


def test_killed_at_any_moment_it_asks_only_for_what_is_missing(make: Make, judge: Judge) -> None:
    judge.latency = 0.3
    world = make()
    job = world.start()
    asked(judge, 30)
    world.judge_process(job).kill()
    ended = world.finish(job)
    assert ended.state == "failed"
    assert "killed" in (ended.error or "")
    assert world.unpublished()
    before = len(judge.asked)
    judge_runs.resume(world.services, world.entry_id, KEY)
    world.jobs.start_waiting()
    asked(judge, before + 30)
    pid = world.get(job).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not world.processes(job), "the death of all")
    world.jobs.recover()
    assert world.get(job).state == "interrupted"
    assert world.unpublished()
    judge.latency = 0.0
    assert world.resume().state == "completed"
    assert DISTINCT <= len(judge.asked) <= DISTINCT + 40  # twice what was in flight
    assert world.entry().judged


def test_incomplete_publishes_nothing_and_is_resumed(make: Make, judge: Judge) -> None:
    judge.faults = ["nonsense"] * 60
    world = make()
    job = world.finish(world.start())
    assert job.state == "incomplete"
    told = re.fullmatch(
        r"incomplete: (\d+) of (\d+) scored, (\d+) failed \(unreadable \3\)", job.error or ""
    )
    assert told is not None
    scored, total, failed = map(int, told.groups())
    assert (total, scored) == (DISTINCT, DISTINCT - failed)
    assert world.unpublished()
    assert world.store.read().submissions[world.entry_id].judging is None
    assert not judge_runs.files_of(world.services, world.entry()).kept.exists()  # type: ignore[union-attr]
    calls = len(judge.asked)
    assert world.resume().state == "completed"
    assert len(judge.asked) == calls + failed
    found = world.entry().judge
    assert found is not None
    assert found.calls == len(judge.asked)


def test_the_budget_stops_a_run(make: Make, judge: Judge) -> None:
    world = make(MEDVIDBENCH_JUDGE_BUDGET="30")
    job = world.finish(world.start())
    assert job.state == "failed"
    assert "MEDVIDBENCH_JUDGE_BUDGET" in (job.error or "")
    assert len(judge.asked) <= 30
    assert world.unpublished()


def test_cancelled_nothing_of_it_runs_any_more(make: Make, judge: Judge) -> None:
    judge.latency = 0.3
    world = make()
    job = world.start()
    asked(judge, 20)
    assert judge_runs.cancel(world.services, world.entry_id, KEY).state == "cancelled"
    assert world.processes(job) == []
    assert world.unpublished()
    assert world.store.read().submissions[world.entry_id].judging is None


def test_a_run_that_another_machine_has_taken_over_stops(make: Make, judge: Judge) -> None:
    judge.latency = 0.3
    world = make()
    job = world.start()
    asked(judge, 20)
    world.store.commit(judge_changes.close_run(world.entry_id, job.job_id, "lost"))
    world.store.commit(judge_changes.open_run(world.entry_id, "another-run", "participant"))
    ended = world.finish(job)
    assert ended.state == "failed"
    assert "elsewhere" in (ended.error or "")
    held = world.store.read().submissions[world.entry_id].judging
    assert held is not None
    assert held.run_id == "another-run"


def test_of_two_starts_at_once_one_is_refused(make: Make) -> None:
    world = make()
    both, barrier, ended = [], threading.Barrier(2), []
    for _ in range(2):  # as two servers do
        store = open_store(world.settings)
        both.append(Services(world.settings, store, Jobs(world.settings)))

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
    fresh = judge_changes.open_run(world.entry_id, "orphan-run", "participant")
    world.store.commit(fresh)
    world.jobs.recover()
    assert world.store.read().submissions[world.entry_id].judging is not None
    world.store.commit(judge_changes.close_run(world.entry_id, "orphan-run", "test"))
    old = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    stale = judge_changes.open_run(world.entry_id, "orphan-two", "participant")
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
    keyed = dict(world.settings.judge_environment) | {"OPENAI_API_KEY": SECRET}
    settings = _with(world, judge_environment=tuple(keyed.items()))
    world.settings.truth_path.write_text(json.dumps(world.truth[:-1]))
    with pytest.raises(RefusedError, match="another ground truth"):
        judge_runs.start(settings, world.entry_id, KEY)


def _with(world: JudgeWorld, **changes: Any) -> Services:
    settings = dataclasses.replace(world.settings, **changes)
    return Services(settings, world.store, Jobs(settings))


def test_the_key_reaches_judge_runs_only(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    world = make()
    launcher = LocalLauncher(world.settings)
    evaluation = world.submit("Model B")
    judging = msgspec.structs.replace(evaluation, kind="judge")
    assert SECRET not in launcher._environment(evaluation).values()
    assert SECRET in launcher._environment(judging).values()
    assert SECRET not in evaluator.environment(("A", "b")).values()
    assert SECRET not in repr(world.settings)
