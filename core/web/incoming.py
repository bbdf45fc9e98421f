"""Limits the unfinished and finished uploads that strangers can make the server keep.

Streamlit accepts any file for a session, keeps the received part of an unfinished one in a
temporary file, and a finished one in memory until its session ends; the API accepts files from
any program. Plain ASGI; other requests pass unchanged.
"""

import asyncio
import contextlib
import json
import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from core.web.headers import Application, Message, Receive, Send

_PLACE: Final = re.compile(r"/_stcore/upload_file/([^/]+)/([^/]+)")
_API: Final = "/api/"


class KeptFiles(Protocol):
    """Streamlit's finished files, by session and id, with their `data`."""

    file_storage: Mapping[str, Mapping[str, Any]]

    def remove_file(self, session_id: str, file_id: str) -> None:
        """Forget one."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits for uploads. `unfinished_bytes` and `held_bytes` are for all sessions together.

    `form_bytes`: what a file may be wrapped in. A refused client, which reads the answer only once
    it has sent everything, has `linger_s` for that.
    """

    unfinished_bytes: int
    held_bytes: int
    largest_bytes: int
    form_bytes: int = 1 << 20
    at_once: int = 64
    at_once_of_one: int = 3
    held_of_one: int = 2  # a file, and the one that it replaces
    pause_s: float = 30.0
    longest_s: float = 600.0
    linger_s: float = 5.0


class _RefusedError(Exception):
    """An upload exceeds a limit."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(slots=True)
class _Upload:
    session: str
    received: int = 0


class BoundedUploads:
    """ASGI middleware. `kept_files` gives the KeptFiles."""

    def __init__(
        self,
        app: Application,
        bounds: Bounds,
        kept_files: Callable[[], Any],
    ) -> None:
        self._app = app
        self._bounds = bounds
        self._kept_files = kept_files
        self._unfinished: list[_Upload] = []
        self._finished: dict[tuple[str, str], None] = {}  # in the order in which they came

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        place = _place(scope) if scope["type"] == "http" else None
        if place is None:
            await self._app(scope, receive, send)
            return
        upload = _Upload(place[0])
        answered: list[int] = []

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.append(message["status"])
            await send(message)

        try:
            self._admit(upload)
            self._check_size(_announced(scope))
            self._unfinished.append(upload)
            try:
                await self._app(scope, self._counting(upload, receive), noting)
            finally:
                self._unfinished.remove(upload)
        except _RefusedError as error:
            if not answered:
                await _answer(send, error, as_json=not place[1])
                await self._ignore(receive)
                await send({"type": "http.response.body", "body": b""})
            return
        if answered and answered[0] < 300 and place[1]:
            self._keep(place)

    def _admit(self, upload: _Upload) -> None:
        own = sum(other.session == upload.session for other in self._unfinished)
        if own >= self._bounds.at_once_of_one or len(self._unfinished) >= self._bounds.at_once:
            raise _RefusedError(429, "Too many uploads at once. Try again in a minute.")

    def _check_size(self, size: int) -> None:
        if size > self._bounds.largest_bytes + self._bounds.form_bytes:
            raise _RefusedError(
                413,
                f"The file has more than {self._bounds.largest_bytes >> 20} MB, which is this "
                "server's limit. Keep only id, qa_type and prediction, and send it again.",
            )

    async def _ignore(self, receive: Receive) -> None:
        """Read the rest of a refused upload for a while.

        A connection closed before that would lose the answer to most clients.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._bounds.linger_s):
                while (await receive()).get("more_body"):
                    pass

    def _counting(self, upload: _Upload, receive: Receive) -> Receive:
        """A `receive` that counts bytes and time."""
        clock = asyncio.get_running_loop().time
        until = clock() + self._bounds.longest_s

        async def counted() -> Message:
            try:
                pause = min(self._bounds.pause_s, until - clock())
                message = await asyncio.wait_for(receive(), max(0.0, pause))
            except TimeoutError:
                raise _RefusedError(408, "The upload took too long. Try again.") from None
            upload.received += len(message.get("body", b""))
            all_bytes = sum(one.received for one in self._unfinished)
            self._check_size(upload.received)
            if all_bytes > self._bounds.unfinished_bytes:
                raise _RefusedError(503, "Too much is being uploaded. Try again in a minute.")
            return message

        return counted

    def _keep(self, new: tuple[str, str]) -> None:
        """Keep the newest files of the session, and of all sessions as many as allowed, newest
        first.

        Visitors whose file is dropped are asked to choose it again.
        """
        kept: KeptFiles = self._kept_files()
        held = kept.file_storage
        self._finished.pop(new, None)
        self._finished[new] = None
        there = {one for one in self._finished if one[1] in held.get(one[0], ())}
        self._finished = {one: None for one in self._finished if one in there}
        own = total = 0
        for one in reversed(tuple(self._finished)):
            own += one[0] == new[0]
            total += len(held[one[0]][one[1]].data)
            too_many = one[0] == new[0] and own > self._bounds.held_of_one
            if too_many or (total > self._bounds.held_bytes and one != new):
                total -= len(held[one[0]][one[1]].data)
                del self._finished[one]
                kept.remove_file(*one)


def _place(scope: MutableMapping[str, Any]) -> tuple[str, str] | None:
    """Session and id of the file that a request uploads; None if it uploads none.

    For uploads to the API, the session is the address, and the file is not kept.
    """
    path, method = scope["path"], scope["method"]
    found = _PLACE.search(path)
    if found and method == "PUT":
        return found[1], found[2]
    if _API in path and method not in ("GET", "HEAD"):
        client = scope.get("client") or ("", 0)
        return f"api {client[0]}", ""
    return None


def _announced(scope: MutableMapping[str, Any]) -> int:
    """The size that a request says it has, in bytes; 0 if it says none."""
    found = dict(scope.get("headers", ())).get(b"content-length", b"")
    return int(found) if found.isdigit() else 0


async def _answer(send: Send, error: _RefusedError, *, as_json: bool) -> None:
    """A sentence; for programs as JSON, like the API's other refusals. The connection stays open
    for the rest of the upload."""
    body = (json.dumps({"error": str(error)}) if as_json else str(error)).encode()
    kind = b"application/json" if as_json else b"text/plain; charset=utf-8"
    headers = [
        (b"content-type", kind),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
