"""Skill assessment: SA_acc."""

import re
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from evaluation.tasks import balanced
from evaluation.tasks.answer_form import AnswerForm, left_out_of, read_grades
from evaluation.tasks.interface import Task, by_record
from evaluation.tasks.numbers import whole
from evaluation.tasks.sample import Sample
from evaluation.truth import TruthRecord, structured

KEY = "sa_acc"
ASPECTS = 6  # of a full answer

_GRADE = re.compile(r"\d/5")
_OUT_OF_FIVE = re.compile(r"\s*(\d+)/5")
_OTHER_OUT_OF_FIVE = re.compile(r"\d\s{1,9}/\s{0,9}5|\d/\s{1,9}5|\d out of (?:5|five)")


class _Item(msgspec.Struct, gc=False):
    skill_level: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    skill_scores: dict[str, float] | None = None


_TRUTH = msgspec.json.Decoder(list[_Item] | _Item | None, strict=False)


def parse_aspects(text: str) -> dict[str, int]:
    """Aspect -> score from `name: N/5` parts between commas; names as written.

    Only the first aspect of a part counts. Cases: tests/data/answer_parsing.json.
    """
    aspects: dict[str, int] = {}
    if "/5" not in text:
        return aspects
    for part in text.split(","):
        fields = part.split(":")
        for name, rest in pairwise(fields):
            found = _OUT_OF_FIVE.match(rest)
            if found and name:
                score = whole(found[1])
                if score is not None:
                    aspects[name.strip()] = score
                break
    return aspects


def truth_aspects(record: TruthRecord) -> dict[str, float]:
    """Reference scores: `skill_scores` of the first item, else read from the answer.

    None if the item has no `skill_level` and the answer no `N/5`, as in the public evaluator.
    """
    info = structured(record, _TRUTH)
    item = (info[0] if info else None) if isinstance(info, list) else info
    scores = item.skill_scores if item else None
    if item is None or not scores:
        return dict(parse_aspects(record.answer))
    known = item.skill_level is not msgspec.UNSET or _GRADE.search(record.answer)
    return scores if known else {}


def sample(index: int, record: TruthRecord, text: str) -> Sample:
    """Scores one answer: the share of aspects with exactly the reference's score."""
    answer = parse_aspects(text)
    compared = balanced.compare(KEY, text, answer, truth_aspects(record))
    return Sample(index, record.dataset, *compared)


def aggregate(samples: Sequence[Sample], strict: bool = False) -> dict[str, float]:
    """Metric key -> accuracy averaged over aspects, then over datasets."""
    return {KEY: balanced.aggregate(samples, strict)}


FORM = AnswerForm(
    wanted="“aspect: N/5”",
    without=left_out_of("SA_acc"),
    read=lambda text: read_grades(parse_aspects(text), ASPECTS, "aspects", 1, 5),
    slips=((_OTHER_OUT_OF_FIVE, "with a score not written as N/5"),),
)
TASK = Task((KEY,), by_record(sample), aggregate, FORM)
