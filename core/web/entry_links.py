"""Links to an entry from before it had a page of its own lead to that page. Plain ASGI.

The board's page showed one entry below its table, at `/?board=Community&entry=ID`.
"""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlencode

from core.web.headers import Application, Receive, Send

_MOST = 2000  # characters of an address that are looked at


def new_address(query: str) -> str | None:
    """Where a link of the board's page with this query leads now; None where it leads there.

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
