"""Web addresses that people type: which ones may become a link on a page."""

from urllib.parse import urlsplit

_SCHEMES = frozenset({"http", "https"})
# Browsers read a backslash as a slash, and none of the others belongs in an address.
_NEVER = frozenset("\\\"'<>`{}|^")


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
