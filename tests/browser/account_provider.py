"""An OpenID Connect provider on loopback: discovery, authorisation, tokens signed RS256, keys.

Visitors of its sign-in page choose an account; no password is needed.
"""

import base64
import contextlib
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT, SECRET = "the-board", secrets.token_urlsafe(16)
ACCOUNTS = {
    "ada": {"email": "ada@example.org", "email_verified": True, "name": "Ada"},
    "eve": {"email": "eve@example.org", "email_verified": True, "name": "Eve"},
}


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int) -> str:
    return packed(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Provider:
    """The provider's key, and the request for each code that it issued."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.codes: dict[str, dict[str, str]] = {}
        self.signed_out = 0

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "end_session_endpoint": f"{self.url}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def keys(self) -> dict[str, Any]:
        public = self.key.public_key().public_numbers()
        key = {"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256"}
        return {"keys": [{**key, "n": number(public.n), "e": number(public.e)}]}

    def tokens(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The tokens for a code, once, for the client with the secret and the verifier."""
        asked = self.codes.pop(form.get("code", ""), None)
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = packed(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or authorization != f"Basic {known}":
            return None
        if asked["code_challenge"] != digest or asked["redirect_uri"] != form["redirect_uri"]:
            return None
        now = int(time.time())
        claims = {
            **ACCOUNTS[asked["account"]],
            **{"iss": self.url, "sub": f"id-{asked['account']}", "aud": CLIENT},
            **{"iat": now, "exp": now + 3600, "nonce": asked["nonce"]},
        }
        token = {"access_token": secrets.token_hex(8), "token_type": "Bearer", "expires_in": 3600}
        return {**token, "id_token": self.signed(claims)}

    def signed(self, claims: dict[str, Any]) -> str:
        head = {"alg": "RS256", "kid": "1", "typ": "JWT"}
        text = ".".join(packed(json.dumps(part).encode()) for part in (head, claims))
        signature = self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{packed(signature)}"


class Handler(BaseHTTPRequestHandler):
    """One request; `provider` is set by `running`."""

    provider: Provider

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(place.query).items()}
        match place.path:
            case "/.well-known/openid-configuration":
                self.answer_json(self.provider.discovery())
            case "/jwks":
                self.answer_json(self.provider.keys())
            case "/authorize" if "account" in asked:
                code = secrets.token_hex(8)
                self.provider.codes[code] = asked
                back = urlencode({"code": code, "state": asked["state"]})
                self.redirect(f"{asked['redirect_uri']}?{back}")
            case "/authorize":
                assert asked["client_id"] == CLIENT
                links = (
                    f"<p><a href='?{urlencode({**asked, 'account': one})}'>{one}</a>"
                    for one in ACCOUNTS
                )
                self.answer("text/html", f"<h1>Who?</h1>{''.join(links)}".encode())
            case "/logout":
                self.provider.signed_out += 1
                self.redirect(asked["post_logout_redirect_uri"])
            case _:
                self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        found = self.provider.tokens(form, self.headers.get("Authorization", ""))
        self.answer_json(found or {"error": "invalid_grant"}, 200 if found else 400)

    def answer_json(self, value: dict[str, Any], status: int = 200) -> None:
        self.answer("application/json", json.dumps(value).encode(), status)

    def answer(self, kind: str, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextlib.contextmanager
def running() -> Iterator[Provider]:
    """A provider on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider = Provider(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = type("Bound", (Handler,), {"provider": provider})
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
