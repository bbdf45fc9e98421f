"""The route with which a browser remembers or forgets submission keys: POST /x/keys with a ticket.

The cookie is HttpOnly and SameSite=Strict: no script can read it and no other site's page sends it.
Every request must come from a page of this server, according to its Origin.
"""

from collections.abc import Collection
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from core.access.device_keys import COOKIE, KEPT_S, TICKETS, Wish, cookie_of, keys_of
from core.web.origins import is_own

_MOST_BYTES: Final = 200
_ALL_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def routes(base_path: str = "", allowed: Collection[str] = ()) -> list[Route]:
    """The route; `allowed` are our own origins besides that of the request."""
    base = f"/{base_path}" if base_path else ""

    async def answer(request: Request) -> Response:
        if request.method != "POST":
            return Response(status_code=405, headers={"Allow": "POST"})
        origin = request.headers.get("origin", "")
        if not is_own(origin, request.headers.get("host", ""), allowed):
            return Response("A page of another site may not use this.", 403)
        try:
            wish = await _wish(request)
        except ClientDisconnect:
            wish = None
        if wish is None:
            return Response("This ticket is unknown or too old. Try again on the page.", 410)
        keys = wish.applied(keys_of(request.cookies.get(COOKIE, "")))
        response = Response(status_code=204, headers={"Cache-Control": "no-store"})
        response.set_cookie(
            COOKIE,
            cookie_of(keys),
            max_age=KEPT_S if keys else 0,
            path=base or "/",
            secure=origin.lower().startswith("https:"),
            httponly=True,
            samesite="strict",
        )
        return response

    return [Route(f"{base}/x/keys", answer, methods=_ALL_METHODS)]


async def _wish(request: Request) -> Wish | None:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            return None
    return TICKETS.take(body.decode("ascii", "replace"))
