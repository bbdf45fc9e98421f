"""Submitting without a browser: a few HTTP routes over the same use cases as the pages.

    POST /api/v1/check                a predictions file -> its review
    POST /api/v1/submissions          file and form -> the submission, its job and its key
    GET  /api/v1/submissions          with a key: the submissions that it opens
    GET  /api/v1/jobs/JOB             a job's progress; with its key also the scores

docs/submitting.md describes them for participants. Responses are JSON; refusals are
{"error": sentence, "problems": {field: sentence}}. Check, quota and terms are the same as on
the page. A key is sent as `Authorization: Bearer KEY`.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import anyio
import msgspec
from anyio.to_thread import run_sync
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from core.access import submitter
from core.access.submission_keys import Proof
from core.access.submitter import address_of
from core.errors import MedVidBenchError, RefusedError
from core.model.contracts.review import Review
from core.model.fields import FIELDS, FILE_FIELD, TERMS_FIELD, TRACK_FIELD, Form, form_of
from core.usecases.check_upload import review
from core.usecases.job_view import JobView, job_view
from core.usecases.own_entries import holdings
from core.usecases.services import Services
from core.usecases.submit import CheckedFile, Sender, file_problem, submit
from core.web.origins import is_own

LOG = logging.getLogger(__name__)
PREFIX: Final = "/api/v1"
_TEXTS: Final = (*(field.key for field in FIELDS), TRACK_FIELD, "replaces", "key")
_TICKS: Final = (TERMS_FIELD, "evaluate_only")
_TRUE: Final = frozenset(("true", "yes", "1", "on"))
_MAX_FIELD: Final = 16 * 1024  # bytes
_AT_ONCE: Final = 8  # requests handled in threads at the same time; the others wait
_JSON: Final = "application/json"

Answer = tuple[int, Mapping[str, Any]]


def routes(services: Services, base_path: str = "") -> list[Route]:
    """The routes, for Starlette. They accept every method, to report a wrong one.

    `base_path` is Streamlit's server.baseUrlPath.
    """
    base = f"/{base_path}" if base_path else ""
    api = _Api(services)
    paths: dict[str, dict[str, Callable[[Request], Awaitable[Answer]]]] = {
        "/check": {"POST": api.check},
        "/submissions": {"POST": api.submit, "GET": api.submissions},
        "/jobs/{job}": {"GET": api.job},
    }
    return [
        Route(base + PREFIX + path, api.endpoint(by_method), methods=_ALL_METHODS)
        for path, by_method in paths.items()
    ]


_ALL_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class _Api:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._threads: anyio.CapacityLimiter | None = None  # made in the loop

    def endpoint(
        self, by_method: Mapping[str, Callable[[Request], Awaitable[Answer]]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """One route: the response of the requested method; failures become a sentence."""

        async def answer(request: Request) -> Response:
            serve = by_method.get("GET" if request.method == "HEAD" else request.method)
            if serve is None:
                allowed = ", ".join(by_method)
                told = f"{request.url.path} takes {allowed}, not {request.method}."
                return _response(405, {"error": told}, {"Allow": allowed})
            try:
                return _response(*await serve(request))
            except RefusedError as error:
                told = "Not submitted. Correct what is named in problems; nothing was kept."
                return _response(422, {"error": told, "problems": error.problems})
            except HTTPException as error:
                return _response(error.status_code, {"error": error.detail})
            except ClientDisconnect:
                return _response(400, {"error": "The request ended early."})
            except MedVidBenchError as error:
                LOG.error("api: %s", error)
                told = "The server failed; nothing of this request was kept. Try again in a minute."
                return _response(503, {"error": told}, {"Retry-After": "60"})

        return answer

    async def check(self, request: Request) -> Answer:
        """The review of a file."""
        _refuse_foreign(request)
        _texts, content = await self._sent(request)
        found = await self._in_thread(self._review, content)
        # "ready" tells that the file can be scored: a submission also needs enough records.
        problem = file_problem(_checked(found, content), self._services.settings)
        return 200, msgspec.to_builtins(found) | {"submission_problem": problem}

    async def submit(self, request: Request) -> Answer:
        """Check a file and submit it."""
        _refuse_foreign(request)
        texts, content = await self._sent(request)
        if texts.get("replaces") and _ticked(texts, "evaluate_only"):
            told = "A new version is always published. Send evaluate_only without replaces."
            raise RefusedError({"evaluate_only": told})
        sender = Sender(
            await self._in_thread(self._submitter, request),
            texts.get("replaces", ""),
            _proof(request),
            texts.get("key", ""),
        )
        answer: Answer = await self._in_thread(self._submit, _form(texts), content, sender)
        return answer

    async def submissions(self, request: Request) -> Answer:
        """The submissions that a key opens, newest first. A program learns from it whether a
        request arrived if its response was lost."""
        proof = _proof(request)
        if not proof.keys:
            raise HTTPException(401, "Show a submission key: Authorization: Bearer KEY.")
        return 200, {"submissions": await self._in_thread(self._mine, proof)}

    async def job(self, request: Request) -> Answer:
        """A job's progress, and with its key the result."""
        job_id, proof = request.path_params["job"], _proof(request)
        view = await self._in_thread(job_view, self._services, job_id, proof)
        if view is None:
            raise HTTPException(404, "There is no job with this id.")
        return 200, _told(view)

    def _review(self, content: bytes) -> Review:
        return review(self._services.settings, content)

    def _submit(self, form: Form, content: bytes, sender: Sender) -> Answer:
        report = self._review(content)
        try:
            receipt = submit(self._services, form, _checked(report, content), sender)
        except RefusedError as error:
            told = "Not submitted. Correct what is named in problems; nothing was kept."
            found = {"problems": error.problems, "check": msgspec.to_builtins(report)}
            return 422, {"error": told, **found}
        return 201, {
            "submission": receipt.submission_id,
            "job": receipt.job_id,
            "key": receipt.key,
            "check": msgspec.to_builtins(report),
        }

    def _mine(self, proof: Proof) -> list[dict[str, Any]]:
        found = holdings(self._services.store.read(), proof)
        jobs = {
            job.submission_id: job.job_id
            for job in self._services.jobs.list()
            if job.kind == "evaluation"
        }
        return [
            {
                "submission": one.submission.submission_id,
                "created": one.submission.created,
                "model_name": one.submission.model_name,
                "state": one.submission.state,
                "job": jobs.get(one.submission.submission_id),
                "entry": one.entry.entry_id if one.entry else None,
                "replaces": one.submission.replaces,
                "file_sha256": one.submission.predictions_sha256,
            }
            for one in found
        ]

    def _submitter(self, request: Request) -> str:
        """The identity that a try counts for: the address from the operator's proxy, else the
        peer's."""
        settings = self._services.settings
        named = request.headers.getlist(settings.proxy_header) if settings.proxy_header else []
        peer = request.client.host if request.client else ""
        address = address_of(named[-1] if named else None) or address_of(peer) or peer
        return submitter.submitter(submitter.secret(settings.root), "address", address)

    async def _sent(self, request: Request) -> tuple[dict[str, str], bytes]:
        """The texts and the file of a multipart request."""
        kind = request.headers.get("content-type", "")
        if not kind.startswith("multipart/form-data"):
            raise HTTPException(
                415,
                f"Expected multipart/form-data with a part named {FILE_FIELD}, got {kind[:80]!r}.",
            )
        form = await _read(request)
        try:
            unknown = [key for key in form if key not in (FILE_FIELD, *_TEXTS, *_TICKS)]
            if unknown:
                known = ", ".join((FILE_FIELD, *_TEXTS, *_TICKS))
                raise HTTPException(
                    422, f"Unknown field {unknown[0][:80]!r}. The fields are {known}."
                )
            upload = form.get(FILE_FIELD)
            if not isinstance(upload, UploadFile):
                told = f"Send the predictions file as the part {FILE_FIELD}, with a file name"
                raise HTTPException(422, f"{told}: curl -F {FILE_FIELD}=@answers.json.")
            texts = {key: value for key, value in form.items() if isinstance(value, str)}
            return texts, await upload.read()
        finally:
            await form.close()

    async def _in_thread(self, call: Callable[..., Any], *arguments: Any) -> Any:
        self._threads = self._threads or anyio.CapacityLimiter(_AT_ONCE)
        return await run_sync(call, *arguments, limiter=self._threads)


