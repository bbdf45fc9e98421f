"""A visitor's network address: who may tell it, and the keyed hash that is kept of it.

Streamlit's own idea of the address is not used: behind a proxy it is the proxy's, and
without one a visitor may send any header. Only the header named by
MEDVIDBENCH_PROXY_HEADER counts, and of a list in it the last part, which the trusted
proxy itself has added.
"""

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

from core import atomic
from core.errors import StoreError

COMMON = ""  # the address of everybody whose own is not known
_KEY_BYTES = 32
_IPV6_NETWORK = 64  # one household or machine owns a /64: its addresses are one


def address(values: Sequence[str]) -> str:
    """The address in a trusted header's values; COMMON when there is none that can be read."""
    if not values:
        return COMMON
    last = values[-1].rsplit(",", 1)[-1].strip().strip('"').removeprefix("for=")
    try:
        found = ipaddress.ip_address(last.strip("[]"))
    except ValueError:
        return COMMON
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, _IPV6_NETWORK), strict=False).network_address)
    return str(found)


def keyed(root: Path, text: str) -> str:
    """A hash that only this data folder can make: equal for equal texts, 16 hex digits."""
    return hmac.new(_key(root), text.encode(), hashlib.sha256).hexdigest()[:16]


def _key(root: Path) -> bytes:
    """The folder's key, made once. Raises StoreError."""
    path = root / "private" / "address.key"
    found = _read(path)
    if not found:
        atomic.make_folder(path.parent)
        with FileLock(path.with_suffix(".lock"), mode=atomic.PRIVATE):
            found = _read(path)
            if not found:
                found = secrets.token_bytes(_KEY_BYTES)
                atomic.write(path, found)
    if len(found) != _KEY_BYTES:
        raise StoreError(
            f"{path}: expected {_KEY_BYTES} bytes, got {len(found)}. Delete the file: addresses "
            "that were seen before are then strangers."
        )
    return found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise atomic.store_error(error, "Cannot read", path, "Nothing was changed.") from error
