"""Strange requests, broken frames and many sessions: the server answers on and keeps its memory."""

import http.client
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psutil
import pytest
from web_session import run_page, session
from websockets.exceptions import ConnectionClosed

from core.headers import headers
from tests.browser.browser_site import Site, serve

AT_ONCE = 5
SESSIONS = 100
WARM_UP = 50
LEAK_BYTES = 20 << 20
PATIENCE_S = 240
PATHS = (
    "/no/such/page",
    "/" + "a" * 8000,
    "/..%2f..%2fetc%2fpasswd",
    "/static/..%2f..%2f..%2fetc%2fpasswd",
    "/media/..%2f..%2fjournal.jsonl",
    "/component/x/..%2f..%2fetc%2fpasswd",
    "/_stcore/upload_file/x/y",
    "/_stcore/bidi-components/../../x",
    "/_stcore/agent/interact",
    "/_stcore/metrics",
    "//example.org/x",
    "/%00",
    "/\\\\host\\share",
    "/?" + "job=" * 2000,
    "/submit/submit/submit",
    "/.git/config",
    "/leaderboard.json",
    "/journal.jsonl",
    "/.streamlit/secrets.toml",
)
BROKEN = (b"", b"\x00", b"\xff" * 100, b"\x0a\xff\xff\xff\xff\x0f", bytes(range(256)) * 400)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serve(tmp_path_factory.mktemp("traffic")) as found:
        yield found


def ask(site: Site, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=PATIENCE_S)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        connection.putheader("Content-Length", "0")
        connection.endheaders()
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, answer.read()
    finally:
        connection.close()


def healthy(site: Site) -> bool:
    return ask(site, "/_stcore/health")[2] == b"ok"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "TRACE"])
def test_no_path_fails_leaks_a_file_or_lacks_a_header(site: Site, method: str) -> None:
    wanted = {name.lower() for name in headers("", framed=False)}
    for path in PATHS:
        status, found, body = ask(site, path, method)
        assert status < 500, path
        assert wanted <= found.keys(), path
        assert b"root:" not in body
        assert b'"hash"' not in body
        assert b"HF_TOKEN" not in body
    assert healthy(site)


def visits(site: Site, number: int) -> int:
    """The server's memory in bytes after so many sessions, opened and closed; some see the page."""

    def visit(index: int) -> None:
        with session(site.url) as open_:
            if index % 5 == 0:
                run_page(open_)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(visit, range(number)))
    return int(psutil.Process(site.pid).memory_info().rss)


def test_broken_frames_end_their_own_session_only(site: Site) -> None:
    with session(site.url) as bystander:
        for frame in (*BROKEN, "text", "{}"):
            with session(site.url) as broken:
                try:
                    broken.send(frame)
                    broken.recv(timeout=0.2)
                except (ConnectionClosed, TimeoutError):
                    pass
        host, port = urlsplit(site.url).hostname, urlsplit(site.url).port
        for raw in (b"\x16\x03\x01junk", b"GET /_stcore/stream HTTP/1.1\r\n\r\n", b"\x81\xff" * 9):
            with socket.create_connection((host, port), timeout=PATIENCE_S) as plain:
                plain.sendall(raw)
        assert healthy(site)
        run_page(bystander)


def test_a_hundred_sessions_leave_no_memory_behind(site: Site) -> None:
    before = visits(site, WARM_UP)
    after = visits(site, SESSIONS)
    assert after - before < LEAK_BYTES, f"{(after - before) >> 20} MB more"
    assert healthy(site)
