"""Walks the outer array or object of a JSON file, one element at a time.

Built on the standard library's scanner: it reports repeated keys, NaN and the position of an
error, which the typed decoder does not.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from core.errors import PredictionsError
from evaluation.upload.file_bytes import is_lines, position
from evaluation.upload.text_kinds import text_kind

EXPECTED = "Expected a JSON array of records with id, qa_type and prediction."
TWICE = "\0twice"  # an object lists its repeated keys under this key; no real key has a NUL
_BLANK = re.compile(r"[ \t\r\n]*")
_BREAK = (
    "A line break or tab within a text is written as \\n or \\t (or the line was cut off): write "
    "the file with json.dump."
)
_ESCAPE = (
    "A backslash within a text is written as \\\\ (as in a path): write the file with json.dump."
)
_SECTION = re.compile(r"[A-Za-z_][\w.\- ]{0,60}\]\]?[ \t\r]*\n")
_LITERALS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")


class JsonNumber(str):
    """A JSON number as written; never converted, so a huge one costs nothing."""

    __slots__ = ()


class _NotANumberError(ValueError):
    """NaN or Infinity, which Python's json.dump writes and JSON does not have."""


def elements(data: bytes, label: str) -> Iterator[tuple[str | None, Any]]:
    """The (key, value) pairs of the outer array (key None) or object, in file order.

    A generator, so that callers can stop early. Raises PredictionsError for invalid JSON.
    """
    text = data.decode()
    at = _skip(text, 0)
    if is_lines(data):
        yield from _lines(text, at, label)
        return
    closing = {"[": "]", "{": "}"}.get(text[at : at + 1])
    if closing is None:
        raise _wrong_outer_type(text, at, label)
    at = _skip(text, at + 1)
    index = 0
    if text[at : at + 1] == closing:
        _at_end(text, at + 1, label)
        return
    while True:
        key: str | None = None
        if closing == "}":
            if text[at : at + 1] != '"':
                _broken(text, at, "expected a key in double quotes", label)
            key, at = _value(text, at, index, label)
            at = _skip(text, at)
            if text[at : at + 1] != ":":
                _broken(text, at, "expected “:” after a key", label)
            at = _skip(text, at + 1)
        value, at = _value(text, at, index, label)
        yield key, value
        index += 1
        at = _skip(text, at)
        mark = text[at : at + 1]
        if mark == closing:
            _at_end(text, at + 1, label)
            return
        if mark != ",":
            _broken(text, at, f"expected “,” or “{closing}” after record {index - 1}", label)
        at = _skip(text, at + 1)


def _lines(text: str, at: int, label: str) -> Iterator[tuple[None, Any]]:
    index = 0
    while at < len(text):
        value, at = _value(text, at, index, label)
        yield None, value
        index += 1
        at = _skip(text, at)


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _value(text: str, at: int, index: int, label: str) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except _NotANumberError as error:
        raise PredictionsError(
            f"{label} is not JSON: the record at index {index} has {error}. Python's json.dump "
            "writes this for a float that is not a number; write null, or an empty text for an "
            "answer."
        ) from None
    except json.JSONDecodeError as error:
        _broken(text, error.pos, error.msg, label)
    except RecursionError:
        raise PredictionsError(
            f"{label} is nested too deeply in the record at index {index}. A record has plain "
            "text fields: id, qa_type and prediction."
        ) from None


def _broken(text: str, at: int, what: str, label: str) -> NoReturn:
    """Says where the JSON becomes invalid, and whether the file was cut off there."""
    where = position(text.encode(), len(text[:at].encode()))
    rest = text[at:].rstrip()
    unended = what.startswith("Unterminated string")
    half_escape = what.startswith("Invalid") and "escape" in what and len(rest) <= 6
    half_word = rest == "-" or any(word.startswith(rest) for word in _LITERALS)
    if not rest or unended or half_escape or (half_word and at > 0):
        what = "a string that starts there has no end" if unended else "the file ends there"
        raise PredictionsError(
            f"{label} looks cut off {where} of {len(text.encode())} bytes: {what}. "
            "Write or upload it again."
        )
    what = what.replace("Expecting", "expected").removesuffix(" at")
    if what.startswith("Invalid control"):
        hint: str | None = _BREAK
    else:
        hint = _ESCAPE if "escape" in what else _hint(text, at)
    raise PredictionsError(
        f"{label} is not valid JSON {where}: {what[0].lower()}{what[1:]}. {hint or EXPECTED}"
    )


