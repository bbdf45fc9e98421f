"""The read API against its OpenAPI description, its caching headers, and its privacy."""

import hashlib
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from xml.etree import ElementTree as Xml

import msgspec
import pytest
import uvicorn
from hypothesis import given, settings
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.changes import placing, submitting
from core.changes.act import Change
from core.changes.placing import add_official
from core.errors import RefusedError
from core.store.as_of import day_of, state_at
from core.usecases.services import services_with
from core.web import read_api
from tests.core.job_world import World
from tests.core.store_world import entry, many_changes, submission

DAYS = ("2026-03-01", "2026-03-02", "2026-03-03")
CONTACT = "canary@example.org"
HOSTILE = "<script>&\x08]]></x>"


def at(change: Change, day: str) -> Change:
    return msgspec.structs.replace(change, time=f"{day}T12:00:00.000Z")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("api"), url="https://board.example.org")
    store = made.store
    name = HOSTILE.replace("\x08", "")
    store.commit(
        at(add_official(entry("x", 1.0, model_name=name, verified_date=DAYS[0]), "admin"), DAYS[0])
    )
    for number, day in enumerate(DAYS):
        sent = submission(number, contact_ref=store.add_personal({"contact": CONTACT}))
        store.commit(at(submitting.submit(sent, "participant"), day))
        row = entry(number, value=(number + 1) / 10, model_name=sent.model_name)
        store.commit(at(submitting.add(sent.submission_id, row), day))
    return made


