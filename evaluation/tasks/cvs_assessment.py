"""Critical view of safety: CVS_acc."""

import re
from collections.abc import Sequence

import msgspec

from evaluation.tasks import balanced
from evaluation.tasks.answer_form import AnswerForm, left_out_of, read_grades
from evaluation.tasks.interface import Task, by_record
from evaluation.tasks.numbers import whole
from evaluation.tasks.sample import Sample
from evaluation.truth import TruthRecord, structured

KEY = "cvs_acc"
COMPONENTS = ("two_structures", "cystic_plate", "hepatocystic_triangle")

_WORDS = tuple((name, name.replace("_", " ")) for name in COMPONENTS)
_VALUE = {
    # The s of "two structures" is optional only where the number is read.
    name: re.compile(rf"{words.replace('structures', 'structures?')}:\s*(\d+)")
    for name, words in _WORDS
}


class _Scores(msgspec.Struct, gc=False):
    two_structures: float | None = None
    cystic_plate: float | None = None
    hepatocystic_triangle: float | None = None


class _Item(msgspec.Struct, gc=False):
    cvs_scores: _Scores | None = None


_TRUTH = msgspec.json.Decoder(list[_Item] | _Item | None, strict=False)


def parse_components(text: str) -> dict[str, int]:
    """Component -> score from `Two structures: N` parts between commas, case ignored.

    Each part is searched only for the first of the three names, in their order, that
    occurs in it. Cases: tests/data/answer_parsing.json.
    """
    components: dict[str, int] = {}
    for part in text.lower().split(","):
        name = next((name for name, words in _WORDS if words in part), None)
        found = _VALUE[name].search(part) if name else None
        value = whole(found[1]) if found else None
        if name and value is not None:
            components[name] = value
    return components


def truth_components(record: TruthRecord) -> dict[str, float]:
    """Reference scores: `cvs_scores` of the first item, else those in the answer text."""
    info = structured(record, _TRUTH)
    item = (info[0] if info else None) if isinstance(info, list) else info
    scores = (item.cvs_scores if item else None) or _Scores()
    values = ((name, getattr(scores, name)) for name in COMPONENTS)
    found = {name: value for name, value in values if value is not None}
    return found or dict(parse_components(record.answer))


def sample(index: int, record: TruthRecord, text: str) -> Sample:
    """Scores one answer: the share of components with exactly the reference's score."""
    answer = parse_components(text)
    compared = balanced.compare(KEY, text, answer, truth_components(record))
    return Sample(index, record.dataset, *compared)


def aggregate(samples: Sequence[Sample], strict: bool = False) -> dict[str, float]:
    """Metric key -> accuracy averaged over components, then over datasets."""
    return {KEY: balanced.aggregate(samples, strict, COMPONENTS)}


FORM = AnswerForm(
    wanted="“component: N”",
    without=left_out_of("CVS_acc"),
    read=lambda text: read_grades(parse_components(text), len(COMPONENTS), "components", 0, 2),
)
TASK = Task((KEY,), by_record(sample), aggregate, FORM)
