"""GET /x/revision: the revision of what boards show now, for site.js; empty if they are unreadable.

Plain text. Every open page asks every few seconds (core/ui/refresh.py).
"""

from typing import TYPE_CHECKING

from core.errors import MedVidBenchError
from core.usecases.revision import revision
from core.usecases.services import Services

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route


def routes(services: Services, base_path: str = "") -> "list[Route]":
    """The route, for Starlette; `base_path` is Streamlit's server.baseUrlPath."""
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    def answer(_request: "Request") -> "Response":
        try:
            services.store.read()  # an unreadable board has a revision too
            told = revision(services)
        except MedVidBenchError:
            told = ""
        return PlainTextResponse(told, headers={"Cache-Control": "no-store"})

    return [Route(f"/{base_path}/x/revision" if base_path else "/x/revision", answer)]
