"""The definition of a setting, and a parser for each kind of value. Pure, except for checking
whether a file exists.
"""

import math
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

Processes = Literal["jobs", "judge"]
JOBS: Final = "jobs"
JUDGE: Final = "judge"  # the judge's command, and the process of a judge run
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[\w.-]+)(:[0-9]{1,5})?")
_USUAL_PORT = {"http": ":80", "https": ":443"}
_QUOTES: Final = tuple("\"'`\u201c\u201d\u2018\u2019")
# Of POSIX shells and of Windows; a command is one too.
_VARIABLE: Final = re.compile(r"\$[{(]?[A-Za-z_]|%[A-Za-z_]+%")
_NAME: Final = re.compile(r"(?:export\s+)?[A-Z][A-Z_]{2,}=")
_OURS: Final = "MEDVIDBENCH_"
_DIGITS: Final = re.compile(r"[0-9]{1,12}")
_LAST_PORT: Final = 65_535
_LONGEST_PATH, _LONGEST_NAME = 4000, 255  # bytes; longer ones raise an error of their own
_REPO: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_HEADER: Final = re.compile(r"[A-Za-z0-9-]+")
_SCHEDULER = re.compile(r"(tls|tcp)://(\[[0-9a-fA-F:.]+\]|[\w.-]+):[0-9]{1,5}")


def text(value: Any) -> str:
    """Any value, without surrounding spaces."""
    return str(value).strip()


@dataclass(frozen=True, slots=True)
class Setting:
    """One documented setting.

    `read` parses a value that is not empty, and raises ValueError with the rest of a sentence
    that starts with the setting's name. `given_to`: which processes get it besides the server.
    `default` is shown in the documentation.
    """

    name: str
    meaning: str
    read: Callable[[Any], Any] = text
    given_to: Processes | None = None
    default: str = "none"

    def with_default(self, value: Any) -> "Setting":
        """How a default value is shown; "" if the field needs its own text."""
        empty = value is MISSING or value in (None, "", ())
        return self if empty else replace(self, default=as_text(value))


def taken_literally(value: Any, *, secret: bool) -> str | None:
    """Why a value was probably written for a shell, as the rest of a sentence.

    Env files of containers and service managers keep quotes, comments and variables literally.
    A secret is never quoted in a message, and may start with any character.
    """
    found = text(value)
    inside = len(found) > 1 and found[0] == found[-1] and found[0] in _QUOTES
    if secret and inside:
        return "the value is in quotes, which would be part of it. Remove them."
    if secret or not isinstance(value, str):
        return None
    if found[:1] in _QUOTES or found[-1:] in _QUOTES:
        return f"got {found!r:.80} with quotes, which would be part of it. Remove them."
    if _NAME.match(found):
        return f"got {found!r:.80} with a name, which would be part of it. Write the value alone."
    if found.startswith("<") and found.endswith(">"):
        return f"got {found!r:.80}, the placeholder of an example. Write a value, or leave it out."
    if re.search(r"\s#", found):
        return f"got {found!r:.80} with a comment, which would be part of it. Remove it."
    if _VARIABLE.search(found):
        return f"got {found!r:.80} with a variable, which is not expanded here. Write its value."
    return None


def unknown(given: Iterable[str], known: Iterable[str]) -> list[str]:
    """A sentence on each of `given` that begins like our settings, but is not a `known` one."""
    import difflib  # here: only a server's start needs it

    ends = {name.removeprefix(_OURS): name for name in known}
    found = []
    for name in sorted(set(given) - {*ends.values()}):
        if name.startswith(_OURS):
            near = difflib.get_close_matches(name.removeprefix(_OURS), sorted(ends), 1)
            hint = f"Did you mean {ends[near[0]]}?" if near else "docs/configuration.md lists all."
            found.append(f"{name:.80}: no such setting, so it has no effect. {hint}")
    return found


def between(least: int, most: int) -> Callable[[Any], int]:
    """A parser of whole numbers in a range. It raises ValueError."""

    def reader(value: Any) -> int:
        found = text(value)
        if not _DIGITS.fullmatch(found) or not least <= int(found) <= most:
            raise ValueError(
                f"expected a whole number from {least} to {most:,}, got {value!r:.80}. Correct it."
            )
        return int(found)

    return reader


# Far more than any server needs, and few enough that no later arithmetic overflows.
whole: Final = between(1, 1_000_000_000)
port: Final = between(1, _LAST_PORT)


def _number(value: Any) -> float:
    try:
        return float(text(value))
    except ValueError:
        return math.nan


