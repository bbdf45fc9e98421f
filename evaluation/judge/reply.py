"""Parses a judge's reply: a grade for each aspect, or the reason why not. Pure."""

import json
import re
from collections.abc import Sequence

from core.benchmark import JUDGE_ASPECTS, JUDGE_GRADES

ASPECTS = tuple(JUDGE_ASPECTS)
# Why a reply does not have the requested format.
NOT_JSON, NO_OBJECT, OTHER_ASPECTS = "not JSON", "no JSON object", "not the rubric's aspects"
_LINE = re.compile(r"(?:[-*][ \t]+)?\**(R\d+)\**:\**[ \t]*([0-9]+(?:\.0{1,9})?)\**")
_FENCE = re.compile(r"```[a-zA-Z]*[ \t]*\n(.*?)\n?[ \t]*```", re.S)
_THOUGHT = re.compile(r"\A<(think(?:ing)?)>.*?</\1>\s*", re.S)  # of a model that reasons first
_WHOLE = re.compile(r"[0-9]{1,3}(\.0{1,9})?")

Verdict = dict[str, int] | str
"""The grade of each aspect, or why there is none."""


def read(text: str | None, nonce: str | None, candidate: str = "") -> Verdict:
    """A complete verdict or none: never a part of one, never a value out of range.

    nonce None: one JSON object, alone or in the only code fence of the reply. Otherwise lines
    `R2: 4`, or such an object, after the last line `VERDICT <nonce>`. 4.0 and "4" are 4. A JSON
    reply that occurs verbatim in `candidate`, the graded caption as the judge saw it, counts as
    a repetition of the caption, not as a verdict.
    """
    if not text or not text.strip():
        return "empty"
    pairs = _object(text, candidate) if nonce is None else _lines(text, nonce)
    if isinstance(pairs, str):
        return pairs
    if len(pairs) != len(ASPECTS) or {name for name, _ in pairs} != set(ASPECTS):
        return OTHER_ASPECTS
    scores: dict[str, int] = {}
    for name, given in pairs:
        value = _whole(given)
        if value is None:
            return "not whole numbers"
        if value not in JUDGE_GRADES:
            return "out of range"
        scores[name] = value
    return {aspect: scores[aspect] for aspect in ASPECTS}


def _whole(value: object) -> int | None:
    """A grade that is a whole number in any notation; 3.5 and true are not."""
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if type(value) is int else None


def could_hold_verdict(candidate: str) -> bool:
    """Whether a caption could contain a JSON verdict, so that the request needs a nonce.

    Otherwise a caption could list unwanted verdicts to have them discarded as repetitions.
    """
    text = _without_blanks(candidate)
    return all(aspect in text for aspect in ASPECTS)


def _without_blanks(text: str) -> str:
    return "".join(text.split())


def _object(text: str, candidate: str) -> Sequence[tuple[str, object]] | str:
    inner = _unfenced(text)
    shown = _without_blanks(candidate)
    if _without_blanks(text) in shown or _without_blanks(inner) in shown:
        return "repeats the caption"
    return _pairs(inner)


def _unfenced(text: str) -> str:
    """The content of the only code fence of a reply without braces elsewhere."""
    text = _THOUGHT.sub("", text.strip().removeprefix("\ufeff"), count=1).strip()
    fences = _FENCE.findall(text)
    around = _FENCE.sub("", text)
    return fences[0] if len(fences) == 1 and not set("{}`") & set(around) else text


def _pairs(text: str) -> Sequence[tuple[str, object]] | str:
    try:
        # Pairs, not a dict: a repeated key must not pass as one.
        found = json.loads(text, object_pairs_hook=tuple)
    except (ValueError, RecursionError):
        return NOT_JSON
    if not isinstance(found, tuple):
        return NO_OBJECT
    return found


def _lines(text: str, nonce: str) -> Sequence[tuple[str, object]] | str:
    lines = [line.strip() for line in text.splitlines()]
    marks = [n for n, line in enumerate(lines) if line.strip("*") == f"VERDICT {nonce}"]
    if not marks:
        return "no verdict line"
    # Code fence lines are not part of a verdict; the fence may start before the mark.
    rest = [line for line in lines[marks[-1] + 1 :] if line and not re.fullmatch("```\\w*", line)]
    if rest and rest[0].startswith("{"):
        return _pairs("\n".join(rest))
    found: list[tuple[str, object]] = []
    for line in rest:
        match = _LINE.fullmatch(line)
        if match is None:
            return "extra text in the verdict"
        found.append((match[1], match[2]))
    return found