def _hint(text: str, at: int) -> str | None:
    """A common mistake at that place, and how to fix it."""
    before, here = text[max(0, at - 1000) : at].rstrip(), text[at : at + 1000].lstrip()
    if here.startswith(",") and before[-1:] in ("[", "{", ","):
        return "There is a comma too many: delete it."
    if here.startswith(","):
        before, here = before + ",", here[1:].lstrip()
    if before.endswith(",") and here[:1] in ("]", "}"):
        return f"There is a trailing comma before the closing “{here[0]}”: delete it."
    if here[:1] == "'" or re.match(r"(?:True|False|None|nan|inf)\b", here):
        return (
            "It looks like Python syntax (single quotes, True, None): write the file with "
            "json.dump."
        )
    if before[-1:] in ("{", ",") and re.match(r"[A-Za-z_]\w{0,60}\s{0,9}:", here):
        return 'Keys need double quotes ("id"): write the file with json.dump.'
    if here[:1] in ("“", "”", "„", "’", "＂"):
        return 'There are typographic quotes: JSON needs straight ones (").'
    if here.startswith(("//", "/*", "#")):
        return "There are comments, which JSON does not have: delete them."
    if before in ("[", "[[") and _SECTION.match(here):
        return (
            "It looks like the settings of a run (TOML, INI): upload the file of answers that the "
            "run wrote."
        )
    if here.startswith(("<<<<<<<", ">>>>>>>", "=======")):
        return "There are merge conflict markers: keep one side."
    if "```" in here[:20] or "~~~" in here[:20]:
        return "There is a Markdown code fence (```): delete the lines with ```."
    return None


def _at_end(text: str, at: int, label: str) -> None:
    after = _skip(text, at)
    if text.startswith(("```", "~~~"), after):
        raise PredictionsError(
            f"{label} has a Markdown code fence (```) at its end. Delete the lines with ```."
        )
    if after < len(text):
        where = position(text.encode(), len(text[:after].encode()))
        more = text[after : after + 1]
        if more == "[" or (more == "{" and text[at - 1] == "]"):
            what = "Put the records of all arrays into one: [ {…}, {…} ]."
        elif more == "," and text.rstrip().endswith("]"):
            what = "The opening “[” is missing: put it before the first record."
        elif more == "{":
            what = "Put each record on a line of its own (JSON Lines), or all into one array."
        elif more == ",":
            what = "With one record per line (JSON Lines), leave out the commas between the lines."
        else:
            what = "Delete everything after it."
        raise PredictionsError(
            f"{label} continues after the end of its JSON {where}. Expected one JSON array. {what}"
        )


def _wrong_outer_type(text: str, at: int, label: str) -> PredictionsError:
    kind = text_kind(text)
    if kind is not None:
        return PredictionsError(f"{label} {kind}")
    value, _ = _value(text, at, 0, label)
    inside = value.lstrip()[:1] if type(value) is str else ""
    if inside and inside in "[{":
        return PredictionsError(
            f"{label} has JSON inside a JSON string (json.dumps was called twice). Write "
            "the records themselves: [ {…}, {…} ]."
        )
    return PredictionsError(f"{label} has {kind_of(value)}. {EXPECTED}")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        value[TWICE] = sorted(key for key, count in counts.items() if count > 1)
    return value


def _not_a_number(literal: str) -> NoReturn:
    raise _NotANumberError(literal)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs,
    parse_int=JsonNumber,
    parse_float=JsonNumber,
    parse_constant=_not_a_number,
)


def kind_of(value: Any) -> str:
    """The type of a decoded value in words: "a number", "text", "null"."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, JsonNumber):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "an object"
