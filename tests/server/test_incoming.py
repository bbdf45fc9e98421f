"""Uploads are limited while they arrive and while they are kept, for any client."""

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.settings import Settings
from core.web import server
from core.web.incoming import BoundedUploads, Bounds
from evaluation.api_client import ApiError, Client, LostError
from tests.browser.browser_site import Site, serve
from tests.server.web_session import PATIENCE_S, ask_for, session

BOUNDS = Bounds(100, 100, 100, 0, at_once=4, at_once_of_one=2, pause_s=0.05, linger_s=0.05)


class Keeper:
    """The middleware around an application that keeps what it reads, like Streamlit."""

    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self.held: dict[str, dict[str, Any]] = {}
        self.file_storage = self.held
        self.dropped: list[tuple[str, str]] = []
        self.app = BoundedUploads(self._application, bounds, lambda: self)

    def remove_file(self, session: str, file: str) -> None:
        self.dropped.append((session, file))
        del self.held[session][file]

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:
        data = b""
        while True:
            message = await receive()
            data += message.get("body", b"")
            if not message.get("more_body"):
                break
        *_, session, file = scope["path"].split("/")
        self.held.setdefault(session, {})[file] = SimpleNamespace(data=data)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def put(self, session: str, file: str, *pieces: bytes | None) -> int:
        """Send pieces; None is an endless pause. Returns the response's status."""
        sent: list[Any] = []
        waiting = list(pieces)

        async def receive() -> Any:
            if not waiting:
                return {"type": "http.request", "body": b"", "more_body": False}
            piece = waiting.pop(0)
            if piece is None:
                await asyncio.Event().wait()
            await asyncio.sleep(0)
            return {"type": "http.request", "body": piece, "more_body": True}

        async def send(message: Any) -> None:
            sent.append(message)

        path = f"/base/_stcore/upload_file/{session}/{file}"
        await self.app({"type": "http", "method": "PUT", "path": path}, receive, send)
        return int(sent[0]["status"])

    def put_all(self, *asked: tuple[Any, ...]) -> list[int]:
        async def all_of_them() -> list[int]:
            return list(await asyncio.gather(*(self.put(*one) for one in asked)))

        return asyncio.run(all_of_them())


def test_unfinished_ones_are_counted_for_a_session_and_for_all() -> None:
    site = Keeper()
    slow = (b"x", None)
    found = site.put_all(("a", "1", *slow), ("a", "2", *slow), ("a", "3", b"x"))
    assert found == [408, 408, 429]
    found = site.put_all(*((name, "1", *slow) for name in "abcd"), ("e", "1", b"x"))
    assert found == [408, 408, 408, 408, 429]
    assert site.put_all(("e", "1", b"x")) == [204]  # all slots are free again


def test_unfinished_bytes_are_limited_in_total() -> None:
    site = Keeper()
    assert site.put_all(("a", "1", b"x" * 60, None), ("b", "1", b"x" * 60)) == [408, 503]
    assert site.put_all(("b", "1", b"x" * 60)) == [204]


def test_a_slow_upload_ends_at_the_time_limit() -> None:
    never = Bounds(100, 100, 100, pause_s=1e9, longest_s=0.0, linger_s=0.0)
    assert Keeper(never).put_all(("a", "1", *[b"x"] * 50)) == [408]


def test_invented_ids_keep_the_newest_two_of_a_session() -> None:
    site = Keeper()
    for number in range(12):
        site.put_all(("a", str(number), b"x"))
    assert list(site.held["a"]) == ["10", "11"]
    assert site.put_all(("b", "1", b"x")) == [204]
    assert list(site.held["a"]) == ["10", "11"]


def test_all_sessions_together_keep_the_newest_files_within_the_limit() -> None:
    site = Keeper()
    for name in "abc":
        site.put_all((name, "1", b"x" * 40))
    assert site.dropped == [("a", "1")]
    site.put_all(("d", "1", b"x" * 100))
    assert site.dropped == [("a", "1"), ("c", "1"), ("b", "1")]
    del site.held["d"]  # its session ended
    site.put_all(("e", "1", b"x" * 40))
    assert len(site.dropped) == 3


