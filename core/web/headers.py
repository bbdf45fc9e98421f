"""Security headers on every response: what a page may load, run and be framed by.

The Content-Security-Policy is as strict as Streamlit 1.67 allows (docs/security.md explains each
exception). Plain ASGI: websockets pass unchanged.
"""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, Final

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

SPACES: Final = "https://huggingface.co"  # shows a Space in a frame
_CROSS_SITE: Final = b"; SameSite=None; Secure"  # how Streamlit ends its cookie's line in a Space
_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def script_hashes(index_html: str) -> tuple[str, ...]:
    """CSP sources that allow exactly the inline scripts of Streamlit's page.

    Comments are ignored, since browsers do not run scripts in them.
    """
    bare = re.sub(r"<!--.*?-->", "", index_html, flags=re.DOTALL)
    digests = (hashlib.sha256(text.encode()).digest() for text in _INLINE_SCRIPT.findall(bare))
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def policy(scripts: tuple[str, ...], *, framed: bool) -> str:
    """The Content-Security-Policy. `framed`: Hugging Face may show the app in a frame."""
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(("'self'", *scripts)),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": SPACES if framed else "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def headers(index_html: str, *, framed: bool, ours: tuple[str, ...] = ()) -> dict[str, str]:
    """All security headers by name. `ours`: sources of our own inline scripts."""
    scripts = (*script_hashes(index_html), *ours)
    found = {
        "Content-Security-Policy": policy(scripts, framed=framed),
        "X-Content-Type-Options": "nosniff",
        # An address may name a submission, which other sites need not know.
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    if not framed:
        found["X-Frame-Options"] = "DENY"  # for browsers without frame-ancestors
    return found


def partitioned(name: bytes, value: bytes) -> bytes:
    """A header's value; a cookie for frames of other sites gets its own jar for each such site.

    Browsers that block third-party cookies keep only these, and without its cookie an upload is
    refused (https://developer.mozilla.org/docs/Web/Privacy/Guides/Privacy_sandbox/Partitioned_cookies).
    """
    cross = name.lower() == b"set-cookie" and value.endswith(_CROSS_SITE)
    return value + b"; Partitioned" if cross else value


class SecurityHeaders:
    """ASGI middleware that adds the headers to every HTTP response, including errors."""

    def __init__(
        self, app: Application, index: Path, framed: bool, ours: tuple[str, ...] = ()
    ) -> None:
        self._app = app
        found = headers(index.read_text(encoding="utf-8"), framed=framed, ours=ours)
        self._headers = [(key.lower().encode(), value.encode()) for key, value in found.items()]
        self._names = {key for key, _ in self._headers}
        self._framed = framed

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [one for one in message["headers"] if one[0].lower() not in self._names]
                if self._framed:
                    others = [(key, partitioned(key, value)) for key, value in others]
                message["headers"] = [*others, *self._headers]
            await send(message)

        await self._app(scope, receive, dressed if scope["type"] == "http" else send)
