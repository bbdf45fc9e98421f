"""Keys that a browser remembers: only for our pages, with a ticket that works once."""

import asyncio
from typing import Any

import pytest
from starlette.routing import Router

from core.access.device_keys import COOKIE, MOST, TICKETS, Tickets, Wish, cookie_of, keys_of
from core.access.submission_keys import make_key
from core.web.device_keys import routes

OURS = "https://board.example"


def post(
    body: bytes, origin: str = OURS, cookie: str = "", base: str = "", method: str = "POST"
) -> tuple[int, str]:
    """Status and cookie of the route's response."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    named = {"host": "board.example", "origin": origin, "cookie": cookie}
    scope = {
        "type": "http", "method": method, "path": f"{base}/x/keys", "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in named.items() if value],
    }  # fmt: skip
    asyncio.run(Router(routes(base.strip("/")))(scope, receive, send))
    headers = dict(sent[0]["headers"])
    return sent[0]["status"], headers.get(b"set-cookie", b"").decode()


def test_a_cookie_is_set_that_no_script_and_no_other_site_gets() -> None:
    old, key = make_key(), make_key()
    ticket = TICKETS.note(Wish(remember=(key,))).encode()
    assert post(ticket, origin="https://evil.example") == (403, "")
    assert post(ticket, origin="") == (403, "")  # browsers send an Origin with every POST
    assert post(ticket, method="GET")[0] == 405
    status, cookie = post(ticket, cookie=f"{COOKIE}={old}", base="/bench")
    assert status == 204
    value, *rest = cookie.split("; ")
    assert value == f"{COOKIE}={old}.{key}"  # that of another tab, and ours
    assert {"HttpOnly", "SameSite=strict", "Secure", "Path=/bench"} <= set(rest)
    assert post(ticket) == (410, "")  # once used, it is worthless to others
    plain = post(TICKETS.note(Wish(remember=(key,))).encode(), origin="http://board.example")[1]
    assert "Secure" not in plain and "Path=/;" in plain


@pytest.mark.parametrize("body", [b"", b"x" * 10_000, "é".encode(), b"\xff\x00"])
def test_an_invalid_ticket_changes_nothing(body: bytes) -> None:
    assert post(body) == (410, "")


def test_keys_are_forgotten_one_by_one_and_all_at_once() -> None:
    one, two = make_key(), make_key()
    both = f"{COOKIE}={one}.{two}"
    _status, cookie = post(TICKETS.note(Wish(forget=(one,))).encode(), cookie=both)
    assert cookie.startswith(f"{COOKIE}={two};")
    _status, cookie = post(TICKETS.note(Wish(everything=True)).encode(), cookie=both)
    assert "Max-Age=0" in cookie and one not in cookie and two not in cookie


def test_only_keys_are_read_from_a_cookie_and_not_too_many() -> None:
    keys = tuple(make_key() for _ in range(MOST + 5))
    assert keys_of(cookie_of((keys[0], "mvb-", "", "<b>", keys[0], keys[1]))) == keys[:2]
    assert len(keys_of(cookie_of(keys))) == MOST
    assert Wish(remember=keys[-1:]).applied(keys[:MOST]) == (*keys[1:MOST], keys[-1])
    assert len(cookie_of(keys[:MOST])) < 4096 - 200


def test_a_ticket_expires() -> None:
    now = [0.0]
    tickets = Tickets(lambda: now[0])
    old = tickets.note(Wish(everything=True))
    now[0] = 1000.0
    assert tickets.take(old) is None
    first = tickets.note(Wish())
    for _ in range(1000):
        tickets.note(Wish())
    assert tickets.take(first) is None  # strangers cannot fill the memory
