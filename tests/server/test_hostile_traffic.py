"""Strange requests, broken frames, hostile files and many sessions: the server keeps responding,
its memory does not grow, and other visitors are not affected."""

import contextlib
import gzip
import http.client
import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from core.web.headers import headers
from tests.browser.browser_site import Site, serve
from tests.server.web_session import finished, run_page, session, upload

AT_ONCE = 5
TOKEN = "token-of-the-operator"
SESSIONS = 100
WARM_UP = 40
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
RERUNS = 3
# What to upload (made in the test: it is large), and what the page then shows.
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "gzip bomb": (
        lambda: gzip.compress(bytes(1 << 20)) * 999, "unpacks to more than is allowed",
    ),
    "deep nesting": (lambda: b"[" * (10 << 20), "nested too deeply"),
    "ten million tiny records": (
        lambda: b"[" + b"{}," * 10_000_000 + b"{}]", "more than 200,000 records",
    ),
    "a huge number": (
        lambda: b'[{"id": "v&&0&&9&&1.0", "qa_type": "tal", "prediction": %s}]'
        % (b"9" * (20 << 20)),
        "prediction is not text but a number",
    ),
}  # fmt: skip
UPLOAD_BYTES = 250 << 20  # at most 30 MB each, of which the first unpacks to 1 GB
BROKEN = (b"", b"\x00", b"\xff" * 100, b"\x0a\xff\xff\xff\xff\x0f", bytes(range(256)) * 400)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serve(
        tmp_path_factory.mktemp("traffic"),
        MEDVIDBENCH_MAX_CHECKS="1",
        MEDVIDBENCH_METRICS_TOKEN=TOKEN,
        STREAMLIT_SERVER_ENABLE_AGENT_API="true",  # a mistake of the operator's
    ) as found:
        yield found


def ask(
    site: Site, path: str, method: str = "GET", token: str = ""
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=PATIENCE_S)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        connection.putheader("Content-Length", "0")
        if token:
            connection.putheader("Authorization", f"Bearer {token}")
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


def test_the_server_s_figures_are_for_who_has_the_token(site: Site) -> None:
    for token in ("", "another", TOKEN[:-1]):
        assert ask(site, "/_stcore/metrics", token=token)[0] == 404
        assert ask(site, "/_stcore/metrics/", token=token)[0] == 404
    status, _, body = ask(site, "/_stcore/metrics", token=TOKEN)
    assert status == 200
    assert b"active_sessions" in body


def test_the_agent_api_stays_off_whatever_the_environment_says(site: Site) -> None:
    assert ask(site, "/_stcore/agent/interact", "POST")[0] == 403
    assert ask(site, "/_stcore/agent/mcp", "POST")[0] in (400, 403)
    assert b"does not serve" in ask(site, "/_stcore/agent/interact", "POST")[2]


def visits(site: Site, number: int) -> int:
    """The server's memory in bytes after this many sessions that ran the page and closed."""

    def visit(_: int) -> None:
        with session(site.url) as open_:
            run_page(open_)

    before = counted(site)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(visit, range(number)))
    guard = time.monotonic() + PATIENCE_S
    while counted(site)["active"] > before["active"]:
        assert time.monotonic() < guard, counted(site)
        time.sleep(0.05)
    after = counted(site)
    assert after["begun"] - before["begun"] == after["ended"] - before["ended"] == number
    return int(psutil.Process(site.pid).memory_info().rss)


def counted(site: Site) -> dict[str, int]:
    """Streamlit's own count of sessions: active, ever started, ever ended."""
    text = ask(site, "/_stcore/metrics", token=TOKEN)[2].decode()

    def value(line: str) -> int:
        found = re.search(rf"^{line} (\d+)", text, re.MULTILINE)
        return int(found[1]) if found else 0

    return {
        "active": value("active_sessions"),
        "begun": value(r'session_events_total\{type="connect"\}'),
        "ended": value(r'session_events_total\{type="disconnect"\}'),
    }


def check_of(site: Site) -> psutil.Process:
    """The process that checks an upload for this server, once it exists."""
    guard = time.monotonic() + PATIENCE_S
    while time.monotonic() < guard:
        for pid in checks_of(site):
            return psutil.Process(pid)
        time.sleep(0.002)
    raise AssertionError("no check began")


def checks_of(site: Site) -> list[int]:
    """The current processes that check uploads for this server."""
    found = []
    for child in psutil.Process(site.pid).children():
        with contextlib.suppress(psutil.Error):  # it has ended
            if "evaluation.predictions" in child.cmdline()[:3]:
                found.append(child.pid)
    return found


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_does_not_affect_others(site: Site, kind: str) -> None:
    """While the check is kept running, every rerun of another session ends."""
    make, told = HOSTILE[kind]
    data = make()
    before = psutil.Process(site.pid).memory_info().rss
    with session(site.url) as stranger, session(site.url) as bystander:
        run_page(bystander)
        upload(stranger, site.url, "submit", data)
        check = check_of(site)
        check.suspend()
        try:
            for _ in range(RERUNS):
                assert b"Official" in run_page(bystander)
            assert check.status() == psutil.STATUS_STOPPED
        finally:
            check.resume()
        page = finished(stranger).decode(errors="replace")
        assert told in page
        assert "cannot be scored" in page.casefold()
        after = psutil.Process(site.pid).memory_info().rss
    assert after - before < UPLOAD_BYTES, f"{(after - before) >> 20} MB more"
    assert healthy(site)


def test_checks_beyond_the_limit_wait_and_their_visitors_see_it(site: Site) -> None:
    make, told = HOSTILE["deep nesting"]
    data = make()
    with session(site.url) as first, session(site.url) as second:
        upload(first, site.url, "submit", data)
        check = check_of(site)
        check.suspend()
        try:
            upload(second, site.url, "submit", data + b" ")
            while b"1 check ahead of yours" not in bytes(
                second.recv(timeout=PATIENCE_S)  # type: ignore[arg-type]
            ):
                pass
            assert checks_of(site) == [check.pid]
        finally:
            check.resume()
        for visitor in (first, second):
            assert told in finished(visitor).decode(errors="replace")


def unanswered(broken: ClientConnection, frame: bytes | str) -> bool:
    """Whether the server closes the session at this frame, or ignores it."""
    broken.send(frame)
    try:
        broken.recv(timeout=0.2)
    except (ConnectionClosed, TimeoutError):
        return True
    return False


def test_broken_frames_end_their_own_session_only(site: Site) -> None:
    with session(site.url) as bystander:
        for frame in (*BROKEN, "text", "{}"):
            with session(site.url) as broken:
                assert unanswered(broken, frame)
        host, port = urlsplit(site.url).hostname, urlsplit(site.url).port
        for raw in (b"\x16\x03\x01junk", b"GET /_stcore/stream HTTP/1.1\r\n\r\n", b"\x81\xff" * 9):
            with socket.create_connection((host, port), timeout=PATIENCE_S) as plain:
                plain.sendall(raw)
        assert healthy(site)
        run_page(bystander)


def test_a_hundred_sessions_leak_no_memory(site: Site) -> None:
    before = visits(site, WARM_UP)
    after = visits(site, SESSIONS)
    assert after - before < LEAK_BYTES, f"{(after - before) >> 20} MB more"
    assert healthy(site)
