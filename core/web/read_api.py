"""The read API, for programs: boards, models, metrics, history, health, a feed and badges.

    GET /api/v1/boards · /boards/BOARD · /models · /models/ID · /metrics · /history?since=DAY
    GET /api/v1/health · /croissant.json · /openapi.yaml · /feed.atom · /badge/ID.svg

JSON by core.publish.api; `as_of=YYYY-MM-DD` selects the boards at the end of that day.
Every response has an ETag, may be cached for a minute, and may be read by any site's page
(CORS), since the pages show the same to everyone. openapi.yaml beside this file describes it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import anyio
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.benchmark import NAME
from core.errors import MedVidBenchError, RefusedError
from core.model.entries import BOARD_NAMES, BoardName
from core.model.state import State
from core.model.statistics import BoardStatistics
from core.publish import api, badge, feed
from core.publish.cite import Cited
from core.publish.croissant import croissant
from core.publish.moment import SCHEMA, Moment, board_sha256
from core.ranking.board import Board
from core.store.as_of import FIELD, AheadError, day_of, revision_now, state_at
from core.usecases.services import Services
from core.web.cached_answers import Body, NotFoundError, cached_answer
from core.web.shown_boards import shown_boards
from core.web.site_address import site_address

PREFIX: Final = "/api/v1"
_JSON: Final = "application/json"
_AT_ONCE: Final = 8
_CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Expose-Headers": "ETag",
}
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_OPENAPI: Final = Path(__file__).with_name("openapi.yaml")


def _json(value: Mapping[str, Any]) -> Body:
    return Body(json.dumps(value, ensure_ascii=False, allow_nan=False).encode(), _JSON)


def routes(services: Services, base_path: str = "") -> list[Route]:
    """The routes, for Starlette; `base_path` is Streamlit's server.baseUrlPath."""
    base = f"/{base_path}" if base_path else ""
    pages = _Pages(services, base)
    found: dict[str, Callable[[Request], Body]] = {
        f"{PREFIX}/boards": pages.boards,
        f"{PREFIX}/boards/{{board}}": pages.board,
        f"{PREFIX}/models": pages.models,
        f"{PREFIX}/models/{{id}}": pages.model,
        f"{PREFIX}/metrics": lambda _request: _json(api.metrics()),
        f"{PREFIX}/history": pages.history,
        f"{PREFIX}/croissant.json": pages.croissant,
        f"{PREFIX}/health": pages.health,
        f"{PREFIX}/openapi.yaml": lambda _request: Body(_OPENAPI.read_bytes(), "text/yaml"),
        "/feed.atom": pages.feed,
        "/badge/{id}.svg": pages.badge,
    }
    return [
        Route(base + path, partial(_answer, make), methods=_METHODS) for path, make in found.items()
    ]


def unknown(base_path: str = "") -> list[Route]:
    """The routes for all other addresses of the API, after every other one.

    Streamlit would answer them with its page and status 200.
    """
    base = f"/{base_path}" if base_path else ""
    return [Route(base + path, _unknown, methods=_METHODS) for path in ("/api", "/api/{rest:path}")]


def _unknown(request: Request) -> Response:
    told = f"There is no {request.url.path[:200]}. {PREFIX}/openapi.yaml lists what there is."
    return _failed(404, told)


@dataclass(frozen=True, eq=False)
class _Asked:
    """The requested boards, ranked. `figures` are for the current boards only, so that the
    response for a past day always has the same bytes."""

    state: State
    boards: Mapping[BoardName, Board]
    figures: Mapping[BoardName, BoardStatistics | None]
    at: Moment


