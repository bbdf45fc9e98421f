"""Implausible answers to skill and CVS assessment. Pure."""

import re
from collections.abc import Iterator
from typing import Final

from evaluation.tasks.cvs_assessment import parse_components
from evaluation.tasks.skill_assessment import parse_aspects
from evaluation.upload.plausible.kind import Fault, Kind, Seen, in_order, piece

NAMES: Final = (
    "Respect for tissue",
    "Suture/needle handling",
    "Time and motion",
    "Flow of operation",
    "Overall performance",
    "Quality of final product",
)
"""The six aspects, as the references write them."""

_SKILL = "write “Respect for tissue: 3/5, Suture/needle handling: 4/5, …” with " + ", ".join(
    f"“{name}”" for name in NAMES
)
_CVS = "write “Two structures: 1, Cystic plate: 0, Hepatocystic triangle: 2”"

OTHER_NAMES = Kind("other_names", "have names that differ from the six aspects, which then count "
                   "as not answered", _SKILL)  # fmt: skip
SKILL_DECIMALS = Kind(
    "decimals", "have a score that is not a whole number, which is not read", _SKILL
)
SKILL_BOLD = Kind("markup", "have a name in bold or a score after markup, which is not read",
                  _SKILL)  # fmt: skip
SKILL_WORDS = Kind("words", "have a score in words, which is not read", _SKILL)
SKILL_NO_FIVE = Kind("no_fives", "have a score without “/5”, which is not read", _SKILL)
SKILL_BLANK = Kind("blank_in_score", "have a space inside “N/5”, which is not read", _SKILL)
SKILL_OTHER = Kind("other_scale", "have a score that is not out of 5, which is not read",
                   _SKILL)  # fmt: skip
SKILL_FORM = Kind("other_form", "give scores in a format other than “name: N/5”, which "
                  "are not read", _SKILL)  # fmt: skip
SKILL_APART = Kind("no_commas", "have several scores between two commas, of which only the "
                   "first is read", f"{_SKILL}, separated by commas")  # fmt: skip
CVS_APART = Kind("no_commas", "have several scores between two commas, of which only the first is "
                 "read", f"{_CVS}, separated by commas")  # fmt: skip
CVS_NAMES = Kind("other_names", "name none of the three components exactly", _CVS)
CVS_DECIMALS = Kind("decimals", "have a score that is not a whole number; only the digits before "
                    "the point are read", _CVS)  # fmt: skip
CVS_WORDS = Kind("words", "have a score in words, which is not read", _CVS)
CVS_OTHER = Kind("other_form", "name a component without a readable score", _CVS)

_SKILL_FORMS = (
    (re.compile(r"(?<!\d)\d{1,3}[.,]\d{1,9}\s{0,3}/\s{0,3}5"), SKILL_DECIMALS),
    (re.compile(r"\d\s{1,5}/\s{0,5}5|\d/\s{1,5}5"), SKILL_BLANK),
    (re.compile(r"\*\*|__|`"), SKILL_BOLD),
    (
        re.compile(r"(?<!\d)\d{1,3}(?:\s{0,3}/\s{0,3}(?:10|[1-46-9]\d{0,2})\b|\s{0,3}%| out of )"),
        SKILL_OTHER,
    ),
    (re.compile(r":\s{0,3}\d[.,]\d"), SKILL_DECIMALS),
    (re.compile(r":\s{0,3}\d+\s{0,3}(?:[,;\n]|$)"), SKILL_NO_FIVE),
    (re.compile(r":\s{0,3}[A-Za-z]{3,20}\b"), SKILL_WORDS),
)
_SCORED = re.compile(r":\s{0,3}\d{1,9}/5")
_CVS_SCORED = re.compile(
    r"(?:two structures?|cystic plate|hepatocystic triangle):\s{0,3}\d", re.IGNORECASE
)
_DECIMAL_COMMA = re.compile(r"\d,\d\s{0,3}/\s{0,3}5")
_NAMED = re.compile(
    r"(?:two structures|cystic plate|hepatocystic triangle)(?P<after>[^,;\n]{0,30})", re.IGNORECASE
)
_WORD = re.compile(r"[^\w]{0,5}(?:is|=|-)?\s{0,3}[A-Za-z]{2,}", re.IGNORECASE)


def look_at_skill(seen: Seen) -> Iterator[Fault]:
    """The faults of one answer's aspects."""
    aspects = parse_aspects(seen.text)
    asked = seen.question or ""
    decimals = _SKILL_FORMS[0][0].search(seen.text)
    if decimals and not aspects.keys() >= set(NAMES):  # else only a remark, such as the mean
        yield SKILL_DECIMALS, piece(seen.text, decimals, 12)
        return
    if len(aspects) < len(NAMES):
        found = list(in_order(_SKILL_FORMS, seen.text))
        if found:
            yield from found
            return
    if any(len(_SCORED.findall(part)) > 1 for part in seen.text.split(",")):
        yield SKILL_APART, piece(seen.text)
        return
    if not aspects and re.search(r"\d", seen.text):
        yield SKILL_FORM, piece(seen.text)
        return
    for name in aspects:
        if name not in NAMES and f"{name}," not in asked:
            yield OTHER_NAMES, piece(name)
            return


def look_at_cvs(seen: Seen) -> Iterator[Fault]:
    """The faults of one answer's components."""
    decimals = False
    for found in _NAMED.finditer(seen.text):
        if re.match(r"[^\w]{0,5}\d[.]\d", found["after"]):
            decimals = True
            yield CVS_DECIMALS, piece(found[0])
            break
    if decimals or len(parse_components(seen.text)) == 3:
        return
    if any(len(_CVS_SCORED.findall(part)) > 1 for part in seen.text.split(",")):
        yield CVS_APART, piece(seen.text)
        return
    for found in _NAMED.finditer(seen.text):
        if re.match(r":\s*\d", found["after"]):
            continue
        yield (CVS_WORDS if _WORD.match(found["after"]) else CVS_OTHER), piece(found[0])
        return
    if not _NAMED.search(seen.text) and re.search(r"\d", seen.text):
        yield CVS_NAMES, piece(seen.text)
