"""Captions that a program damaged, or that a model repeated without end. Pure."""

import re
from collections.abc import Iterator
from typing import Final

from evaluation.upload.plausible.kind import SOME, Fault, Kind, Seen, piece

MOJIBAKE = Kind(
    "mojibake", "contain characters read in a wrong encoding, such as “â€™” instead of “’”",
    "read and write text as UTF-8", SOME,
)  # fmt: skip
ENTITIES = Kind(
    "html_entities", "contain HTML entities, such as “&quot;”", "write plain text", SOME
)
ESCAPES = Kind(
    "escapes", "contain escapes such as “\\n” as two characters",
    "encode the answers as JSON once, not twice", SOME,
)  # fmt: skip
LOOP = Kind(
    "endless_repetition", "repeat the same words until they end",
    "limit repetition when the model generates, and run these questions again", SOME,
)  # fmt: skip

# UTF-8 read as Latin-1 or Windows-1252: the first byte of a character, then the others.
_NEXT: Final = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_MOJIBAKE: Final = re.compile(
    rf"â[€\x80][{_NEXT}]|Ã[{_NEXT}]|Â[\xa0-\xbf]|[ã-é][{_NEXT}]{{2}}|ï»¿|\ufffd"
)
_ENTITY: Final = re.compile(
    r"&(?:quot|amp|apos|nbsp|lt|gt|#\d{2,5}|#x[0-9a-f]{2,4});", re.IGNORECASE
)
# Not a command of LaTeX, such as \nu or \times.
_ESCAPE: Final = re.compile(r"\\[nrt](?![a-z])|\\u[0-9a-fA-F]{4}|\\\"")
# Characters: looked at, at the end of an answer; repeated at least; that a repetition ends with.
_TAIL, _LEAST, _END = 1_000, 200, 20
_TIMES = 5  # one after another


def look(seen: Seen) -> Iterator[Fault]:
    """The first damage found in a caption."""
    text = seen.text
    if "\\" in text and (found := _ESCAPE.search(text)):
        yield ESCAPES, piece(text, found)
    elif not text.isascii() and (found := _MOJIBAKE.search(text)):
        yield MOJIBAKE, piece(text, found)
    elif "&" in text and (found := _ENTITY.search(text)):
        yield ENTITIES, piece(text, found)
    elif _repeats(seen.whole[-_TAIL:]):
        yield LOOP, piece(seen.whole[-80:])


def _repeats(tail: str) -> bool:
    """Whether a text ends with the same words several times, the last time perhaps cut off."""
    period = len(tail) - _END - tail.rfind(tail[-_END:], 0, len(tail) - 1)
    length = max(_LEAST, _TIMES * period)
    repeated = tail[-length:]
    return length <= len(tail) and repeated[period:] == repeated[:-period]
