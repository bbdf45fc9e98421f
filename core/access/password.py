"""The admin's password: compared in constant time with plain text or a hash.

Hashes are scrypt or Argon2 in the usual notation (`$scrypt$ln=…`, `$argon2id$v=19$…`).
No message quotes the password or the setting.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from typing import Any, Final

HOW: Final = (
    "Set ADMIN_PASSWORD in .streamlit/secrets.toml or in the environment, best to a hash from "
    "`python -m core.access hash`, and restart the server."
)
_LN, _R, _P = 15, 8, 1  # 32 MB and about 0.1 s per attempt
_MAX_MEMORY = 1 << 28
_MAX_TYPED = 4096  # characters; longer input would only cost time
_SCRYPT = re.compile(r"\$?scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([^$]+)\$([^$]+)")
_ARGON2 = re.compile(r"\$(argon2id|argon2i|argon2d)\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})\$")
_OTHER_HASH = re.compile(r"\$[A-Za-z0-9-]{1,20}\$\S{15}")  # such as bcrypt's and crypt's


def problem(configured: str) -> str | None:
    """Why nobody can sign in with this setting, and what to do; None if it works."""
    if not configured:
        return f"No password is set. {HOW}"
    if _looks_hashed(configured) and not _usable(configured):
        return (
            "ADMIN_PASSWORD looks like a hash but cannot be checked (expected "
            f"$scrypt$ln=…,r=…,p=…$salt$hash or $argon2id$v=19$…). {HOW}"
        )
    return None


def matches(typed: str, configured: str) -> bool:
    """Whether the password is the configured one. Never true when none is configured."""
    if problem(configured) or len(typed) > _MAX_TYPED:
        return False
    secret = typed.encode("utf-8", "surrogatepass")
    found = _SCRYPT.fullmatch(configured)
    if found:
        ln, r, p = (int(part) for part in found.groups()[:3])
        salt, expected = _decoded(found[4]), _decoded(found[5])
        return hmac.compare_digest(_scrypt(secret, salt, (ln, r, p), len(expected)), expected)
    argon = _ARGON2.match(configured)
    if argon:
        return _argon2(argon[1], secret, configured)
    # Hashed first, so that the time does not reveal the length.
    return hmac.compare_digest(_digest(secret), _digest(configured.encode("utf-8", "replace")))


def make_hash(password: str) -> str:
    """A scrypt hash of a password, for ADMIN_PASSWORD."""
    salt = secrets.token_bytes(16)
    made = _scrypt(password.encode(), salt, (_LN, _R, _P), 32)
    return f"$scrypt$ln={_LN},r={_R},p={_P}${_encoded(salt)}${_encoded(made)}"


def _looks_hashed(configured: str) -> bool:
    """Also other programs' hashes: as a plain password, whoever reads one could sign in with it."""
    ours = configured.lstrip("$").startswith(("scrypt$", "argon2"))
    return ours or _OTHER_HASH.match(configured) is not None


def _usable(configured: str) -> bool:
    """Whether a hash is well-formed and needs no more memory than allowed."""
    found = _SCRYPT.fullmatch(configured)
    if found:
        ln, r, p = (int(part) for part in found.groups()[:3])
        small = 1 <= ln <= 24 and r >= 1 and 1 <= p <= 16 and 128 * r * (1 << ln) <= _MAX_MEMORY
        return small and len(_decoded(found[4])) >= 8 and len(_decoded(found[5])) >= 16
    argon = _ARGON2.match(configured)
    if argon is None:
        return False
    return int(argon[2]) * 1024 <= _MAX_MEMORY * 4 and int(argon[3]) <= 100


def _scrypt(secret: bytes, salt: bytes, cost: tuple[int, int, int], length: int) -> bytes:
    ln, r, p = cost
    return hashlib.scrypt(
        secret, salt=salt, n=1 << ln, r=r, p=p, maxmem=2 * _MAX_MEMORY, dklen=length
    )


def _argon2(kind: str, secret: bytes, configured: str) -> bool:
    from cryptography.exceptions import InvalidKey
    from cryptography.hazmat.primitives.kdf import argon2

    kinds: dict[str, Any] = {
        "argon2id": argon2.Argon2id,
        "argon2i": argon2.Argon2i,
        "argon2d": argon2.Argon2d,
    }
    try:
        kinds[kind].verify_phc_encoded(secret, configured)
    except (InvalidKey, ValueError):
        return False
    return True


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=").replace("+", ".")


def _decoded(text: str) -> bytes:
    """Decodes base64 without padding, `.` for `+` as in passlib; empty when invalid."""
    plain = text.replace(".", "+")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return b""
