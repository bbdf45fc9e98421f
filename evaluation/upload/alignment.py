"""Puts a participant's answers in the order of the questions.

An id names a clip, and several questions share one; so order and qa_type carry the
rest. The rules are those of docs/submission-format.md, "How answers find their
questions".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import AlignmentError
from evaluation.upload.records import Prediction, shown

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Alignment:
    """The answer to each question, in the questions' order; None where there is none.

    `method` is "index" (same order) or "matched" (by id and qa_type). `unknown_ids`
    counts answers placed by their position alone; `missing` counts the None.
    """

    texts: list[str | None]
    method: str
    warnings: tuple[str, ...]
    unknown_ids: int
    missing: int


def align(truth: Sequence[tuple[str, str]], predictions: Sequence[Prediction]) -> Alignment:
    """Places every prediction. `truth` holds (id, qa_type) per question, in order.

    Raises AlignmentError when one answer or more cannot be placed. Messages show the
    upload's own ids, shortened, and never list the test set's.
    """
    by_index = _by_index(truth, predictions)
    return by_index if by_index is not None else _matched(truth, predictions)


def _by_index(
    truth: Sequence[tuple[str, str]], predictions: Sequence[Prediction]
) -> Alignment | None:
    """Rule 1, or None where the order of the file is not the order of the questions."""
    if len(truth) != len(predictions):
        return None
    unknown: list[str] = []
    for (known_id, qa_type), prediction in zip(truth, predictions, strict=True):
        if prediction.qa_type != qa_type:
            return None
        if prediction.id != known_id:
            unknown.append(prediction.id)
    warnings: tuple[str, ...] = ()
    if unknown:
        known = {known_id for known_id, _ in truth}
        if not known.isdisjoint(unknown):
            return None
        if 2 * len(unknown) > len(predictions):
            raise AlignmentError(
                f"{len(unknown):,} of {len(predictions):,} ids are unknown to the test set (at "
                f"most half may be), first at index {_first_unknown(truth, predictions)}. Is this "
                "the right test set? Ids look like video_id&&start&&end&&fps and are copied "
                "unchanged from the questions."
            )
        warnings = (
            f"{len(unknown):,} of {len(predictions):,} ids are unknown to the test set; these "
            "answers were placed by their position in the file.",
        )
    texts: list[str | None] = [prediction.text for prediction in predictions]
    return Alignment(texts, "index", warnings, len(unknown), 0)


def _first_unknown(truth: Sequence[tuple[str, str]], predictions: Sequence[Prediction]) -> str:
    pairs = enumerate(zip(truth, predictions, strict=True))
    index, prediction = next((i, p) for i, ((known_id, _), p) in pairs if p.id != known_id)
    return f"{index} (id “{shown(prediction.id)}”)"


def _matched(truth: Sequence[tuple[str, str]], predictions: Sequence[Prediction]) -> Alignment:
    """Rules 2 and 3: by (id, qa_type), within one such pair by order of appearance."""
    places: dict[tuple[str, str], list[int]] = {}
    for index, pair in enumerate(truth):
        places.setdefault(pair, []).append(index)
    taken: dict[tuple[str, str], int] = {}
    texts: list[str | None] = [None] * len(truth)
    left: list[tuple[int, Prediction]] = []
    for index, prediction in enumerate(predictions):
        pair = (prediction.id, prediction.qa_type)
        used = taken.get(pair, 0)
        free = places.get(pair, ())
        if used < len(free):
            texts[free[used]] = prediction.text
            taken[pair] = used + 1
        else:
            left.append((index, prediction))
    if left:
        raise _not_placed(truth, predictions, left)
    missing = len(truth) - len(predictions)
    warnings = ["Answers were matched to questions by id and qa_type, not by their order."]
    if missing:
        warnings.append(
            f"{missing} of {len(truth)} questions have no answer in the file; each counts as an "
            "empty answer if its task has any record."
        )
    return Alignment(texts, "matched", tuple(warnings), 0, missing)


def _not_placed(
    truth: Sequence[tuple[str, str]],
    predictions: Sequence[Prediction],
    left: Sequence[tuple[int, Prediction]],
) -> AlignmentError:
    pairs = set(truth)
    ids = {known_id for known_id, _ in truth}
    qa_types = {qa_type for _, qa_type in truth}

    def why(prediction: Prediction) -> str:
        if (prediction.id, prediction.qa_type) in pairs:
            return "more answers than questions of this id and qa_type"
        if prediction.qa_type not in qa_types:
            return "no question has this qa_type"
        if prediction.id in ids:
            return "this id has no question of this qa_type"
        return "unknown id"

    examples = "; ".join(
        f"index {index}: id “{shown(prediction.id)}”, {shown(prediction.qa_type)} "
        f"({why(prediction)})"
        for index, prediction in left[:SHOWN]
    )
    first = f"the first {SHOWN}: " if len(left) > SHOWN else ""
    more = (
        f"The file has {len(predictions):,} records, the test set {len(truth):,} questions. "
        if len(predictions) > len(truth)
        else ""
    )
    return AlignmentError(
        f"{len(left):,} of {len(predictions):,} records match no question. {more}"
        f"Keep the order of the questions, or copy id and qa_type unchanged. "
        f"Not placed, {first}{examples}."
    )
