"""A client of the submission API (docs/submitting.md). Uses only the standard library."""

import http.client
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

_TIMEOUT_S = 900.0  # a check may have to wait for other checks
_CHUNK = 1 << 20


class ApiError(Exception):
    """The server refused or is unreachable; the message says which, and what to do."""


class LostError(ApiError):
    """The connection ended before the reply, so the outcome is unknown."""


class _Connection(http.client.HTTPConnection):
    """Reads the reply of a server that refuses an upload before it has all of it."""

    def request(self, *asked: Any, **more: Any) -> None:
        """Send a request."""
        try:
            super().request(*asked, **more)
        except (BrokenPipeError, ConnectionResetError):
            if self.sock is None:
                raise


class _SafeConnection(http.client.HTTPSConnection, _Connection):
    pass


class _Plain(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, req)


class _Safe(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_SafeConnection, req)


_OPENER: Final = urllib.request.build_opener(_Plain, _Safe)


class Client:
    """One server, by its address. `url` may have a path if the app is served below one."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ApiError(f"--url {url}: expected an address that starts with https://.")
        self._url = url.rstrip("/")

    def page(self, job_id: str) -> str:
        """The web page of a job."""
        return f"{self._url}/submit?job={quote(job_id, safe='')}"

    def submit(self, file: Path, fields: Mapping[str, str], key: str = "") -> dict[str, Any]:
        """Send a file and its form; `key` proves ownership of the entry to replace.

        Raises ApiError with every problem, LostError when there was no reply.
        """
        boundary = secrets.token_hex(16)
        head, tail = _around(fields, boundary)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(head) + file.stat().st_size + len(tail)),
        }
        return self._call("POST", "/submissions", headers, key, _body(head, file, tail))

    def submissions(self, key: str) -> list[dict[str, Any]]:
        """The submissions that belong to a key, newest first."""
        found: list[dict[str, Any]] = self._call("GET", "/submissions", {}, key)["submissions"]
        return found

    def job(self, job_id: str, key: str) -> dict[str, Any]:
        """The state of a job."""
        return self._call("GET", f"/jobs/{quote(job_id, safe='')}", {}, key)

    def _call(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        key: str,
        body: Iterator[bytes] | None = None,
    ) -> dict[str, Any]:
        if key:
            headers = {**headers, "Authorization": f"Bearer {key}"}
        request = urllib.request.Request(  # noqa: S310 (http or https, asked in __init__)
            f"{self._url}/api/v1{path}", body, headers, method=method
        )
        try:
            with _OPENER.open(request, timeout=_TIMEOUT_S) as answer:
                return _read(answer.read(), self._url)
        except urllib.error.HTTPError as error:
            raise ApiError(_refusal(error.read(), error.code, self._url)) from error
        except urllib.error.URLError as error:
            raise LostError(f"{self._url} does not answer: {error.reason}. Try again.") from error
        except (OSError, http.client.HTTPException) as error:
            why = str(error) or type(error).__name__
            raise LostError(
                f"The connection to {self._url} ended before its reply: {why}. Run the same "
                "command again: it continues with whatever the server received."
            ) from error


def _around(fields: Mapping[str, str], boundary: str) -> tuple[bytes, bytes]:
    """The parts of a multipart body before and after the file."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    # The file's real name is not sent: the server does not need it.
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="predictions"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return "".join(parts).encode(), f"\r\n--{boundary}--\r\n".encode()


def _body(head: bytes, file: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            yield chunk
    yield tail


def _read(data: bytes, url: str) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ApiError(f"{url} replied, but not like a MedVidBench leaderboard. Check --url.")
    return found


def _refusal(data: bytes, status: int, url: str) -> str:
    """The server's message with every problem, one per line."""
    try:
        found = _read(data, url)
    except ApiError:
        return f"{url} answered {status}. Check --url, and try again later."
    lines = [str(found.get("error", f"{url} answered {status}."))]
    problems = found.get("problems", {})
    if "terms" in problems:  # the server's sentence is about the page's tick box
        problems["terms"] = (
            "Please read the terms of submission on the Submit page, then add --accept-terms."
        )
    lines += [f"  {name}: {problem}" for name, problem in problems.items()]
    check = found.get("check") or {}
    lines += [f"  check: {one['text']}" for one in check.get("problems", ())]
    return "\n".join(lines)