class _Pages:
    """The content of each address."""

    def __init__(self, services: Services, base: str) -> None:
        self._services, self._base = services, base

    def boards(self, request: Request) -> Body:
        """The list of boards."""
        asked = self._asked(request)
        return _json(api.boards(asked.state, asked.at))

    def board(self, request: Request) -> Body:
        """One board."""
        name = request.path_params["board"]
        asked = self._asked(request)
        for known, ranked in asked.boards.items():
            if known == name:
                return _json(api.board(ranked, asked.at, asked.figures[known]))
        raise NotFoundError(f"There is no board {name[:40]!r}: official or community.")

    def models(self, request: Request) -> Body:
        """The list of entries."""
        asked = self._asked(request)
        return _json(api.models(asked.boards, asked.at))

    def model(self, request: Request) -> Body:
        """One entry."""
        asked = self._asked(request)
        found = api.model(asked.boards, request.path_params["id"], asked.at, asked.figures)
        if found is None:
            raise NotFoundError("No board shows an entry with this id.")
        return _json(found)

    def history(self, request: Request) -> Body:
        """The changes since a day."""
        asked = self._asked(request)
        since = day_of(request.query_params.get("since", ""), field="since")
        if since.isoformat() > asked.at.as_of:  # else additions would be told as removals
            told = f"{since} is after as_of, {asked.at.as_of}. Choose that day or an earlier one."
            raise AheadError({"since": told})
        before = state_at(self._services.settings, since, self._services.store.revision())
        return _json(api.history(before.state, asked.state, since.isoformat(), asked.at))

    def croissant(self, request: Request) -> Body:
        """Metadata of both boards. It refers to the files of the day, whose checksums are
        stable."""
        asked = self._of(request.query_params.get(FIELD, "") or _today().isoformat())
        base = asked.at.url or str(request.base_url).rstrip("/") + self._base
        at = replace(asked.at, url=base)
        files = {
            name: (
                f"{base}{PREFIX}/boards/{name}?{FIELD}={at.as_of}",
                sha256(_json(api.board(asked.boards[name], asked.at)).data).hexdigest(),
            )
            for name in reversed(BOARD_NAMES)
        }
        cited = Cited("official", at, board_sha256(asked.boards["official"]))
        return Body(_json(croissant(files, cited, at)).data, "application/ld+json")

    def health(self, _request: Request) -> Body:
        """Whether the boards can be read."""
        self._services.store.read()
        return _json({"schema": SCHEMA, "status": "ok"})

    def feed(self, request: Request) -> Body:
        """New and verified entries."""
        asked = self._asked(request)
        host = request.headers.get("host", "")
        site = site_address(self._services.settings, request.url.scheme, host, self._base)
        return Body(feed.atom(asked.state, asked.at, site), "application/atom+xml")

    def badge(self, request: Request) -> Body:
        """The rank of an entry, as a picture."""
        asked = self._asked(request)
        for name, ranked in asked.boards.items():
            if standing := ranked.by_id.get(request.path_params["id"]):
                text = api.badge_text(standing, asked.figures[name], asked.at.demo)
                return Body(badge.svg(NAME, text), "image/svg+xml")
        raise NotFoundError("No board shows an entry with this id.")

    def _asked(self, request: Request) -> _Asked:
        return self._of(request.query_params.get(FIELD, ""))

    def _of(self, text: str) -> _Asked:
        """The boards of a day, "" for the current ones."""
        settings = self._services.settings
        day = day_of(text) if text else _today()
        revision = self._revision(day) if text else revision_now(settings)
        found = shown_boards(self._services, text)
        at = Moment(day.isoformat(), revision, settings.url, settings.demo)
        return _Asked(found.state, found.ranked, found.figures, at)

    def _revision(self, day: date) -> str:
        return state_at(self._services.settings, day, self._services.store.revision()).revision


def _told(error: RefusedError) -> str:
    """The problems, each with the parameter that it is about."""
    return " ".join(f"{name}: {told}" for name, told in error.problems.items())


def _today() -> date:
    return datetime.now(UTC).date()


async def _answer(make: Callable[[Request], Body], request: Request) -> Response:
    """A response with headers for caches and other sites' pages; failures become a sentence."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_CORS)
    if request.method not in ("GET", "HEAD"):
        told = f"{request.url.path} takes GET, not {request.method}."
        return _failed(405, told, {"Allow": "GET, HEAD, OPTIONS"})
    try:
        found = await run_sync(make, request, limiter=_limiter())
    except NotFoundError as error:
        return _failed(404, str(error))
    except AheadError as error:
        return _failed(404, _told(error))
    except RefusedError as error:
        return _failed(422, _told(error))
    except MedVidBenchError:
        told = "The boards cannot be read. Try again in a minute."
        return _failed(503, told, {"Retry-After": "60"})
    return cached_answer(request, found, _CORS)


def _failed(status: int, told: str, headers: Mapping[str, str] | None = None) -> Response:
    data = json.dumps({"error": told}, ensure_ascii=False).encode()
    found = {**_CORS, "Cache-Control": "no-store", **(headers or {})}
    return Response(data, status, found, media_type=_JSON)


@lru_cache(maxsize=1)
def _limiter() -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(_AT_ONCE)
