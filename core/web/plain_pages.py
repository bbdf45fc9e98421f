"""Boards and models as plain pages, for readers without JavaScript, search engines and previews.

    GET /board/official · /board/community · /board/BOARD.png · /model/ID
    GET /robots.txt · /sitemap.xml

`as_of=YYYY-MM-DD` selects the boards at the end of that day, `sort=` another order. Every
response has an ETag and may be cached for a minute.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from typing import Final

import anyio
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import MedVidBenchError, RefusedError
from core.model.entries import BOARD_NAMES, BoardName
from core.publish.address import BOARD, COLUMN, SORT, View, from_address, named_options
from core.publish.plain.board import board_page
from core.publish.plain.index import robots, sitemap
from core.publish.plain.model import model_page
from core.publish.plain.page import Content, page, sentence_page
from core.store.as_of import FIELD
from core.usecases.revision import revision
from core.usecases.services import Services
from core.usecases.whereabouts import Gone, whereabouts
from core.web.board_picture import BoardPictures
from core.web.cached_answers import HTML, Body, NotFoundError, cached_answer
from core.web.shown_boards import shown_boards
from core.web.site_address import site_address

LOG = logging.getLogger(__name__)
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_AT_ONCE: Final = 4
# A board of 10,000 models takes 5 MB.
_KEPT_BOARDS: Final = 6


def routes(services: Services, base_path: str = "", font: str = "") -> list[Route]:
    """The routes, for Starlette; `base_path` is Streamlit's server.baseUrlPath, `font` the path
    of its font below that."""
    base = f"/{base_path}" if base_path else ""
    pages, pictures = _Pages(services, base, font), BoardPictures(services)
    many, one = anyio.CapacityLimiter(_AT_ONCE), anyio.CapacityLimiter(1)
    found: dict[str, tuple[Callable[[Request], Body], anyio.CapacityLimiter]] = {
        "/board/{board}.png": (partial(_picture, pictures), one),
        "/board/{board}": (pages.board, many),
        "/model/{id}": (pages.model, many),
        "/robots.txt": (pages.robots, many),
        "/sitemap.xml": (pages.sitemap, many),
    }
    return [
        Route(base + path, partial(_answer, make, limiter), methods=_METHODS)
        for path, (make, limiter) in found.items()
    ]


class _Pages:
    """The content of each address."""

    def __init__(self, services: Services, base: str, font: str) -> None:
        self._services = services
        self._font = font
        self._base = base

    def board(self, request: Request) -> Body:
        """One complete board."""
        name = _board(request)
        params = {key: request.query_params.getlist(key) for key in (SORT, COLUMN)}
        view = replace(from_address(params), board=name)
        day = request.query_params.get(FIELD, "")
        found = _board_page(self._services, day, view, revision(self._services))
        return Body(page(found, self._site(request), self._font), HTML)

    def model(self, request: Request) -> Body:
        """One entry."""
        wanted = request.path_params["id"]
        boards = shown_boards(self._services, request.query_params.get(FIELD, ""))
        named = named_options({BOARD: request.query_params.getlist(BOARD)}, BOARD)
        told = next((one for one in BOARD_NAMES if one in named), None)
        there = whereabouts(boards.state, wanted, told, day=boards.day)
        if isinstance(there, Gone):
            raise NotFoundError(there.text)
        found = model_page(boards, there.board, there.entry.entry_id, there.note)
        if found is None:
            raise NotFoundError("No board shows an entry with this id.")
        return Body(page(found, self._site(request), self._font), HTML)

    def robots(self, request: Request) -> Body:
        """What search engines may index."""
        return Body(robots(self._site(request), self._base), "text/plain")

    def sitemap(self, request: Request) -> Body:
        """All pages."""
        site = self._site(request)
        if not site:
            raise NotFoundError("The address of this server is not known. Set MEDVIDBENCH_URL.")
        return Body(sitemap(shown_boards(self._services), site), "application/xml")

    def _site(self, request: Request) -> str:
        """The app's address: from the settings, else from the request; "" if unknown."""
        host = request.headers.get("host", "")
        return site_address(self._services.settings, request.url.scheme, host, self._base)


@lru_cache(maxsize=_KEPT_BOARDS)
def _board_page(services: Services, day: str, view: View, _revision: str) -> Content:
    return board_page(shown_boards(services, day), view)


def _board(request: Request) -> BoardName:
    name = request.path_params["board"]
    for known in BOARD_NAMES:
        if known == name:
            return known
    raise NotFoundError(f"There is no board {name[:40]!r}: official or community.")


def _picture(pictures: BoardPictures, request: Request) -> Body:
    """The picture of a board: the ranks of its best models."""
    found = pictures.png(_board(request), request.query_params.get(FIELD, ""))
    if found is None:
        raise NotFoundError("There is no picture: the board has no models, or cannot be drawn.")
    return Body(found, "image/png")


async def _answer(
    make: Callable[[Request], Body], limiter: anyio.CapacityLimiter, request: Request
) -> Response:
    """A cacheable response; failures become a page with a sentence."""
    if request.method not in ("GET", "HEAD"):
        told = f"{request.url.path} takes GET, not {request.method}."
        return _failed(405, "Not here", told, {"Allow": "GET, HEAD"})
    try:
        found = await run_sync(make, request, limiter=limiter)
    except NotFoundError as error:
        return _failed(404, "Not found", str(error))
    except RefusedError as error:
        return _failed(404, "No such day", " ".join(error.problems.values()))
    except (MedVidBenchError, OSError) as error:
        if isinstance(error, OSError):
            LOG.error("%s could not be served: %s", request.url.path, error)
        told = "The boards cannot be read. Try again in a minute."
        return _failed(503, "Not now", told, {"Retry-After": "60"})
    return cached_answer(request, found)


def _failed(status: int, title: str, told: str, headers: dict[str, str] | None = None) -> Response:
    found = {"Cache-Control": "no-store", **(headers or {})}
    return Response(sentence_page(title, told), status, found, media_type=HTML)
