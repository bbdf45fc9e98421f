"""Random identifiers: of submissions, jobs, changes and private records."""

import re
import secrets

_FORM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{7,127}")


def new_id() -> str:
    """At least 128 random bits, safe in URLs, as a file name and on a command line."""
    while True:
        found = secrets.token_urlsafe(17)
        if found[0] not in "-_":
            return found


def is_id(text: object) -> bool:
    """True when the text is safe as one part of a path: no dots, slashes or options."""
    return isinstance(text, str) and _FORM.fullmatch(text) is not None
