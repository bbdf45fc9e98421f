"""Restricts the server's metrics (sessions, memory, events) to holders of the operator's token.

Plain ASGI; other requests pass unchanged.
"""

import hmac
from collections.abc import MutableMapping
from typing import Any, Final

from core.web.headers import Application, Receive, Send

_PATH: Final = "/_stcore/metrics"
_BODY: Final = b"Not found"


class MetricsDoor:
    """ASGI middleware: 404 for the metrics without `Authorization: Bearer` and the token."""

    def __init__(self, app: Application, token: str) -> None:
        self._app = app
        self._wanted = f"Bearer {token}".encode() if token else b""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"].rstrip("/").endswith(_PATH):
            shown = dict(scope["headers"]).get(b"authorization", b"")
            if not self._wanted or not hmac.compare_digest(shown, self._wanted):
                headers = [(b"content-type", b"text/plain"), (b"content-length", b"9")]
                await send({"type": "http.response.start", "status": 404, "headers": headers})
                await send({"type": "http.response.body", "body": _BODY})
                return
        await self._app(scope, receive, send)
