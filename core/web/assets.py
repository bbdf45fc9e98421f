"""Our static files, served at /x before Streamlit sees the request.

Browsers cache them and revalidate at every visit, so that a new page never uses an old file.
"""

from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.web.headers import Application, Message, Receive, Send

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

_FOLDER: Final = Path(__file__).parent / "assets"


def routes(base_path: str = "") -> "list[BaseRoute]":
    """Routes for the App; `base_path` is Streamlit's server.baseUrlPath."""
    from starlette.middleware import Middleware
    from starlette.routing import Mount
    from starlette.staticfiles import StaticFiles

    base = base_path.strip("/")
    # /static, /media and /component are Streamlit's.
    place = f"/{base}/x" if base else "/x"
    return [Mount(place, StaticFiles(directory=_FOLDER), middleware=[Middleware(_Asking)])]


class _Asking:
    """ASGI middleware that makes browsers revalidate cached files before using them."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"cache-control", b"no-cache")]
            await send(message)

        await self._app(scope, receive, marked)
