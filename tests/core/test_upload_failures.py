"""A failed upload: a page gets a success and the reason, another client the status."""

import asyncio
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

from core.runs.uploads import arrivals
from core.web.headers import Receive, Send
from core.web.upload_failures import UploadFailures

ORIGIN = [(b"origin", b"https://board.example.org")]
Messages = list[MutableMapping[str, Any]]


def sent(
    folder: Path,
    name: str,
    status: int | None,
    *,
    headers: list[tuple[bytes, bytes]] = ORIGIN,
    method: str = "PUT",
    begun: int | None = None,
) -> Messages:
    """The answer to an upload that the app answers with `status`; None: its disk is full, after
    it has begun to answer with `begun`."""
    found: Messages = []

    async def app(_scope: Any, _receive: Receive, send: Send) -> None:
        if status is None and begun is None:
            raise OSError(28, "No space left on device")
        answer = begun if status is None else status
        await send({"type": "http.response.start", "status": answer, "headers": [(b"a", b"b")]})
        if status is None:
            raise OSError(28, "No space left on device")
        await send({"type": "http.response.body", "body": b"app"})

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    async def send(message: MutableMapping[str, Any]) -> None:
        found.append(message)

    path = f"/_stcore/upload_file/session/{name}"
    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    asyncio.run(UploadFailures(app, folder)(scope, receive, send))
    return found


@pytest.mark.parametrize(
    ("status", "told"), [(413, "larger than the server accepts"), (500, "could not accept the")]
)
def test_a_page_gets_a_success_and_the_reason_is_kept(
    tmp_path: Path, status: int, told: str
) -> None:
    start, body = sent(tmp_path, f"page-{status}", status)
    assert (start["status"], start["headers"], body["body"]) == (204, [], b"")
    assert told in arrivals.why_missing(f"page-{status}")


def test_others_get_the_status_as_the_app_gave_it(tmp_path: Path) -> None:
    for how in ({"headers": []}, {"method": "DELETE"}):
        start, body = sent(tmp_path, "other", 413, **how)
        assert (start["status"], body["body"]) == (413, b"app")
    assert arrivals.why_missing("other") == arrivals.LOST


def test_a_full_disk_is_told_to_both(tmp_path: Path) -> None:
    start, _ = sent(tmp_path, "full", None)
    assert start["status"] == 204
    assert "its disk does not accept data" in arrivals.why_missing("full")
    start, body = sent(tmp_path, "full-other", None, headers=[])
    assert start["status"] == 507
    assert b"its disk does not accept data" in body["body"]
    assert dict(start["headers"])[b"content-length"] == b"%d" % len(body["body"])


def test_an_answer_that_has_begun_is_not_begun_again(tmp_path: Path) -> None:
    assert [one["status"] for one in sent(tmp_path, "begun", None, begun=200)] == [200]


def test_ids_that_somebody_invents_do_not_fill_the_memory() -> None:
    for number in range(1001):
        arrivals.note(f"invented-{number}", "x")
    assert arrivals.why_missing("invented-0") == arrivals.LOST
    assert arrivals.why_missing("invented-1000") == "x"
