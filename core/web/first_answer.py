"""Adds to Streamlit's page what it needs from the start (first_page.py).

Plain ASGI; responses other than pages pass unchanged.
"""

from collections.abc import Callable, MutableMapping
from typing import Any, Final

import anyio
from anyio.to_thread import run_sync

from core.web.first_page import FirstPages, Page
from core.web.headers import Application, Message, Receive, Send

# Removed: validators of the unchanged page, and compression, since the page is changed here.
_NOT_ASKED: Final = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}
_NOT_SAID: Final = {b"content-length", b"etag", b"last-modified", b"accept-ranges", b"vary"}
_AT_ONCE: Final = 4


class FirstAnswer:
    """ASGI middleware. `base_path` is Streamlit's server.baseUrlPath; `site` gives the app's
    address from a request's scheme and host."""

    def __init__(
        self,
        app: Application,
        pages: FirstPages,
        site: Callable[[str, str], str],
        base_path: str = "",
    ) -> None:
        self._app = app
        self._pages = pages
        self._site = site
        self._base = f"/{base_path}/" if base_path else "/"
        self._limiter: anyio.CapacityLimiter | None = None

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        name = self._page_name(scope)
        if name is None:
            await self._app(scope, receive, send)
            return
        kept = [one for one in scope["headers"] if one[0] not in _NOT_ASKED]
        answer = _Answer(send)
        await self._app({**scope, "headers": kept}, receive, answer)
        if answer.start is not None:
            await self._send(name, scope, answer.start, send)

    def _page_name(self, scope: MutableMapping[str, Any]) -> str | None:
        """Streamlit's pages are directly below the base path; deeper paths are files, or ours."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        if b"text/html" not in _header(scope, b"accept"):
            return None
        name = str(scope["path"]).removeprefix(self._base).removeprefix("/")
        return None if "/" in name else name

    async def _send(
        self, name: str, scope: MutableMapping[str, Any], start: Message, send: Send
    ) -> None:
        query = scope["query_string"].decode("latin-1")
        host = _header(scope, b"host").decode("latin-1")
        self._limiter = self._limiter or anyio.CapacityLimiter(_AT_ONCE)
        page: Page = await run_sync(
            self._pages.page, name, query, self._site(scope["scheme"], host), limiter=self._limiter
        )
        headers = [one for one in start["headers"] if one[0].lower() not in _NOT_SAID]
        packed = b"gzip" in _header(scope, b"accept-encoding")
        body = page.packed if packed else page.whole
        if packed:
            headers.append((b"content-encoding", b"gzip"))
        headers += [(b"vary", b"Accept-Encoding"), (b"content-length", b"%d" % len(body))]
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _header(scope: MutableMapping[str, Any], name: bytes) -> bytes:
    return b",".join(value for key, value in scope["headers"] if key == name)


class _Answer:
    """Forwards a response, unless it is a page: then its start is kept and its body dropped."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self.start = message
        elif self.start is None:
            await self._send(message)


def _is_page(start: Message) -> bool:
    return start["status"] == 200 and any(
        name.lower() == b"content-type" and value.startswith(b"text/html")
        for name, value in start["headers"]
    )
