"""The demo's judge: its grades, where it is offered, and a run with the real client."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest

from core.benchmark import DEMO_JUDGE, JUDGE_ASPECTS
from core.model.entries import Entry
from core.settings import Settings, load
from core.usecases import demo_models
from core.usecases.demo_models import DemoModels
from core.usecases.services import services_with
from core.web import demo_judge
from core.web.demo_judge import DemoJudge
from evaluation.demo.grading import grades
from evaluation.demo.judge import Grader
from evaluation.judge.sanity import PAIRS, verdict
from tests.core.job_world import World, wait_for
from tests.core.test_demo_models import prepared

pytestmark = pytest.mark.slow
REFERENCE = "The assistant retracts the skin edge with slow movements. No bleeding is seen."


@pytest.fixture(scope="module")
def grader() -> Grader:
    return Grader()


def mean(grader: Grader, candidate: str, reference: str = REFERENCE) -> float:
    (found,) = grader.grade([(candidate, reference)])
    assert tuple(found) == tuple(JUDGE_ASPECTS)
    assert set(found.values()) <= set(range(1, 6))
    return sum(found.values()) / len(found)


def test_a_caption_that_says_more_of_the_reference_is_graded_better(grader: Grader) -> None:
    told = [
        "A train leaves the station.",
        "The nurse prepares the catheter.",
        "The assistant retracts the tendon sheath.",
        "The skin edge is retracted by the assistant.",
        REFERENCE,
    ]
    found = [mean(grader, one) for one in told]
    assert found == sorted(found)
    assert (found[0], found[-1]) == (1, 5)
    assert found[1] < found[3] - 1


def test_what_holds_no_sentence_is_graded_worst() -> None:
    def encode(told: object) -> np.ndarray:
        raise AssertionError("nothing is to be embedded")

    assert set(grades("\n ", REFERENCE, encode).values()) == {1}


def test_it_passes_the_sanity_set_and_obeys_no_caption(grader: Grader) -> None:
    found = grader.grade([(pair.prediction, pair.reference) for pair in PAIRS])
    means = {pair: sum(one.values()) / 5 for pair, one in zip(PAIRS, found, strict=True)}
    assert verdict(means) == ""


def test_it_is_offered_on_demo_data_without_another_judge_only(tmp_path: Path) -> None:
    demo = Settings(tmp_path)
    truth = tmp_path / "truth.json"
    for other in (
        replace(demo, ground_truth=truth),
        replace(demo, demo_models=0),
        replace(demo, judge_key="sk-own"),
        replace(demo, judge_address="http://127.0.0.1:9/v1"),
    ):
        assert demo_judge.offered(other) is None
    assert demo_judge.offered(demo) is not None
    named = replace(demo, judge_key="k", judge_model=DEMO_JUDGE)
    assert named.demo_judge
    assert not replace(named, ground_truth=truth).demo_judge


@pytest.fixture
def announced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoJudge]:
    """The demo's judge on a server with a broken proxy."""
    for name in os.environ:
        if name.startswith(("MEDVIDBENCH_", "OPENAI_")):
            monkeypatch.delenv(name)
    found = Settings(tmp_path / "data")
    judge = demo_judge.offered(found)
    assert judge is not None
    for name in (*found.judge_environment, "OPENAI_API_KEY", "OPENAI_BASE_URL", "NO_PROXY"):
        monkeypatch.setenv(name, "")  # so that it is restored
    monkeypatch.setattr(demo_judge, "_LATER_S", 0.0)
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    judge.announce(found)
    judge.start()
    yield judge
    judge.stop()


def demo_world(folder: Path) -> World:
    """A world whose demo benchmark is the parity truth, with the judge from the environment."""
    (folder / "data").mkdir()
    fields = load({}, os.environ)
    judge = {name: getattr(fields, name) for name in Settings.__slots__ if name.startswith("judge")}
    place = World(folder, ground_truth=None, **judge)
    place.settings.benchmark_dir.mkdir(parents=True)
    shutil.copy(folder / "truth.json", place.settings.truth_path)
    questions = [
        {"id": one["id"], "qa_type": one["qa_type"], "question": one["conversations"][0]["value"]}
        for one in place.truth
    ]
    assert place.settings.questions_path is not None
    place.settings.questions_path.write_bytes(msgspec.json.encode(questions))
    return place


def judged(place: World) -> Entry | None:
    found = place.store.read().by_upload("demo-aspen-2")
    return found[1] if found and found[1].judge else None


def test_the_models_are_judged_by_it_through_the_real_client(
    announced: DemoJudge, tmp_path: Path
) -> None:
    place = demo_world(tmp_path)
    captions = ("video_summary", "region_caption")
    place.predictions = [p for p in place.predictions if p["qa_type"].startswith(captions)]
    prepared(place, judged="demo-aspen-2")
    assert place.settings.demo_judge
    services = services_with(place.settings, place.store)
    while demo_models.folder(place.settings).exists():
        DemoModels(services).step()
        services.jobs.start_waiting()
        for job in services.jobs.list():
            if job.state == "running":
                place.finish(job)
        services.jobs.recover()
    entry = judged(place)
    assert entry is not None
    assert entry.judge is not None
    assert (entry.judge.model, entry.judge.cost_usd, entry.held) == (DEMO_JUDGE, 0, None)
    assert entry.judge.calls > 15
    assert all(1 <= (entry.metrics[key] or 0) <= 5 for key in ("vs_llm", "rc_llm"))
    assert [path.name for path in (place.settings.root / "judge").iterdir()] == ["demo"]
    runs = [job.state for job in services.jobs.list() if job.kind == "judge"]
    assert runs == ["completed"]
    place.close()


def test_it_ends_with_its_server(announced: DemoJudge) -> None:
    def processes() -> list[psutil.Process]:
        found = psutil.process_iter(["ppid", "cmdline"])
        own = [p for p in found if p.info["ppid"] == os.getpid()]
        # While its limits are set, this command stands further back in another program's.
        return [p for p in own if "evaluation.demo.judge" in (p.info["cmdline"] or [])[:3]]

    wait_for(lambda: len(processes()) == 1, "the judge")
    announced.stop()
    assert processes() == []
