"""Shows a failed upload as a sentence on the page.

Streamlit's uploader shows a failed upload as “AxiosError: Request failed with status code 500”,
and runs no script. Web pages therefore get a success response: their script then runs, finds no
such file, and shows the sentence stored here. Other clients get the
status, with the sentence as text. Plain ASGI; other requests pass unchanged.
"""

import logging
import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Final

from core.files import atomic
from core.runs.uploads import arrivals
from core.web.headers import Application, Message, Receive, Send

LOG = logging.getLogger(__name__)
_PLACE: Final = re.compile(r"/_stcore/upload_file/[^/]+/([^/]+)")
_WHY: Final = {
    400: arrivals.LOST,
    403: "The file was not accepted: your browser did not send the cookie that shows the server "
    "that this page is its own. Allow cookies for this site, or, if it is shown inside another "
    "site, open it in a separate tab. Then choose the file again.",
    408: "The upload took too long. Choose the file again.",
    413: "The file is larger than the server accepts. Keep only id, qa_type and prediction, and "
    "choose it again.",
    429: "Too many uploads at once. Choose the file again in a minute.",
    503: "The server is busy with other uploads. Choose the file again in a minute.",
    507: "The server could not save the file: its disk does not accept data. Choose it "
    "again later, and tell the maintainers.",
}
_OTHER: Final = (
    "The server could not accept the file. Choose it again; if this persists, tell the maintainers."
)


class UploadFailures:
    """ASGI middleware. `folder`: where incoming uploads are written."""

    def __init__(self, app: Application, folder: Path) -> None:
        self._app = app
        self._folder = folder

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        place = _PLACE.search(scope["path"]) if scope["type"] == "http" else None
        if place is None or scope["method"] != "PUT":
            await self._app(scope, receive, send)
            return
        of_a_page = any(name.lower() == b"origin" for name, _ in scope["headers"])
        answer = _Answer(send, place[1], of_a_page=of_a_page)
        try:
            await self._app(scope, receive, answer.send)
        except OSError as error:
            said = str(atomic.store_error(error, "Cannot take an upload in", self._folder, ""))
            LOG.error("%s", said.strip())
            await answer.fail(507)


class _Answer:
    def __init__(self, send: Send, file_id: str, *, of_a_page: bool) -> None:
        self._send = send
        self._file_id = file_id
        self._of_a_page = of_a_page
        self._begun = self._told = False

    async def send(self, message: Message) -> None:
        """Forward a response; hide a failure from a page, but store its reason."""
        if message["type"] == "http.response.start":
            self._begun = True
            if message["status"] >= 400 and self._of_a_page:
                await self._note(message["status"], message["headers"])
        if not self._told:
            await self._send(message)

    async def fail(self, status: int) -> None:
        """Respond to a request that has no response yet."""
        if self._begun:
            return
        if self._of_a_page:
            await self._note(status, [])
            return
        body = _WHY.get(status, _OTHER).encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    async def _note(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self._told = True
        arrivals.note(self._file_id, _WHY.get(status, _OTHER))
        kept = [one for one in headers if one[0].lower() == b"connection"]
        await self._send({"type": "http.response.start", "status": 204, "headers": kept})
        await self._send({"type": "http.response.body", "body": b""})
