"""Addresses that people enter: which may become a link on a page, which are mistyped."""

import re
from typing import Final
from urllib.parse import urlsplit

_SCHEMES = frozenset({"http", "https"})
# Browsers read a backslash as a slash; the others are not valid in an address.
_NEVER = frozenset("\\\"'<>`{}|^")
_LOOKS_LIKE_MAIL: Final = re.compile(r"[^\s@]+@\S*")
_MAIL: Final = re.compile(r"[^\s@,;<>]+@[^\s@.,;<>]+(\.[^\s@.,;<>]+)+")


def link_problem(text: str) -> str | None:
    """Why `text` cannot be a link, as the rest of a sentence; None if it can.

    Only http and https, with a host and without a user name or password. Characters are checked
    before parsing, since the parser silently drops some of them.
    """
    if any(char.isspace() or not char.isprintable() or char in _NEVER for char in text):
        return (
            "has a space, a quote or another character that is not valid in a web address. "
            "Copy it again from the browser's address bar."
        )
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "is not a valid web address. Expected a form like https://example.org/model."
    if parts.scheme.lower() not in _SCHEMES:
        return "must start with https:// or http://."
    if parts.username is not None or parts.password is not None:
        return "has a user name or password before the @. Remove that part."
    if not host or "." not in host.strip(".") or ".." in host or port == 0:
        return "has no web site. Expected a form like https://example.org/model."
    return None


def address_problem(text: str) -> str | None:
    """What is wrong with a contact that looks like an e-mail address, as the rest of a sentence.

    None if it is valid, and for any other text: a contact may be a page or a handle.
    """
    if _LOOKS_LIKE_MAIL.fullmatch(text) and not _MAIL.fullmatch(text):
        return "is not a complete e-mail address. Expected a form like name@example.org."
    return None
