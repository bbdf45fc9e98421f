"""The demo's synthetic models: which boards get them, each once, despite kills at any point.

Real evaluations, of a few answers.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.changes.quota import tries_by_entry, uploads
from core.model.contracts.demo import MODELS_FILE, DemoModel
from core.usecases import demo_models
from core.usecases.demo_models import DemoModels
from core.usecases.judge_view import judge_view
from core.usecases.services import Services
from tests.core.job_world import World
from tests.core.services_world import world as services_on

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def model(name: str, version: int, date: str, records: int) -> DemoModel:
    own = f"demo-{name}-{version}"
    return DemoModel(
        submission_id=own,
        model_name=f"{name}-7B",
        organization="Demo Lab",
        date=date,
        file=f"{own}.json.gz",
        records=records,
        declared={"parameters": "7B"},
        replaces=f"demo-{name}-{version - 1}" if version > 1 else "",
        off_the_shelf=name == "beech",
    )


def prepared(place: World, judged: str = "") -> Services:
    """Three uploads of two models, as created by the supervisor; one may need judging."""
    services = Services(place.settings, place.store, place.jobs)
    folder = demo_models.folder(place.settings)
    folder.mkdir()
    few = place.predictions[:200]
    models = [
        model("aspen", 1, "2026-01-02", len(few)),
        model("aspen", 2, "2026-03-04", len(few)),
        model("beech", 1, "2026-02-03", len(few)),
    ]
    for number, one in enumerate(models):
        answers = [{**record, "prediction": f"{number}"} for record in few[:5]] + few[5:]
        (folder / one.file).write_bytes(gzip.compress(json.dumps(answers).encode()))
    named = [msgspec.structs.replace(m, judged=m.submission_id == judged) for m in models]
    (folder / MODELS_FILE).write_bytes(msgspec.json.encode(named))
    return services


def work(services: Services, place: World) -> None:
    """Do the supervisor's work until all models are published."""
    while demo_models.folder(place.settings).exists():
        DemoModels(services).step()
        services.jobs.start_waiting()
        for job in services.jobs.list():
            if job.state == "running":
                place.finish(job)
        services.jobs.recover()


def assert_all_there(place: World) -> None:
    state = place.store.read()
    assert set(state.submissions) == {"demo-aspen-1", "demo-aspen-2", "demo-beech-1"}
    assert {one.state for one in state.submissions.values()} == {"published"}
    aspen, beech = sorted(state.shown("community"), key=lambda entry: entry.model_name)
    assert (aspen.model_name, aspen.date, aspen.off_the_shelf) == ("aspen-7B", "2026-03-04", False)
    assert (beech.model_name, beech.date, beech.off_the_shelf) == ("beech-7B", "2026-02-03", True)
    assert [version.date for version in aspen.history] == ["2026-01-02"]
    assert len(place.jobs.list()) == 3


def assert_nobodys(place: World) -> None:
    state = place.store.read()
    chains = {entry.entry_id: uploads(entry) for entry in state.shown("community")}
    assert tries_by_entry(state, chains) == {}
    assert {(one.key_hash, one.submitter) for one in state.submissions.values()} == {("", None)}


class Killed(BaseException):
    """The server is killed here."""


def dies_after(did: Callable[..., Any], calls: set[str], name: str) -> Callable[..., Any]:
    """Does its work, but is killed before it returns, the first time for each upload."""

    def call(*arguments: Any, **named: Any) -> Any:
        found = did(*arguments, **named)
        what = arguments[0].id if name == "commit" else f"{name} {arguments}"
        if what not in calls:
            calls.add(what)
            raise Killed
        return found

    return call


def test_killed_behind_every_write_each_comes_once(
    place: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = prepared(place)
    died: set[str] = set()
    monkeypatch.setattr(place.store, "commit", dies_after(place.store.commit, died, "commit"))
    monkeypatch.setattr(place.jobs, "enqueue", dies_after(place.jobs.enqueue, died, "queue"))
    kept = demo_models.keep_upload
    monkeypatch.setattr(demo_models, "keep_upload", dies_after(kept, died, "keep"))
    for _ in range(20):
        try:
            work(services, place)
        except Killed:
            continue
        break
    assert_all_there(place)
    assert_nobodys(place)
    seen = judge_view(services, "demo-beech-1", None)
    assert seen is not None
    assert (seen.owner, seen.keyless) == (False, True)
    assert len(died) == 12  # keep, submit, enqueue, date: of three uploads


def test_a_name_that_a_visitor_has_taken_is_left_to_them(place: World) -> None:
    services = prepared(place)
    theirs = place.submit("ASPEN-7B")
    work(services, place)
    state = place.store.read()
    assert set(state.submissions) == {theirs.submission_id, "demo-beech-1"}


def test_only_a_new_demo_folder_gets_them(tmp_path: Path) -> None:
    def planned(name: str, **changes: Any) -> bool:
        (tmp_path / name).mkdir()
        services = services_on(tmp_path / name, **changes)
        services.settings.root.mkdir(parents=True)
        if name == "used":
            (services.settings.root / "leaderboard.json").write_text('[{"model_name": "Own"}]')
        demo_models.plan(services)
        return demo_models.folder(services.settings).is_dir()

    demo: dict[str, Any] = {"ground_truth": None}
    assert planned("new", **demo)
    assert not planned("used", **demo)
    assert not planned("none", **demo, demo_models=0)
    assert not planned("real")