@pytest.fixture(scope="module")
def url(world: World) -> Iterator[str]:
    services = services_with(world.settings, world.store)
    app = Starlette(routes=[*read_api.routes(services), *read_api.unknown()])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def get(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    request = urllib.request.Request(url, headers=named, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def body(url: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(get(url)[2])
    return found


def test_every_response_matches_its_description(url: str) -> None:
    import schemathesis  # a quarter of a second in every worker, of which one runs this test

    schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.yaml")
    known = {
        f"{method.upper()} {path}"
        for path, item in schema.raw_schema["paths"].items()
        for method in item
    }
    served = {
        f"GET {route.path}"
        for route in Starlette(routes=read_api.routes(None)).routes  # type: ignore[arg-type]
        if not route.path.endswith("openapi.yaml")  # type: ignore[attr-defined]
    }
    assert known == served
    for result in schema.get_all_operations():
        case = result.ok().as_strategy()

        @settings(max_examples=8, deadline=None, database=None)
        @given(case=case)
        def run(case: Any) -> None:
            case.call_and_validate(base_url=url)

        run()


@pytest.mark.parametrize("configured", ["", "https://board.example.org"])
def test_the_feed_has_links_with_and_without_a_configured_address(
    world: World, configured: str
) -> None:
    services = services_with(replace(world.settings, url=configured), world.store)
    app = Starlette(routes=read_api.routes(services, "below"))
    client = TestClient(app, base_url="https://asked.example")
    feed = Xml.fromstring(client.get("/below/feed.atom").content)  # noqa: S314
    site = configured or "https://asked.example/below"
    links = {one.get("href") for one in feed.iterfind("{*}entry/{*}link")}
    assert f"{site}/model/entry-x" in links
    assert all(str(link).startswith(f"{site}/model/") for link in links)
    assert len(links) == len(feed.findall("{*}entry"))


def test_a_day_gives_the_same_bytes_later(url: str, world: World) -> None:
    asked = [f"{url}/api/v1/boards/community?as_of={day}" for day in DAYS]
    before = [get(one)[2] for one in asked]
    assert [len(json.loads(one)["entries"]) for one in before] == [1, 2, 3]
    assert json.loads(before[0])["as_of"] == DAYS[0]
    first = world.store.read().community[0]
    many_changes(world.store, world.settings.root, first, 1000)
    world.store.commit(placing.delete(first, "admin"))
    assert len(world.store.lines()) > 1000
    assert world.store.verify() == []
    assert [get(one)[2] for one in asked] == before
    assert len(body(f"{url}/api/v1/boards/community")["entries"]) == 2
    told = body(f"{url}/api/v1/history?since={DAYS[2]}")["changes"]
    assert "Model 0 left the Community board, where it had rank 3." in [one["text"] for one in told]
    assert body(f"{url}/api/v1/history?since={DAYS[0]}&as_of={DAYS[1]}")["changes"][0] == {
        "kind": "new", "id": "entry-1", "model_name": "Model 1", "board": "community",
        "rank_before": None, "rank": 1, "text": "Model 1 is new on the Community board, at rank 1.",
    }  # fmt: skip


def test_the_croissant_names_files_by_the_checksums_of_what_is_there(url: str) -> None:
    for query in ("", f"?as_of={DAYS[1]}"):
        found = body(f"{url}/api/v1/croissant.json{query}")
        files = {one["name"]: one for one in found["distribution"]}
        assert list(files) == ["official.json", "community.json"]
        for one in files.values():
            place = one["contentUrl"].removeprefix("https://board.example.org")
            assert hashlib.sha256(get(f"{url}{place}")[2]).hexdigest() == one["sha256"]


@pytest.mark.parametrize("text", ["", "2026-13-01", "yesterday", "2026-1-1x", "9999-01-01"])
def test_an_invalid_day_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        day_of(text, date(2026, 11, 26))


def test_a_refused_day_names_its_parameter(url: str) -> None:
    for place, status, told in (
        ("history", 422, "since: Expected a day like 2026-11-26, got ''."),
        ("history?since=2026-01-01&as_of=x", 422, "as_of: Expected a day like 2026-11-26, got"),
        ("history?since=9999-01-01", 404, "since: 9999-01-01 is in the future."),
        ("history?since=2026-01-02&as_of=2026-01-01", 404, "since: 2026-01-02 is after as_of,"),
        ("boards?as_of=9999-01-01", 404, "as_of: 9999-01-01 is in the future."),
    ):
        found = get(f"{url}/api/v1/{place}")
        assert found[0] == status
        assert json.loads(found[2])["error"].startswith(told)


def test_before_the_first_change_the_boards_are_the_base(world: World) -> None:
    found = state_at(world.settings, date(2020, 1, 1), world.store.revision())
    assert found.state.community == ()
    empty = replace(world.settings, data_dir=world.settings.data_dir / "nowhere")
    assert state_at(empty, date(2020, 1, 1), "").state.community == ()


def test_caches_and_other_sites_may_keep_it_and_nobody_may_change_it(url: str) -> None:
    place = f"{url}/api/v1/boards/official"
    status, headers, data = get(place)
    assert (status, headers["access-control-allow-origin"]) == (200, "*")
    assert "public" in headers["cache-control"]
    assert get(place, if_none_match=headers["etag"])[::2] == (304, b"")
    strong = headers["etag"].removeprefix("W/")
    for known in ("*", strong, f'"other", {headers["etag"]}'):
        assert get(place, if_none_match=known)[0] == 304
    assert get(place, if_none_match='"other"')[0] == 200
    assert get(place, method="HEAD")[2] == b""
    assert get(place, method="OPTIONS")[0] == 204
    assert get(place, method="POST")[0] == 405
    status, headers, _ = get(f"{url}/api/v1/models/nobody")
    assert (status, headers["cache-control"]) == (404, "no-store")
    assert json.loads(data)["url"] == "https://board.example.org"


def test_the_models_are_those_of_the_boards_with_addresses_that_work(url: str) -> None:
    for query in ("", f"?as_of={DAYS[1]}"):
        listed = body(f"{url}/api/v1/models{query}")["models"]
        boards = [
            {**one, "board": name}
            for name in ("official", "community")
            for one in body(f"{url}/api/v1/boards/{name}{query}")["entries"]
        ]
        assert boards
        for one, row in zip(listed, boards, strict=True):
            shared = {key: value for key, value in one.items() if key != "path"}
            assert shared == {key: row[key] for key in shared}
            found = body(f"{url}{one['path']}{query}")
            assert (found["id"], found["rank"]) == (one["id"], one["rank"])


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v1/models/", "/api/v1/board", "/api/v2/%3Cb%3E"]
)
def test_other_addresses_of_the_api_are_not_found(url: str, path: str) -> None:
    for method in ("GET", "POST"):
        status, headers, data = get(f"{url}{path}", method)
        assert (status, headers["content-type"]) == (404, "application/json")
        told = json.loads(data)["error"]
        assert told.endswith(". /api/v1/openapi.yaml lists what there is.")
        assert "There is no /api" in told


def test_hostile_names_are_escaped_and_private_words_absent(url: str, world: World) -> None:
    ids = [
        one.entry_id for name in ("community", "official") for one in world.store.read().board(name)
    ]  # type: ignore[arg-type]
    paths = [
        "boards/official",
        "boards/community",
        "croissant.json",
        "models",
        *(f"models/{one}" for one in ids),
    ]
    shown = [get(f"{url}/api/v1/{path}")[2] for path in paths]
    shown += [get(f"{url}/feed.atom")[2], *(get(f"{url}/badge/{one}.svg")[2] for one in ids)]
    assert not any(CONTACT.encode() in one or b"contact" in one for one in shown)
    feed = Xml.fromstring(get(f"{url}/feed.atom")[2])  # noqa: S314
    titles = [one.findtext("{*}title") or "" for one in feed.iterfind("{*}entry")]
    assert any(title.startswith(HOSTILE.replace("\x08", "")) for title in titles)
    for one in ids:
        picture = Xml.fromstring(get(f"{url}/badge/{one}.svg")[2])  # noqa: S314
        assert picture.get("aria-label", "").startswith("MedVidBench: #")
