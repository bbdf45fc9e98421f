"""Old links to entries on the board's page, from before the model page."""

import asyncio
from typing import Any

import pytest

from core.web.entry_links import EntryLinks, new_address


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("entry=old-1", "./model?id=old-1"),
        ("board=Community&entry=a%2Fb", "./model?id=a%2Fb&board=Community"),
        ("entry=%0d%0aSet-Cookie:x=1", "./model?id=%0D%0ASet-Cookie%3Ax%3D1"),
        ("entry=//evil.example", "./model?id=%2F%2Fevil.example"),
        ("entry=%ff%00é", "./model?id=%EF%BF%BD%00%C3%A9"),
        ("board=Community", None),
        ("entry=", None),
        ("", None),
    ],
)
def test_where_an_address_leads(query: str, address: str | None) -> None:
    assert new_address(query) == address


async def _passed(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "passed"})


@pytest.mark.parametrize(
    ("method", "path", "query", "answer"),
    [
        ("GET", "/", b"entry=x", "http.response.start"),
        ("GET", "/", b"board=Community", "passed"),
        ("POST", "/", b"entry=x", "passed"),
        ("GET", "/about", b"entry=x", "passed"),
    ],
)
def test_only_links_of_the_board_are_redirected(
    method: str, path: str, query: bytes, answer: str
) -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(dict(message))

    async def receive() -> Any:
        raise AssertionError

    scope = {"type": "http", "method": method, "path": path, "query_string": query}
    asyncio.run(EntryLinks(_passed)(scope, receive, send))
    assert sent[0]["type"] == answer
    if answer != "passed":
        assert dict(sent[0]["headers"])[b"location"] == b"./model?id=x"
