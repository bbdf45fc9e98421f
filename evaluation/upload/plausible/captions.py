"""Summaries and region captions that are no text about the clip, or more than that. Pure."""

import re
from collections.abc import Iterator

from evaluation.upload.plausible.kind import SOME, Fault, Kind, Seen, piece

NO_TEXT = Kind(
    "no_text", "are a number, a letter, a path or an address instead of text",
    "write the text itself",
)  # fmt: skip
PREAMBLE = Kind(
    "preamble", "start with a preamble or a heading, such as “Sure! Here is a summary:”",
    "write only the caption: the judge grades everything", SOME,
)  # fmt: skip
CLOSING = Kind(
    "closing_remark", "end with a remark to the reader, such as “Let me know if”",
    "write only the caption: the judge grades everything", SOME,
)  # fmt: skip

_NO_TEXT = re.compile(
    r"(?=.)[\W\d_]{0,40}(?:[A-Za-z][\W\d_]{0,40})?$"
    r"|(?:[a-z]{2,5}://|~?/|\.{1,2}/|[A-Za-z]:\\)\S{1,300}$"
    r"|\S{1,200}\.(?:txt|jsonl?|csv|mp4|avi|mkv|mov|webm|jpe?g|png)$"
)
_NAMES = r"(?:summary|caption|description|overview|answer|response)"
_PREAMBLE = re.compile(
    r"\W{0,4}(?:(?:sure|certainly|of course|absolutely|no problem)(?: thing)?\s?[,.!:]"
    rf"|(?:here(?:(?:'|’)s| is)|below is|this is) (?:\w{{1,20}}[- ]){{0,5}}{_NAMES}\b"
    rf"|(?:the )?(?:\w{{1,12}} ){{0,2}}{_NAMES}\W{{0,3}}(?::|\n))",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\b(?:let me know (?:if|whether)|(?:i )?hope (?:this|that|it) helps|feel free to (?:ask|reach)"
    r"|(?:would you like|do you want) (?:me to|more details)"
    r"|is there anything else)\b[^\n]*\Z|\(?\bconfidence(?: score| level)?\s?[:=]\s?[\w.]+%?\W*\Z",
    re.IGNORECASE,
)
_END = 200  # characters


def look(seen: Seen) -> Iterator[Fault]:
    """The fault of a summary or a region caption."""
    text = seen.text.strip()
    if len(text) == len(seen.whole.strip()) and _NO_TEXT.match(text):
        yield NO_TEXT, piece(text)
    elif _PREAMBLE.match(text):
        yield PREAMBLE, piece(text)
    elif found := _CLOSING.search(end := seen.whole[-_END:].rstrip()):
        yield CLOSING, piece(end, found)
