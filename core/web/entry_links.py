"""Redirects old links to an entry to the entry's page. Plain ASGI.

The board's page used to show one entry below its table, at `/?board=Community&entry=ID`.
"""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlencode

from core.web.headers import Application, Receive, Send

_MOST = 2000  # characters of an address that are parsed


def new_address(query: str) -> str | None:
    """The redirect for the board's page with this query; None if there is none.

    >>> new_address("board=Community&entry=a")
    './model?id=a&board=Community'
    """
    found = parse_qs(query[:_MOST])
    if "entry" not in found:
        return None
    kept = {"id": found["entry"][0]}
    if "board" in found:
        kept["board"] = found["board"][0]
    return f"./model?{urlencode(kept)}"


class EntryLinks:
    """ASGI middleware that answers such a link with a redirect."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"].endswith("/") and scope["method"] == "GET":
            address = new_address(scope["query_string"].decode("latin-1"))
            if address:
                headers = [(b"location", address.encode()), (b"content-length", b"0")]
                start = {"type": "http.response.start", "status": 307, "headers": headers}
                await send(start)
                await send({"type": "http.response.body", "body": b""})
                return
        await self._app(scope, receive, send)
