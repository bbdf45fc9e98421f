"""Streamlit's page, with what each page needs from the start."""

import json
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit import file_util

from core.changes import editing, placing
from core.changes.settings import set_policy
from core.model.policy import Policy
from core.usecases.services import services_with
from core.web.first_answer import FirstAnswer
from core.web.first_page import OURS, SCRIPT, SCRIPT_HASHES, STYLES, THEME_SCRIPT, FirstPages
from core.web.headers import SecurityHeaders
from tests.core.job_world import World
from tests.core.store_world import entry

INDEX = Path(file_util.get_static_dir()) / "index.html"
HTML = {"Accept": "text/html"}
HOSTILE = '</script><img src=x onerror=alert(1)>"</div>{{ 7*7 }}'


def page(_request: Request) -> Response:
    return FileResponse(INDEX)


def text(request: Request) -> Response:
    return PlainTextResponse("</head>" * 200, 404 if "gone" in request.url.path else 200)


def served(world: World, index: str = "") -> TestClient:
    """A server that compresses its responses, like Streamlit."""
    services = services_with(world.settings, world.store)
    pages = FirstPages(services, index or INDEX.read_text(encoding="utf-8"))
    paths = ("/", "/model", "/submit", "/deeper/page")
    routes = [*(Route(path, page) for path in paths), Route("/text", text), Route("/gone", text)]
    stack = [
        Middleware(SecurityHeaders, index=INDEX, framed=False, ours=SCRIPT_HASHES),
        Middleware(FirstAnswer, pages=pages, site=lambda scheme, host: f"{scheme}://{host}"),
        Middleware(GZipMiddleware),
    ]
    return TestClient(
        Starlette(routes=routes, middleware=stack), base_url="https://board.example.org"
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("first"))
    rows = (entry("x", 1.0, model_name=HOSTILE), entry("y", 1.0, model_name="Hidden-Later"))
    for row in rows:
        made.store.commit(placing.add_official(row, "admin"))
    announced = Policy(announcement=f"News: {HOSTILE}")
    made.store.commit(set_policy(made.store.read().policy, announced, "admin"))
    return made


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[TestClient]:
    with served(world) as found:
        yield found


