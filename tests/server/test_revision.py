"""GET /x/revision: what open pages ask for, to show other people's changes."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.changes import submitting
from core.store.store import Store
from core.usecases.revision import revision
from core.usecases.services import services_with
from core.web import revision as route
from tests.core.job_world import World
from tests.core.store_world import submission


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def client(world: World, base: str = "") -> TestClient:
    services = services_with(world.settings, world.store)
    return TestClient(Starlette(routes=route.routes(services, base)))


def test_it_changes_with_the_boards_and_only_then(world: World) -> None:
    asked = client(world)
    first = asked.get("/x/revision")
    assert first.text == revision(services_with(world.settings, world.store))
    assert first.headers["cache-control"] == "no-store"
    assert asked.get("/x/revision").text == first.text
    world.store.commit(submitting.submit(submission("new"), "participant"))
    assert asked.get("/x/revision").text not in ("", first.text)


def test_it_is_empty_while_the_boards_cannot_be_read(world: World) -> None:
    world.store.commit(submitting.submit(submission("new"), "participant"))
    journal = world.settings.root / "journal.jsonl"
    kept = journal.read_bytes()
    journal.write_bytes(kept[: len(kept) // 2])
    services = services_with(world.settings, Store(world.settings.root))
    asked = TestClient(Starlette(routes=route.routes(services))).get("/x/revision")
    assert (asked.status_code, asked.text) == (200, "")


def test_it_is_below_the_base_path_and_only_read(world: World) -> None:
    asked = client(world, "below")
    assert asked.get("/below/x/revision").text
    assert asked.get("/x/revision").status_code == 404
    assert asked.post("/below/x/revision").status_code == 405
