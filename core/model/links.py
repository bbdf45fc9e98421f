"""Addresses that people type: which ones may become a link on a page, which are mistyped."""

import re
from typing import Final
from urllib.parse import urlsplit

_SCHEMES = frozenset({"http", "https"})
# Browsers read a backslash as a slash, and none of the others belongs in an address.
_NEVER = frozenset("\\\"'<>`{}|^")
_LOOKS_LIKE_MAIL: Final = re.compile(r"[^\s@]+@\S*")
_MAIL: Final = re.compile(r"[^\s@,;<>]+@[^\s@.,;<>]+(\.[^\s@.,;<>]+)+")


def link_problem(text: str) -> str | None:
    """Why `text` cannot be a link, as the rest of a sentence; None when it can.

    Only http and https, with a host of its own and no user name or password in it.
    Characters are looked at before parsing, since the parser drops some of them silently.
    """
    if any(char.isspace() or not char.isprintable() or char in _NEVER for char in text):
        return (
            "holds a blank, a quote or another character that no web address has. "
            "Copy it again from the browser's address line."
        )
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "cannot be read as a web address. Expected the form https://example.org/model."
    if parts.scheme.lower() not in _SCHEMES:
        return "must start with https:// or http://."
    if parts.username is not None or parts.password is not None:
        return "holds a user name or password before the @. Leave that part out."
    if not host or "." not in host.strip(".") or ".." in host or port == 0:
        return "names no web site. Expected the form https://example.org/model."
    return None


def address_problem(text: str) -> str | None:
    """What is wrong with a contact that looks like an e-mail address, as the rest of a sentence.

    None when it can be one, and for any other text: a contact may be a page or a handle.
    """
    if _LOOKS_LIKE_MAIL.fullmatch(text) and not _MAIL.fullmatch(text):
        return "is not a complete e-mail address. Expected the form name@example.org."
    return None
