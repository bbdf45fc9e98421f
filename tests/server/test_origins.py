"""Foreign origins are refused before they reach Streamlit; our own and listed ones pass."""

import asyncio
from typing import Any

import pytest
from streamlit import net_util
from streamlit.web.server.starlette import starlette_websocket
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from core.settings import Settings
from core.web import server
from core.web.origins import OwnOrigins, is_own
from tests.browser.browser_site import serve
from tests.server.web_session import run_page, session

NAMED = "https://leaderboard.example.org"


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("http://localhost:8501", "localhost:8501", True),
        ("https://Example.org", "example.org:443", True),
        ("https://example.org:443", "EXAMPLE.ORG", True),
        ("http://[::1]:8501", "[::1]:8501", True),
        (NAMED, "inside:8501", True),
        (f"{NAMED}:443", "inside:8501", True),
        ("http://leaderboard.example.org", "inside:8501", False),  # another scheme
        (f"{NAMED}:8443", "inside:8501", False),
        ("http://localhost:9000", "localhost:8501", False),  # another program's page
        ("http://localhost:8501.evil.org", "localhost:8501", False),
        ("http://evil.org@localhost:8501", "localhost:8501", False),
        ("http://localhost:8501/", "localhost:8501", False),  # browsers never write a path
        ("null", "localhost:8501", False),
        ("", "localhost:8501", False),
        ("http://localhost:8501", "", False),
        ("file://localhost:8501", "localhost:8501", False),
    ],
)
def test_an_origin_is_own_or_named_or_foreign(origin: str, host: str, own: bool) -> None:
    assert is_own(origin, host, {NAMED}) is own


def ask(kind: str, *headers: tuple[bytes, bytes]) -> tuple[Any, list[Any]]:
    """The headers that Streamlit would get (None: not called), and our response."""
    seen: list[Any] = []
    sent: list[Any] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope["headers"])

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": f"{kind}.connect"}

    scope = {"type": kind, "headers": list(headers)}
    asyncio.run(OwnOrigins(application, [NAMED])(scope, receive, send))
    return (seen[0] if seen else None), sent


@pytest.mark.parametrize(
    "headers",
    [
        ((b"Host", b"a:1"), (b"Origin", b"https://evil.org")),
        ((b"Host", b"a:1"), (b"Origin", b"null")),
        ((b"Host", b"a:1"), (b"Origin", b"http://a:1"), (b"origin", b"https://evil.org")),
        ((b"Host", b"a:1"), (b"Host", b"b:1"), (b"Origin", b"http://a:1")),
        ((b"Origin", b"http://a:1"),),
    ],
)
def test_streamlit_never_sees_a_foreign_websocket(headers: Any) -> None:
    seen, sent = ask("websocket", *headers)
    assert seen is None
    assert sent == [{"type": "websocket.close", "code": 1008}]  # 403, before it is accepted


def test_other_requests_and_other_clients_pass() -> None:
    foreign = ((b"host", b"a"), (b"origin", b"https://evil.org"))
    assert ask("http", *foreign) == (list(foreign), [])
    assert ask("websocket", (b"host", b"a")) == ([(b"host", b"a")], [])


@pytest.mark.parametrize(
    ("origin", "host"),
    [(NAMED, "inside:8501"), ("https://Example.org", "example.org:443"), ("http://a:1", "a:1")],
)
def test_streamlit_asks_no_network_about_an_own_origin(
    origin: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> str:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(net_util, "get_external_ip", asked)
    monkeypatch.setattr(net_util, "get_internal_ip", asked)
    headers, _ = ask("websocket", (b"host", host.encode()), (b"origin", origin.encode()))
    found = {name.decode(): value.decode() for name, value in headers}
    assert starlette_websocket._is_origin_allowed(found["origin"], found["host"])


def test_a_server_refuses_foreign_pages_and_serves_its_own_and_named_ones(tmp_path: Any) -> None:
    with serve(tmp_path, MEDVIDBENCH_ORIGINS=NAMED) as site:
        place = site.url.replace("http", "ws") + "/_stcore/stream"
        for origin in ("https://evil.org", "null", "http://localhost:1"):
            with pytest.raises(InvalidStatus) as refused:
                connect(place, origin=origin)  # type: ignore[arg-type]
            assert refused.value.response.status_code == 403
        with session(site.url) as own:
            assert b"Official" in run_page(own)
        with connect(place, origin=NAMED) as named:  # type: ignore[arg-type]
            assert b"Official" in run_page(named)
        said = (tmp_path / "log").read_text()
    assert said.count("MEDVIDBENCH_ORIGINS") == 1  # tells the operator how; once, not each time
    assert "Rejecting" not in said  # Streamlit was not called


def test_a_space_s_own_address_is_known(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Settings(tmp_path, origins=(NAMED,))
    monkeypatch.delenv("SPACE_HOST", raising=False)
    assert server.origins(found) == (NAMED,)
    monkeypatch.setenv("SPACE_HOST", "Owner-Name.hf.space")
    assert server.origins(found) == (NAMED, "https://owner-name.hf.space")
