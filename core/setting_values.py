"""The definition of a setting, and a parser for each kind of value. Pure, except for checking
whether a file exists.
"""

import math
import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

Processes = Literal["jobs", "judge"]
JOBS: Final = "jobs"
JUDGE: Final = "judge"  # the judge's command, and the process of a judge run
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[\w.-]+)(:[0-9]{1,5})?")
_USUAL_PORT = {"http": ":80", "https": ":443"}
_QUOTES: Final = tuple("\"'`\u201c\u201d\u2018\u2019")
# Of POSIX shells and of Windows; a command is one too.
_VARIABLE: Final = re.compile(r"\$[{(]?[A-Za-z_]|%[A-Za-z_]+%")
_NAME: Final = re.compile(r"(?:export\s+)?[A-Z][A-Z_]{2,}=")
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


def whole(value: Any) -> int:
    """A whole number of at least 1. Raises ValueError."""
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if number < 1:
        raise ValueError(f"expected a whole number of at least 1, got {value!r}.")
    return number


def up_to(most: int) -> Callable[[Any], int]:
    """A parser of whole numbers from 0 to `most`."""

    def reader(value: Any) -> int:
        found = text(value)
        if not found.isdecimal() or int(found) > most:
            raise ValueError(f"expected a whole number from 0 to {most}, got {found!r:.80}.")
        return int(found)

    return reader


def _number(value: Any) -> float:
    try:
        return float(text(value))
    except ValueError:
        return math.nan


def share(value: Any) -> float:
    """A number above 0 and at most 1. Raises ValueError."""
    if not 0 < (number := _number(value)) <= 1:
        raise ValueError(f"expected a number above 0, at most 1, got {value!r}.")
    return number


def price(value: Any) -> float:
    """A number of at least 0. Raises ValueError."""
    if not 0 <= (number := _number(value)) < math.inf:
        raise ValueError(f"expected a number of at least 0, got {value!r}.")
    return number


def names(value: Any) -> tuple[str, ...]:
    """Names separated by commas, or a list of secrets.toml."""
    parts = value if isinstance(value, list) else str(value).split(",")
    return tuple(name for part in parts if (name := text(part)))


def origins(value: Any) -> tuple[str, ...]:
    """Origins separated by commas, as browsers write them: no path, no default port."""
    found = tuple(name.lower().rstrip("/") for name in names(value))
    for name in found:
        if not _ORIGIN.fullmatch(name) or name.endswith(
            _USUAL_PORT.get(name.partition(":")[0], "")
        ):
            raise ValueError(
                "expected scheme and host, and a port only if it is not the default, like "
                f"https://leaderboard.example.org, got {name!r:.80}."
            )
    return found


def site(value: Any) -> str:
    """A URL of scheme, host and path, without a trailing slash. Raises ValueError."""
    found = text(value).rstrip("/")
    origin, _, path = found.partition("://")[2].partition("/")
    if not _ORIGIN.fullmatch(f"{found.partition('://')[0]}://{origin}".lower()) or "?" in path:
        raise ValueError(f"expected a URL like https://leaderboard.example.org, got {found!r}.")
    return found


def folder(value: Any) -> Path:
    """An absolute path, which need not exist."""
    return Path(text(value)).expanduser().absolute()


def file(value: Any) -> Path:
    """The absolute path of an existing file. Raises ValueError."""
    path = folder(value)
    if not path.is_file():
        raise ValueError(f"no file at {path}. Set it to a readable file, or unset it.")
    return path


def scheduler_address(value: Any) -> str:
    """The address of a cluster's scheduler."""
    address = text(value)
    if not _SCHEDULER.fullmatch(address):
        raise ValueError(
            f"expected tls://host:port or tcp://host:port, got {address!r:.80}. Correct it, or "
            "unset it to evaluate on this machine."
        )
    return address


def as_text(value: Any) -> str:
    """A field's value as an environment variable that `read` parses back."""
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else str(value)
