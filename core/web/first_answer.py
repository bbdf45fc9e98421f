"""Puts what every page needs from the beginning into the one page that Streamlit serves.

Its scripts of ours (core/web/assets), and the width that pages have once they are drawn: a page
that becomes wide only then moves everything on it. Plain ASGI; what is no page passes untouched.
"""

import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Final

from core.web.headers import Application, Message, Receive, Send

_STYLES: Final = (Path(__file__).parent / "assets" / "site.css").read_bytes()
ADDED: Final = (
    b"<style>" + _STYLES + b"</style>"
    b'<link rel="stylesheet" href="./x/print.css" media="print">'
    b'<script async src="./x/site.js"></script><script async src="./x/tips.js"></script>'
)
_FONT: Final = re.compile(r'href="\.(/static/media/[\w.-]+\.woff2)"')
_END: Final = b"</head>"
# A page that was changed here is another one, and it is to be changed while it is not packed.
_NOT_ASKED: Final = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}
_NOT_SAID: Final = {b"content-length", b"etag", b"last-modified", b"accept-ranges"}


def font_path(index_html: str) -> str:
    """Where Streamlit's font is, from the app's own address; "" when its page names none."""
    found = _FONT.search(index_html)
    return found[1] if found else ""


class FirstAnswer:
    """ASGI middleware."""

    def __init__(self, app: Application, base_path: str = "") -> None:
        self._app = app
        self._base = f"/{base_path}/" if base_path else "/"

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not self._asks_for_page(scope):
            await self._app(scope, receive, send)
            return
        kept = [one for one in scope["headers"] if one[0] not in _NOT_ASKED]
        await self._app({**scope, "headers": kept}, receive, _Page(send))

    def _asks_for_page(self, scope: MutableMapping[str, Any]) -> bool:
        """Streamlit's pages are right below the base path; what is deeper is no page, or ours."""
        html = any(n == b"accept" and b"text/html" in value for n, value in scope["headers"])
        return html and "/" not in str(scope["path"]).removeprefix(self._base).removeprefix("/")


class _Page:
    """Sends an answer on, changed if it is a page."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
            return
        if self._start is None or message["type"] != "http.response.body":
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = self._body.replace(_END, ADDED + _END, 1)
        headers = [one for one in self._start["headers"] if one[0].lower() not in _NOT_SAID]
        headers.append((b"content-length", b"%d" % len(body)))
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _is_page(start: Message) -> bool:
    return start["status"] == 200 and any(
        name.lower() == b"content-type" and value.startswith(b"text/html")
        for name, value in start["headers"]
    )