def share(value: Any) -> float:
    """A number above 0 and at most 1. Raises ValueError."""
    if not 0 < (number := _number(value)) <= 1:
        raise ValueError(f"expected a number above 0, at most 1, got {value!r:.80}.")
    return number


def price(value: Any) -> float:
    """A number of at least 0. Raises ValueError."""
    if not 0 <= (number := _number(value)) < math.inf:
        raise ValueError(f"expected a number of at least 0, got {value!r:.80}.")
    return number


def names(value: Any) -> tuple[str, ...]:
    """Names separated by commas, or a list of secrets.toml."""
    parts = value if isinstance(value, list) else str(value).split(",")
    return tuple(name for part in parts if (name := text(part)))


def origins(value: Any) -> tuple[str, ...]:
    """Origins separated by commas, as browsers write them: no path, no default port."""
    found = tuple(name.lower().rstrip("/") for name in names(value))
    for name in found:
        usual = _USUAL_PORT.get(name.partition(":")[0], "")
        if not _ORIGIN.fullmatch(name) or name.endswith(usual) or not _reachable(name):
            raise ValueError(
                "expected scheme and host, and a port only if it is not the default, like "
                f"https://leaderboard.example.org, got {name!r:.80}."
            )
    return found


def site(value: Any) -> str:
    """A URL of scheme, host and path, without a trailing slash. Raises ValueError."""
    found = text(value).rstrip("/")
    origin, _, path = found.partition("://")[2].partition("/")
    known = _ORIGIN.fullmatch(f"{found.partition('://')[0]}://{origin}".lower())
    if not known or "?" in path or not _reachable(found):
        raise ValueError(
            f"expected a URL like https://leaderboard.example.org, got {found!r:.80}. Correct it."
        )
    return found


def address(value: Any) -> str:
    """The address of another server, without a trailing slash. Raises ValueError.

    It may contain a password, so no message quotes it.
    """
    found = text(value).rstrip("/")
    if not re.match(r"https?://[!-~]+$", found) or not _reachable(found):
        raise ValueError(
            "expected an address such as https://huggingface.co or http://127.0.0.1:8000/v1. The "
            "value is not shown, since it may contain a password. Correct or unset it."
        )
    return found


def _reachable(url: str) -> bool:
    """Whether a URL names a host, and a port that exists if any."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def repo(value: Any) -> str:
    """A repo on the Hub. Raises ValueError."""
    found = text(value)
    if not _REPO.fullmatch(found):
        raise ValueError(f"expected owner/name, got {found!r:.80}. Correct or unset it.")
    return found


def token(value: Any) -> str:
    """A secret that is sent in a header. Raises ValueError, which does not quote it."""
    found = text(value)
    if not re.fullmatch(r"[!-~]+", found):
        raise ValueError(
            "expected ASCII letters, digits and signs, but it contains spaces or special "
            "characters. Copy it again."
        )
    return found


def header(value: Any) -> str:
    """The name of a request header. Raises ValueError."""
    found = text(value)
    if not _HEADER.fullmatch(found):
        raise ValueError(
            f"expected a header's name like X-Forwarded-For, got {found!r:.80}. Correct it."
        )
    return found


def folder(value: Any) -> Path:
    """An absolute path, which need not exist. Raises ValueError for what cannot be a path."""
    found = text(value)
    path = Path(found).expanduser().absolute()
    sizes = [len(os.fsencode(part)) for part in path.parts]
    too_long = sum(sizes) > _LONGEST_PATH or max(sizes) > _LONGEST_NAME
    if too_long or found[:1] in ("[", "{") or not found.isprintable():
        raise ValueError(
            f"expected a path, got a text of {len(found):,} characters that is none. It is not "
            "shown, since it may be a file's content. Write the path instead."
        )
    return path


def file(value: Any) -> Path:
    """The absolute path of an existing file. Raises ValueError."""
    path = folder(value)
    if not path.is_file():
        raise ValueError(f"no file at {path}. Set it to a readable file, or unset it.")
    return path


def scheduler_address(value: Any) -> str:
    """The address of a cluster's scheduler."""
    found = text(value)
    if not _SCHEDULER.fullmatch(found) or not _reachable(found):
        raise ValueError(
            f"expected tls://host:port or tcp://host:port, got {found!r:.80}. Correct it, or "
            "unset it to evaluate on this machine."
        )
    return found


def as_text(value: Any) -> str:
    """A field's value as an environment variable that `read` parses back."""
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else str(value)
