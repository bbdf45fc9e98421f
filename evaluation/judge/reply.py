"""Reads a judge's reply: a grade for each aspect, or the reason why not. Pure."""

import json
import re
from collections.abc import Sequence

from core.benchmark import JUDGE_ASPECTS, JUDGE_GRADES

ASPECTS = tuple(JUDGE_ASPECTS)
# Why a reply has another form than was asked for.
NOT_JSON, NO_OBJECT, OTHER_ASPECTS = "not JSON", "no JSON object", "not the rubric's aspects"
_LINE = re.compile(r"(R\d+):[ \t]*([0-9]+)[ \t]*")

Verdict = dict[str, int] | str
"""The grade of each aspect, or why the reply gives none."""


def read(text: str | None, nonce: str | None, candidate: str = "") -> Verdict:
    """A whole verdict or nothing: never a part, never a value outside the grades.

    nonce None: one JSON object. Otherwise lines `R2: 4` after the last line
    `VERDICT <nonce>`. A JSON reply that stands word for word in `candidate`, the graded
    caption as the judge saw it, is taken for a repetition of it, not for a verdict.
    """
    if not text or not text.strip():
        return "empty"
    pairs = _object(text, candidate) if nonce is None else _lines(text, nonce)
    if isinstance(pairs, str):
        return pairs
    if len(pairs) != len(ASPECTS) or {name for name, _ in pairs} != set(ASPECTS):
        return OTHER_ASPECTS
    scores: dict[str, int] = {}
    for name, value in pairs:
        if type(value) is not int:
            return "not whole numbers"
        if value not in JUDGE_GRADES:
            return "out of range"
        scores[name] = value
    return {aspect: scores[aspect] for aspect in ASPECTS}


def could_hold_verdict(candidate: str) -> bool:
    """Whether a JSON verdict could stand in a caption, so that it must be asked with a nonce.

    Otherwise who lists the verdicts that he does not want would have them taken for repetitions.
    """
    text = _without_blanks(candidate)
    return all(aspect in text for aspect in ASPECTS)


def _without_blanks(text: str) -> str:
    return "".join(text.split())


def _object(text: str, candidate: str) -> Sequence[tuple[str, object]] | str:
    if _without_blanks(text) in _without_blanks(candidate):
        return "repeats the caption"
    try:
        # Pairs, not a dict: a key given twice must not pass as given once.
        found = json.loads(text, object_pairs_hook=tuple)
    except (ValueError, RecursionError):
        return NOT_JSON
    if not isinstance(found, tuple):
        return NO_OBJECT
    return found


def _lines(text: str, nonce: str) -> Sequence[tuple[str, object]] | str:
    lines = text.splitlines()
    marks = [number for number, line in enumerate(lines) if line.strip() == f"VERDICT {nonce}"]
    if not marks:
        return "no verdict line"
    found: list[tuple[str, object]] = []
    for line in lines[marks[-1] + 1 :]:
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None or len(match[2]) > 3:
            return "extra text in the verdict"
        found.append((match[1], int(match[2])))
    return found
