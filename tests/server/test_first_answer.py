"""The page that Streamlit serves, with what every page needs from the beginning."""

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

from core.web.first_answer import ADDED, FirstAnswer

INDEX = Path(file_util.get_static_dir()) / "index.html"


def page(_request: Request) -> Response:
    return FileResponse(INDEX)


def text(request: Request) -> Response:
    return PlainTextResponse("</head>" * 200, 404 if "gone" in request.url.path else 200)


@pytest.fixture
def client() -> TestClient:
    """A server that packs its answers, as Streamlit does."""
    routes = [Route("/", page), Route("/text", text), Route("/gone", text)]
    outside, inside = Middleware(FirstAnswer), Middleware(GZipMiddleware)
    return TestClient(Starlette(routes=routes, middleware=[outside, inside]))


def test_a_page_gets_styles_and_scripts_into_its_head(client: TestClient) -> None:
    answer = client.get("/", headers={"Accept": "text/html", "If-None-Match": "x"})
    assert answer.content == INDEX.read_bytes().replace(b"</head>", ADDED + b"</head>")
    assert answer.content.count(ADDED) == 1
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "etag" not in answer.headers


@pytest.mark.parametrize("path", ["/text", "/gone"])
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_what_is_no_page_stays_as_it_is(client: TestClient, path: str, accept: str) -> None:
    assert ADDED not in client.get(path, headers={"Accept": accept}).content


def test_a_script_that_reads_a_page_gets_the_plain_one(client: TestClient) -> None:
    answer = client.get("/", headers={"Accept": "*/*"})
    assert ADDED not in answer.content
    assert "etag" in answer.headers
