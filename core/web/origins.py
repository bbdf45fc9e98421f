"""Which web pages may open a session: the server's own and those in the settings.

Streamlit compares the Origin of a websocket with its Host. If they differ, it requests this
machine's external address from the network, twice, while every visitor waits. So foreign origins
are refused before they reach Streamlit. Plain ASGI; other requests pass unchanged.
"""

import logging
import re
import time
from collections.abc import Collection, MutableMapping
from typing import Any, Final

from core.web.headers import Application, Receive, Send

LOG = logging.getLogger(__name__)
_ORIGIN: Final = re.compile(r"(https?)://([^\s/?#@]+)", re.IGNORECASE)
_PORTS: Final = {"http": ":80", "https": ":443"}
_TOLD_EVERY_S: Final = 60.0
_SHOWN: Final = 100  # characters of what a stranger sends, in the log


def is_own(origin: str, host: str, allowed: Collection[str] = ()) -> bool:
    """Whether a page of `origin` may open a session with the server that it addresses as `host`.

    `origin` as browsers write it (scheme, host, port unless it is the default), `host` the
    Host header. `null`, of a page without an origin, is not allowed.
    """
    found = _ORIGIN.fullmatch(origin)
    if not found:
        return False
    scheme, name = found[1].lower(), found[2].lower()
    usual = _PORTS[scheme]
    same = name.removesuffix(usual) == host.lower().removesuffix(usual)
    return same or f"{scheme}://{name.removesuffix(usual)}" in allowed


class OwnOrigins:
    """ASGI middleware that answers 403 to websockets from other sites' pages.

    Clients that send no Origin are not web pages, and pass.
    """

    def __init__(self, app: Application, allowed: Collection[str] = ()) -> None:
        self._app = app
        self._allowed = frozenset(allowed)
        self._told = float("-inf")

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "websocket":
            origins, host = _values(scope, b"origin"), ",".join(_values(scope, b"host"))
            if origins:
                if len(origins) > 1 or not is_own(origins[0], host, self._allowed):
                    self._tell(", ".join(origins), host)
                    await receive()
                    await send({"type": "websocket.close", "code": 1008})
                    return
                # Streamlit compares exactly, and does not know the proxy's host name.
                _set_host(scope, origins[0].partition("://")[2])
        await self._app(scope, receive, send)

    def _tell(self, origin: str, host: str) -> None:
        """Log a refusal, once a minute, so that strangers cannot fill the log."""
        now = time.monotonic()
        if now - self._told >= _TOLD_EVERY_S:
            self._told = now
            LOG.warning(
                "A session was refused: a page of %r requested it from the host %r. If the "
                "page is yours, let your proxy pass Host, or add its origin to "
                "MEDVIDBENCH_ORIGINS.",
                origin[:_SHOWN],
                host[:_SHOWN],
            )


def _values(scope: MutableMapping[str, Any], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def _set_host(scope: MutableMapping[str, Any], host: str) -> None:
    others = [one for one in scope["headers"] if one[0].lower() != b"host"]
    scope["headers"] = [*others, (b"host", host.encode("latin-1"))]