async def _read(request: Request) -> FormData:
    try:
        return await request.form(
            max_files=1, max_fields=len(_TEXTS) + len(_TICKS), max_part_size=_MAX_FIELD
        )
    except HTTPException as error:
        raise HTTPException(
            error.status_code,
            f"The form cannot be read: {error.detail} Send one file, and fields of at most "
            f"{_MAX_FIELD >> 10} KB each.",
        ) from error


def _checked(found: Review, content: bytes) -> CheckedFile:
    return CheckedFile(content, found.ready, found.records, found.content_sha256, found.checked)


def _refuse_foreign(request: Request) -> None:
    """Refuse pages of other sites, which could submit from their visitors' addresses."""
    origin = request.headers.get("origin")
    if origin is not None and not is_own(origin, request.headers.get("host", "")):
        raise HTTPException(
            403, "A page of another site may not use this. Programs send no Origin."
        )


def _proof(request: Request) -> Proof:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return Proof((key.strip(),)) if scheme.lower() == "bearer" and key.strip() else Proof()


def _form(texts: Mapping[str, str]) -> Form:
    values: dict[str, object] = {key: text for key, text in texts.items() if key not in _TICKS}
    return form_of(values | {key: _ticked(texts, key) for key in _TICKS})


def _ticked(texts: Mapping[str, str], key: str) -> bool:
    return texts.get(key, "").lower() in _TRUE


def _told(view: JobView) -> dict[str, Any]:
    """A job for programs; metrics only if the page would show them."""
    job, result = view.job, view.result
    found: dict[str, Any] = {
        "job": job.job_id,
        "kind": job.kind,
        "state": job.state,
        "progress": job.progress,
        "steps": [msgspec.to_builtins(step) for step in job.steps],
        "queue_place": view.queue_place,
        "error": job.error,
        "created": job.created,
        "ended": job.ended,
    }
    if result:
        ranks = result.ranks
        found["result"] = {
            "model_name": result.model_name,
            "metrics": result.metrics,
            "published": result.published,
            "entry": result.entry_id,
            "rank": {"board": ranks.board, **msgspec.to_builtins(ranks.on_board)},
        }
    return found


def _response(
    status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    """JSON that must not be cached: it may contain a key or one owner's scores."""
    text = json.dumps(body, allow_nan=False, ensure_ascii=False)
    return Response(
        text.encode(), status, {"Cache-Control": "no-store", **(headers or {})}, media_type=_JSON
    )
