"""Redirects for addresses that do not belong to a page. Plain ASGI.

Streamlit answers every path with the app: a path below a page's name stays blank, since the app's
files are requested relative to it, and any other one shows a dialog on the board.
"""

from collections.abc import Collection, MutableMapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from core.web.headers import Application, Receive, Send

NOWHERE: Final = "no_page"  # the page for unknown addresses, with the address as its parameter
_ADDRESS: Final = "address"
_PLAIN_BOARD: Final = "board"
_PLAIN_MODEL: Final = "model"
_MOST: Final = 200  # characters of an address that are shown
_SERVED: Final = (
    "static",
    "media",
    "component",
    "app",
    "x",
    "api",
    "badge",
    "auth",
    "oauth2callback",
)


def better_address(path: str, pages: Collection[str], board: str) -> str | None:
    """The redirect for a path that is not a page's, relative to it; None if it is served directly.

    `pages` are names as in addresses; `board` is the page that is shown without a name.

    >>> better_address("/Submit", ["submit"], "leaderboard")
    './submit'
    >>> better_address("/submit/x", ["submit"], "leaderboard")
    '../no_page?address=%2Fsubmit%2Fx'
    """
    parts = path.removeprefix("/").split("/")
    asked = [part for part in parts if part]
    if not asked or asked[0] in _SERVED or "_stcore" in asked or "." in asked[-1]:
        return None
    if len(asked) < 3 and asked[0] == _PLAIN_BOARD:
        return _plain_address(parts, asked)
    if len(asked) == 2 and asked[0] == _PLAIN_MODEL:
        return _plain_address(parts, asked)
    up = "../" * (len(parts) - 1) or "./"
    name = asked[0].lower()
    if len(asked) == 1 and name == board:
        return up
    if len(asked) == 1 and name in pages:
        return None if len(parts) == 1 and asked[0] == name else up + name
    return f"{up}{NOWHERE}?{urlencode({_ADDRESS: path[:_MOST]})}"


def _plain_address(parts: list[str], asked: list[str]) -> str | None:
    """The redirect for a plain page (core/web/plain_pages.py): no final slash, a default board."""
    up = "../" * (len(parts) - 1) or "./"
    if len(asked) == 1:
        return f"{up}{_PLAIN_BOARD}/official"
    return f"{up}{quote('/'.join(asked), safe='/')}" if len(parts) > len(asked) else None


class Addresses:
    """ASGI middleware. `base_path` is Streamlit's server.baseUrlPath, without slashes around it."""

    def __init__(
        self, app: Application, pages: Collection[str], board: str, base_path: str = ""
    ) -> None:
        self._app = app
        self._pages = frozenset({*pages, NOWHERE})
        self._board = board
        self._base = f"/{base_path}" if base_path else ""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            inside = scope["path"].startswith(f"{self._base}/")
            path = scope["path"].removeprefix(self._base) if inside else "/"
            better = better_address(path, self._pages, self._board)
            if better is not None:
                query = scope["query_string"].decode("latin-1")
                if query and "?" not in better:
                    better += f"?{query}"
                headers = [(b"location", better.encode("latin-1")), (b"content-length", b"0")]
                await send({"type": "http.response.start", "status": 307, "headers": headers})
                await send({"type": "http.response.body", "body": b""})
                return
        await self._app(scope, receive, send)
