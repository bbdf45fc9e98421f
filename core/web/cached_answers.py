"""Responses that browsers, proxies and CDNs may cache: ETag, 304, Cache-Control."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

# At most a minute old normally; ten while a newer one is fetched.
KEPT: Final = "public, max-age=60, stale-while-revalidate=600"
HTML: Final = "text/html"


class NotFoundError(Exception):
    """There is nothing at this address; the message names what was requested."""


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a response."""

    data: bytes
    media_type: str


def cached_answer(request: Request, found: Body, more: Mapping[str, str] | None = None) -> Response:
    """The response with its ETag; 304 if the client already has it. `more`: other headers."""
    tag = f'W/"{hashlib.sha256(found.data).hexdigest()[:24]}"'  # weak: gzip keeps it
    headers = {**(more or {}), "ETag": tag, "Cache-Control": KEPT}
    known = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    if any(one in ("*", tag, tag.removeprefix("W/")) for one in known):
        return Response(status_code=304, headers=headers)
    return Response(found.data, headers=headers, media_type=found.media_type)