def refusal(most: int, *headers: tuple[bytes, bytes]) -> tuple[list[Any], int]:
    """Post an endless upload as a program does: the responses, and how often it was read before
    the first."""
    site, sent, asked = Keeper(Bounds(most, most, most, 0, linger_s=0.05)), [], 0

    async def receive() -> Any:
        nonlocal asked
        asked += not sent
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"x" * most, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    path = "/api/v1/check"
    asyncio.run(
        site.app(
            {"type": "http", "method": "POST", "path": path, "headers": headers}, receive, send
        )
    )
    return sent, asked


def test_programs_get_a_refusal_as_json_before_the_rest_of_their_upload_is_read() -> None:
    start, body, last = refusal(3 << 20)[0]
    assert start["status"] == 413
    assert (b"content-type", b"application/json") in start["headers"]
    assert json.loads(body["body"])["error"].startswith("The file has more than 3 MB, which is")
    assert body["more_body"]
    assert not last.get("more_body")


@pytest.mark.parametrize(("size", "asked"), [(b"101", 0), (b"100", 2), (b"-1", 2), (b"\xb2", 2)])
def test_a_file_that_says_it_is_too_large_is_not_read(size: bytes, asked: int) -> None:
    assert refusal(100, (b"content-length", size))[1] == asked


def test_a_server_s_limits_follow_its_largest_upload(tmp_path: Path) -> None:
    assert server.bounds(Settings(tmp_path, max_upload_mb=200)).held_bytes == 1000 << 20


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serve(tmp_path_factory.mktemp("incoming"), MEDVIDBENCH_MAX_UPLOAD_MB="1") as found:
        yield found


def upload_place(site: Site, open_: Any) -> str:
    """The address of an upload of this session, without the file's id."""
    ask_for(open_, "submit")
    found = ""
    while True:
        said = ForwardMsg.FromString(bytes(open_.recv(timeout=PATIENCE_S)))
        found = said.new_session.initialize.session_id or found
        if said.WhichOneof("type") == "script_finished":
            return f"/_stcore/upload_file/{found}/"


def token(site: Site) -> dict[str, str]:
    """The cookie against forged requests, and the header that repeats it."""
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=PATIENCE_S)
    connection.request("GET", "/_stcore/health")
    answer = connection.getresponse()
    cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    connection.close()
    return {"Cookie": cookie, "X-Xsrftoken": cookie.partition("=")[2].strip('"')}


def test_a_real_server_refuses_the_fourth_unfinished_upload_of_a_session(site: Site) -> None:
    lines = [f"{name}: {value}" for name, value in token(site).items()]
    host = urlsplit(site.url)
    head = "\r\n".join(
        [
            "Host: x",
            "Content-Type: multipart/form-data; boundary=x",
            "Content-Length: 100000",
            *lines,
            "\r\n--x\r\n",
        ]
    )
    with session(site.url) as stranger:
        place = upload_place(site, stranger)
        open_: list[socket.socket] = []
        answers = []
        for number in range(4):
            one = socket.create_connection((host.hostname, host.port), timeout=PATIENCE_S)
            one.sendall(f"PUT {place}{number} HTTP/1.1\r\n{head}".encode())
            open_.append(one)
            if number == 3:
                answers.append(one.recv(4096).split(b"\r\n", 1)[0])
        for one in open_:
            one.close()
    assert answers == [b"HTTP/1.1 429 Too Many Requests"]


@pytest.mark.parametrize("size", [3 << 20, 60 << 20])
def test_a_program_that_sends_too_large_a_file_reads_why(
    site: Site, tmp_path: Path, size: int
) -> None:
    file = tmp_path / "answers.json"
    with file.open("wb") as content:
        content.truncate(size)
    with pytest.raises(ApiError, match="more than 1 MB, which is this server's limit") as told:
        Client(site.url).submit(file, {"model_name": "Large"})
    assert not isinstance(told.value, LostError)


def test_a_server_that_closes_the_connection_is_not_taken_for_one_that_is_not_there(
    tmp_path: Path,
) -> None:
    file = tmp_path / "answers.json"
    with file.open("wb") as content:
        content.truncate(60 << 20)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with listening.accept()[0] as one:
                one.recv(1)  # and closes, with the rest unread

        server_ = threading.Thread(target=answer)
        server_.start()
        with pytest.raises(LostError, match="ended before its reply"):
            Client(f"http://127.0.0.1:{listening.getsockname()[1]}").submit(file, {})
        server_.join()
