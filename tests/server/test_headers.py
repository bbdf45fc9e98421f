"""Security headers: on all kinds of responses, as strict as documented, frames for Spaces only."""

import asyncio
import hashlib
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from streamlit import file_util

from core.web import headers
from core.web.headers import SecurityHeaders

INDEX = Path(file_util.get_static_dir()) / "index.html"


def answer(kind: str, own: list[tuple[bytes, bytes]], *, framed: bool = False) -> list[Any]:
    """The headers that the middleware sends if the application responds with `own`."""
    sent: list[Any] = []

    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": f"{kind}.response.start", "status": 404, "headers": own})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing to receive")

    asyncio.run(SecurityHeaders(application, INDEX, framed)({"type": kind}, receive, send))
    return sent


def test_every_answer_has_each_header_once_and_ours_win() -> None:
    own = [(b"content-type", b"text/html"), (b"X-Frame-Options", b"ALLOWALL")]
    (message,) = answer("http", own)
    names = [name for name, _ in message["headers"]]
    assert sorted(names) == sorted(set(names))
    found = dict(message["headers"])
    assert found[b"content-type"] == b"text/html"
    assert found[b"x-content-type-options"] == b"nosniff"
    assert found[b"referrer-policy"] == b"same-origin"
    assert found[b"x-frame-options"] == b"DENY"
    assert b"frame-ancestors 'none'" in found[b"content-security-policy"]


def test_websockets_pass_untouched() -> None:
    (message,) = answer("websocket", [])
    assert message["headers"] == []


def test_only_a_space_may_be_framed_and_by_the_hub_alone() -> None:
    (message,) = answer("http", [], framed=True)
    found = dict(message["headers"])
    assert b"x-frame-options" not in found
    policy = found[b"content-security-policy"].decode()
    assert policy.endswith("frame-ancestors https://huggingface.co")


@pytest.mark.parametrize(
    ("cookie", "framed", "sent"),
    [
        ("a=1; Path=/; SameSite=None; Secure", True, "; Partitioned"),
        ("a=1; Path=/; SameSite=None; Secure", False, ""),
        ("a=1; Path=/; SameSite=Lax", True, ""),
    ],
)
def test_a_cookie_reaches_a_space_s_frame_though_third_party_cookies_are_blocked(
    cookie: str, framed: bool, sent: str
) -> None:
    (message,) = answer("http", [(b"set-cookie", cookie.encode())], framed=framed)
    assert dict(message["headers"])[b"set-cookie"].decode() == cookie + sent


def test_no_script_runs_but_the_server_s_own() -> None:
    rules = dict(
        rule.split(" ", 1)
        for rule in headers.policy(headers.script_hashes(INDEX.read_text()), framed=False).split(
            "; "
        )
    )
    assert rules["default-src"] == "'none'"
    own, *hashes = rules["script-src"].split()
    assert own == "'self'"
    assert hashes, "Streamlit's page has an inline script: without its hash the page is blank"
    assert all(one.startswith("'sha256-") for one in hashes)
    assert "unsafe" not in rules["script-src"]
    assert rules["connect-src"] == "'self'"


@pytest.mark.parametrize("text", ["", "\n  window.ready = false\n "])
def test_a_script_s_hash_is_of_its_exact_text(text: str) -> None:
    page = f"<!-- <script>not this</script> --><script>{text}</script><script src=x></script>"
    digest = b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert headers.script_hashes(page) == (f"'sha256-{digest}'",)