def scripts(html: str) -> list[dict[str, str | None]]:
    """The attributes of a page's scripts."""
    found: list[dict[str, str | None]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not {name for name, _ in attrs} & {"onerror", "onload"}
            assert tag != "img"
            if tag == "script":
                found.append(dict(attrs))

    Reader().feed(html)
    return found


def test_every_page_gets_styles_and_scripts_and_no_notice_of_another_api(
    client: TestClient,
) -> None:
    answer = client.get("/submit", headers={**HTML, "If-None-Match": "x"})
    assert answer.text.count(STYLES) == 1
    assert set(OURS) <= {one.get("src") for one in scripts(answer.text)}
    assert int(answer.headers["content-length"]) < len(answer.content)  # packed
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "etag" not in answer.headers
    assert "_stcore/agent/interact" not in answer.text
    assert 'id="early"' not in answer.text
    bare = client.get("/submit", headers={**HTML, "Accept-Encoding": "identity"})
    assert bare.content == answer.content
    assert "content-encoding" not in bare.headers


@pytest.mark.parametrize("path", ["/text", "/gone", "/deeper/page"])
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_responses_that_are_not_pages_are_unchanged(
    client: TestClient, path: str, accept: str
) -> None:
    assert STYLES not in client.get(path, headers={"Accept": accept}).text


def test_a_program_that_reads_a_page_gets_the_plain_one(client: TestClient) -> None:
    answer = client.get("/", headers={"Accept": "*/*"})
    assert answer.content == INDEX.read_bytes()
    assert "etag" in answer.headers


def test_the_board_is_in_the_first_answer_and_streamlit_s_scripts_come_later(
    client: TestClient,
) -> None:
    answer = client.get("/", headers=HTML)
    found = scripts(answer.text)
    early, _, rest = answer.text.partition('<div id="root"></div>')
    assert '<div id="early">' in early
    assert unescape(early).count(HOSTILE) >= 3  # name, description, announcement
    assert not [one for one in found if one.get("type") == "module"]
    assert "<noscript>\n      <p>You need" not in answer.text
    listed = json.loads(re.findall(r'id="later">(.*?)</script>', rest)[0])
    assert {one["tag"] for one in listed} == {"script", "link"}
    sources = [one.get("src") or one["href"] for one in listed]
    assert set(OURS) <= set(sources)
    assert all(source in INDEX.read_text("utf-8") for source in sources if "/x/" not in source)
    assert f"<script>{SCRIPT}</script>" in rest
    head = early.partition('<div id="early">')[0]
    assert f"<script>{THEME_SCRIPT}</script>" in head  # before anything can be painted
    policy = answer.headers["content-security-policy"]
    assert all(one in policy for one in SCRIPT_HASHES)
    assert "unsafe-inline" not in policy.split("style-src")[0]


def test_what_search_engines_and_chats_read(client: TestClient) -> None:
    for path, told in (
        ("/", 'og:url" content="https://board.example.org/"'),
        ("/?board=community", 'og:url" content="https://board.example.org/?board=Community"'),
        ("/?sort=SA_acc", '<meta http-equiv="refresh" content="0;url=./board/official">'),
        ("/model?id=entry-x", 'og:url" content="https://board.example.org/model/entry-x"'),
        ("/model?id=entry-x", '<meta http-equiv="refresh" content="0;url=./model/entry-x">'),
        ("/model?id=entry-x", 'og:image" content="https://board.example.org/board/official.png"'),
    ):
        answer = client.get(path, headers=HTML)
        assert told in answer.text, path
        assert answer.text.count("<title>") == 1
        assert "<title>Streamlit</title>" not in answer.text
        scripts(answer.text)  # nothing hostile among its tags


@pytest.mark.parametrize(
    "path", ["/?sort=SA_acc", "/?board=Official&pin=x", "/?as_of=2026-01-01", "/model", "/?x=1"]
)
def test_other_views_are_left_to_the_page(client: TestClient, path: str) -> None:
    assert 'id="early"' not in client.get(path, headers=HTML).text


@pytest.mark.parametrize(
    "path", ["/model?id=nobody", "/model?id=", "/?as_of=never", "/model?id=%ff"]
)
def test_what_is_not_there_is_reported_by_the_page(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=HTML).text
    assert answer == client.get("/submit", headers=HTML).text
    assert re.findall("<title>.*?</title>", answer) == ["<title>MedVidBench</title>"]


def test_an_entry_that_is_hidden_is_gone_from_the_next_answer(
    client: TestClient, world: World
) -> None:
    assert "Hidden-Later" in client.get("/", headers=HTML).text
    row = world.store.read().entries["entry-y"]
    world.store.commit(editing.hide("official", row, "admin"))
    assert "Hidden-Later" not in client.get("/", headers=HTML).text


def test_boards_without_models_or_that_cannot_be_read_are_left_to_the_page(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    names = ("empty", "broken", "no folder")
    empty, broken, no_folder = (World(tmp_path_factory.mktemp(name)) for name in names)
    (broken.settings.root / "leaderboard.json").write_text("[{broken", encoding="utf-8")
    (no_folder.settings.root / "statistics").write_text("", encoding="utf-8")
    for world in (empty, broken, no_folder):
        answer = served(world).get("/", headers=HTML)
        assert 'id="early"' not in answer.text
        assert "<title>Streamlit</title>" not in answer.text
        assert STYLES in answer.text
        assert [one for one in scripts(answer.text) if one.get("type") == "module"]


def test_an_unknown_page_of_streamlit_gets_no_board(world: World) -> None:
    index = '<html><head><title>S</title></head><body><div id="app"></div></body></html>'
    assert 'id="early"' not in served(world, index).get("/", headers=HTML).text
