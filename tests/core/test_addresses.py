"""Every address leads to a page: the intended one, or one that says that it does not exist."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.web.addresses import Addresses, better_address
from core.web.server import BOARD_PAGE, pages


@pytest.mark.parametrize(
    ("path", "better"),
    [
        ("/", None),
        ("/submit", None),
        ("/no_page", None),
        ("/static/js/a.js", None),
        ("/favicon.png", None),
        ("/_stcore/health", None),
        ("/submit/_stcore/health", None),
        ("/api/v1/nothing", None),
        ("/Leaderboard", "./"),
        ("/leaderboard", "./"),
        ("/leaderboard/", "../"),
        ("/Submit", "./submit"),
        ("/submit/", "../submit"),
        ("/submit/x", "../no_page?address=%2Fsubmit%2Fx"),
        ("/a/b/c", "../../no_page?address=%2Fa%2Fb%2Fc"),
        ("/nothing", "./no_page?address=%2Fnothing"),
        ("//evil.example/x", "../../no_page?address=%2F%2Fevil.example%2Fx"),
        ("/\r\nset-cookie: x=1", "./no_page?address=%2F%0D%0Aset-cookie%3A+x%3D1"),
        ("/é" * 2, "../no_page?address=%2F%C3%A9%2F%C3%A9"),
    ],
)
def test_where_an_address_leads(path: str, better: str | None) -> None:
    assert better_address(path, {*pages(), "no_page"}, BOARD_PAGE) == better


@pytest.mark.parametrize(
    ("asked", "location"),
    [("/Model?id=entry-1", "./model?id=entry-1"), ("/Model", "./model")],
)
def test_a_redirect_keeps_what_was_asked(asked: str, location: str) -> None:
    app = Addresses(Starlette(), ["model"], BOARD_PAGE)
    answer = TestClient(app, follow_redirects=False).get(asked)
    assert (answer.status_code, answer.headers["location"]) == (307, location)
