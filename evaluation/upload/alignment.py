"""Matches a participant's answers to the questions, and reports how.

An id identifies a clip, which can have several questions, so the question text, the order and the
qa_type are used too (evaluation.upload.placing).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import AlignmentError
from evaluation.clips import names_of
from evaluation.truth import TruthRecord
from evaluation.upload.placing import (
    BY_ID,
    BY_INDEX,
    BY_ORDER,
    BY_POSITION,
    BY_QUESTION,
    Place,
    Placing,
    fits,
)
from evaluation.upload.records import Prediction, shown

_NAMED = 3
_SURPLUS = "more answers than questions of this id and qa_type"
_TWICE = "the same as another record"


@dataclass(frozen=True, slots=True)
class Alignment:
    """The answer to each question, in the questions' order; None if there is none.

    `order` has the same as indexes in the file. `rules` counts the records by the rule that
    matched them. `unknown_ids` counts those matched by position alone, `missing` the None.
    `contradictions` are the indexes of records whose question text disagrees with their id and
    position; the question decides.
    """

    texts: list[str | None]
    order: list[int | None]
    rules: Mapping[str, int]
    warnings: tuple[str, ...]
    unknown_ids: int
    missing: int
    contradictions: tuple[int, ...] = ()

    @property
    def how(self) -> str:
        """How the records were matched, in words: "24 by their question, 6 by id and qa_type"."""
        return ", ".join(f"{count:,} {rule}" for rule, count in self.rules.items())


def places(records: Sequence[TruthRecord], answers: Sequence[Prediction]) -> list[Place]:
    """The questions of the ground truth, with as much as `align` needs for these answers."""
    asked, ids = any(one.question for one in answers), {one.id for one in records}
    named = asked or not all(one.id in ids for one in answers)
    return [
        Place(
            one.id,
            one.qa_type,
            one.question if asked else None,
            names_of(one.metadata, one.id) if named else (),
        )
        for one in records
    ]


def align(truth: Sequence[Place], predictions: Sequence[Prediction]) -> Alignment:
    """Matches every prediction to a question. `truth` has the questions, in order.

    Raises AlignmentError when any answer cannot be matched. Messages show ids of the upload,
    shortened, and never those of the test set.
    """
    placing = Placing(truth, predictions)
    placing.by_question()
    asked = BY_QUESTION in placing.rules
    _by_id_and_order(placing)
    placing.by_leftover_words()
    unknown = _unknown(placing, predictions)
    placed = {at: index for index, at in enumerate(placing.at) if at is not None}
    if len(placed) < len(predictions):
        left = [index for index, at in enumerate(placing.at) if at is None]
        raise _not_placed(truth, predictions, left)
    order = [placed.get(at) for at in range(len(truth))]
    counts = Counter(rule for rule in placing.rules if rule is not None)
    rules = {
        rule: counts[rule]
        for rule in (BY_QUESTION, BY_INDEX, BY_POSITION, BY_ID, BY_ORDER)
        if counts[rule]
    }
    contradictions = _contradictions(truth, predictions, placing) if asked else ()
    missing = order.count(None)
    return Alignment(
        texts=[None if index is None else predictions[index].text for index in order],
        order=order,
        rules=rules,
        warnings=tuple(_warnings(placing, rules, unknown, missing, contradictions)),
        unknown_ids=unknown,
        missing=missing,
        contradictions=contradictions,
    )


def _by_id_and_order(placing: Placing) -> None:
    placing.by_index()
    placing.by_position()
    placing.by_id()


def _unknown(placing: Placing, predictions: Sequence[Prediction]) -> int:
    """How many records were matched by position alone. AlignmentError if more than half."""
    unknown = [
        index
        for index, rule in enumerate(placing.rules)
        if rule in (BY_INDEX, BY_POSITION) and placing.clips[index] is None
    ]
    if 2 * len(unknown) > len(predictions):
        raise AlignmentError(
            f"{len(unknown):,} of {len(predictions):,} ids are unknown to the test set (at "
            f"most half may be), first at index {unknown[0]} (id "
            f"“{shown(predictions[unknown[0]].id)}”). Is this "
            "the right test set? Ids look like video_id&&start&&end&&fps; copy them "
            "unchanged from the questions."
        )
    return len(unknown)


def _contradictions(
    truth: Sequence[Place], predictions: Sequence[Prediction], placing: Placing
) -> tuple[int, ...]:
    """Records whose question puts them elsewhere than id and order alone would."""
    without = Placing(truth, predictions)
    _by_id_and_order(without)
    return tuple(
        index
        for index, (at, rule) in enumerate(zip(placing.at, placing.rules, strict=True))
        if rule == BY_QUESTION and without.at[index] not in (None, at)
    )


def _warnings(
    placing: Placing,
    rules: Mapping[str, int],
    unknown: int,
    missing: int,
    contradictions: Sequence[int],
) -> list[str]:
    warnings = []
    count = len(placing.at)
    if contradictions:
        named = ", ".join(str(index) for index in contradictions[:_NAMED])
        more = ", …" if len(contradictions) > _NAMED else ""
        warnings.append(
            f"{len(contradictions):,} of {count:,} answers are out of place: the record's "
            f"question disagrees with its id and position in the file; the question decided "
            f"(index {named}{more})."
        )
    if unknown:
        warnings.append(
            f"{unknown:,} of {count:,} ids are unknown to the test set; these "
            "answers were matched by their position in the file."
        )
    if BY_ORDER in rules:
        warnings.append(
            f"{rules[BY_ORDER]:,} of {count:,} answers have no clip bounds and the same question "
            "as other clips of their video: only their order distinguishes them. Give the id, or "
            "start and end in the metadata."
        )
    if BY_ID in rules:
        undecided = placing.undecided()
        warnings.append(
            "Answers were matched to questions by id and qa_type, not by their order."
            + (
                f" For {undecided:,} of {count:,}, several questions have that id and qa_type, so "
                "only the order in the file tells which one is answered: unless it is the "
                "questions' order, give each record its “question” as the test set words it."
                if undecided
                else ""
            )
        )
    if missing:
        warnings.append(
            f"{missing:,} of {missing + count:,} questions have no answer in the file; each counts "
            "as an empty answer if the file has any record for its task."
        )
    return warnings


def _not_placed(
    truth: Sequence[Place], predictions: Sequence[Prediction], left: Sequence[int]
) -> AlignmentError:
    placing = Placing(truth, predictions)
    pairs = {(place.id, place.qa_type) for place in truth}
    qa_types = {place.qa_type for place in truth}
    contents = Counter(map(_content, predictions))

    def why(index: int) -> str:
        qa_type, clip = predictions[index].qa_type, placing.clips[index]
        if not any(fits(qa_type, known) for known in qa_types):
            return "no question has this qa_type"
        if clip is None:
            return "unknown id"
        if any((clip, known) in pairs for known in qa_types if fits(qa_type, known)):
            return _TWICE if contents[_content(predictions[index])] > 1 else _SURPLUS
        return "this id has no question of this qa_type"

    reasons: dict[str, list[int]] = {}
    for index in left:
        reasons.setdefault(why(index), []).append(index)
    told = "; ".join(_told(predictions, *reason) for reason in reasons.items())
    advice = "Delete the records that are in the file twice. " if _TWICE in reasons else ""
    if set(reasons) != {_TWICE}:
        advice += "Keep the order of the questions, or copy id and qa_type unchanged. "
    more = (
        f"The file has {len(predictions):,} records, the test set {len(truth):,} questions. "
        if len(predictions) > len(truth)
        else ""
    )
    return AlignmentError(
        f"{len(left):,} of {len(predictions):,} records match no question. {more}{advice}"
        f"Not matched: {told}."
    )


def _told(predictions: Sequence[Prediction], why: str, indexes: Sequence[int]) -> str:
    """The records that are not matched for one reason: the first places, and the first record."""
    named = ", ".join(map(str, indexes[:_NAMED])) + (", …" if len(indexes) > _NAMED else "")
    count = f"{len(indexes):,} records, the first with " if len(indexes) > 1 else ""
    first = predictions[indexes[0]]
    return f"index {named}: {count}id “{shown(first.id)}”, {shown(first.qa_type)} ({why})"


def _content(one: Prediction) -> tuple[str, str, str | None, str]:
    return one.id, one.qa_type, one.question, one.text
