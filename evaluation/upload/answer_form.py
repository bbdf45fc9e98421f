"""What the scorer's own parsers find in one answer, before there is any truth."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.tasks import caption_segments, cvs_assessment, skill_assessment, stg, tal

# What a readable answer of each task holds; the words complete "n answers hold no ...".
WANTED = {
    "tal": "segment “A-B” in seconds, such as “12.5-19.0 seconds”",
    "stg": "“T seconds: [x1, y1, x2, y2]”",
    "dvc": "“A-B seconds: caption”",
    "skill_assessment": "“aspect: N/5”",
    "cvs_assessment": "“component: N”",
}
# How the things are called that are counted against the question's words.
THINGS = {"tal": "segments", "stg": "boxes", "dvc": "segments"}
_DASH = re.compile(r"\d\s{0,9}[–—−‐‑]\s{0,9}\d")
_BOX = re.compile(r"\[\s{0,9}\d[\d.]{0,20}\s{0,9},")
_OUT_OF_FIVE = re.compile(r"\d\s{1,9}/\s{0,9}5|\d/\s{1,9}5|\d out of (?:5|five)")
_SKILL_ASPECTS = 6
_CVS_COMPONENTS = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """`items`: boxes, segments, aspects or components read; None where nothing is parsed.

    `odd` lists what was read and cannot be right, in words, each a kind of its own.
    """

    items: int | None
    odd: tuple[str, ...] = ()


def read_answer(task: str, text: str) -> Reading:
    """Reads a non-empty answer as the scorer will. Captions and labels are any text."""
    if task == "tal":
        return _spans(tal.parse_segments(text))
    if task == "stg":
        boxes = stg.parse_boxes(text)
        return Reading(len(stg.parse_bare_boxes(text)) if boxes is None else len(boxes))
    if task == "dvc":
        return _spans([(start, end) for start, end, _ in caption_segments.parse_segments(text)])
    if task == "skill_assessment":
        return _graded(skill_assessment.parse_aspects(text), _SKILL_ASPECTS, "aspects", 1, 5)
    if task == "cvs_assessment":
        return _graded(cvs_assessment.parse_components(text), _CVS_COMPONENTS, "components", 0, 2)
    return Reading(None)


def _spans(segments: Sequence[tuple[float, float]]) -> Reading:
    backwards = any(end < start for start, end in segments)
    return Reading(len(segments), ("hold a segment that ends before it starts",) * backwards)


def _graded(found: dict[str, int], wanted: int, things: str, low: int, high: int) -> Reading:
    odd: list[str] = []
    if 0 < len(found) < wanted:
        odd.append(f"name fewer than {wanted} {things} that can be read (separate them by commas)")
    if len(found) > wanted:
        odd.append(f"name more than {wanted} {things}")
    if any(not low <= score <= high for score in found.values()):
        odd.append(f"give a score outside {low} to {high}")
    return Reading(len(found), tuple(odd))


def why_unread(task: str, text: str) -> str | None:
    """A guess why nothing was read, completing "n ..."; None where there is none."""
    if task in {"tal", "dvc"} and _DASH.search(text):
        return "with another dash than the hyphen “-”"
    if task == "stg" and _BOX.search(text):
        return "with a box but no time before it"
    if task == "skill_assessment" and _OUT_OF_FIVE.search(text):
        return "with a score not written as N/5"
    return None if re.search(r"\d", text) else "without any number"
