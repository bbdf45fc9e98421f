"""Captions that a program damaged, or that a model repeated without end. Pure."""

import re
import zlib
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
# Characters at the end of an answer, and the share of them that is left when they are compressed:
# of prose about a half, of a sentence that fills them by repetition less than a sixth.
_TAIL, _LEAST, _SHARE = 600, 200, 0.16


def look(seen: Seen) -> Iterator[Fault]:
    """The first damage found in a caption."""
    text = seen.text
    if "\\" in text and (found := _ESCAPE.search(text)):
        yield ESCAPES, piece(text, found)
    elif not text.isascii() and (found := _MOJIBAKE.search(text)):
        yield MOJIBAKE, piece(text, found)
    elif "&" in text and (found := _ENTITY.search(text)):
        yield ENTITIES, piece(text, found)
    elif len(seen.whole) >= _LEAST:
        tail = seen.whole[-_TAIL:]
        sent = tail.encode(errors="replace")
        if len(zlib.compress(sent, 1)) < _SHARE * len(sent):
            yield LOOP, piece(tail[-80:])
