"""The submitter for the quota: a keyed hash of an account, address or browser.

In this order: the signed-in account; the network address from a trusted proxy; the
browser. Each becomes an HMAC under a secret of the data folder, so that the journal has
neither addresses nor accounts, and nobody can test addresses against it. A contact is
not verified and identifies nobody: a rival could type it.
"""

import contextlib
import hashlib
import hmac
import ipaddress
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from core.files import atomic

Kind = Literal["account", "address", "browser"]
KEY_FILE = "private/submitters.key"  # the mirror copies only *.json from that folder
_BYTES = 32
_DIGITS = 32
_IPV6_SITE = 64  # the network's bits; a customer can change the rest at will


def submitter(secret: bytes, kind: Kind, value: str) -> str:
    """The id of an account, address or browser: its kind and 128 bits of a keyed hash."""
    text = f"{kind}\n{value}".encode("utf-8", "surrogatepass")
    return f"{kind}-{hmac.new(secret, text, hashlib.sha256).hexdigest()[:_DIGITS]}"


def kind_of(submitter: str) -> str:
    """account, address or browser."""
    return submitter.partition("-")[0]


def account_of(user: Mapping[str, object]) -> str | None:
    """The account of a signed-in user: issuer and subject, else e-mail. None: not signed in."""
    if user.get("is_logged_in") is not True:
        return None
    issuer, subject = user.get("iss"), user.get("sub")
    if issuer and subject:
        return f"{issuer}\n{subject}"
    email = user.get("email")
    return f"email\n{str(email).casefold()}" if email else None


def address_of(header: str | None) -> str | None:
    """The address in a trusted proxy's header: the last one, which that proxy added itself.

    Earlier ones were sent by the client and may be invented. For IPv6 only the network counts
    (64 bits). None when there is no valid address.
    """
    last = (header or "").rpartition(",")[2].strip().strip('"')
    if last.startswith("["):
        last = last[1:].partition("]")[0]
    elif last.count(":") == 1:
        last = last.partition(":")[0]  # with a port
    try:
        found = ipaddress.ip_address(last.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _IPV6_SITE), strict=False))


def secret(root: Path) -> bytes:
    """The secret of a data folder, created by the first call, readable by this user only.

    Raises StoreError when it can be neither read nor created.
    """
    path = root / KEY_FILE
    try:
        found = _read(path)
        if found is None:
            atomic.make_folder(path.parent)
            with contextlib.suppress(FileExistsError):  # another server was faster
                _make(path)
            found = _read(path)
    except OSError as error:
        raise atomic.store_error(error, "Cannot save", path, "Nothing was submitted.") from error
    return found or b""


def _make(path: Path) -> None:
    """Atomic: written to a temporary file, then linked unless another process was faster."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, atomic.PRIVATE)
    try:
        atomic.write_fully(handle, secrets.token_bytes(_BYTES))
        os.link(aside, path)
    finally:
        os.close(handle)
        aside.unlink(missing_ok=True)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
