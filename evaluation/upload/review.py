"""Reviews a whole upload without the truth.

Information about questions comes from the upload itself or from the public question file. Pure.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from core.benchmark import QA_TYPE_RECORDS, TASKS, TEST_CLIPS, TEST_RECORDS, task_of
from core.errors import AlignmentError
from core.model.contracts.review import Finding, Review, TaskReview, verdict
from evaluation.clips import video_of
from evaluation.upload.alignment import Alignment, align
from evaluation.upload.placing import Place
from evaluation.upload.questions import Question
from evaluation.upload.records import Prediction, shown
from evaluation.upload.repeats import repeated_answers
from evaluation.upload.surplus import surplus
from evaluation.upload.task_review import Answer, finding, review_task

_EMPTY_BOUNDS = "&&&&"
_ANOTHER = "To check another test set, give its question file (--questions)"


def review(
    predictions: Sequence[Prediction],
    questions: Sequence[Question] | None = None,
    *,
    ignored_fields: Mapping[str, int] | None = None,
    sha256: str = "",
) -> Review:
    """Everything that can be checked in an upload before it is scored.

    `questions` are those of the public question file; without it, the full test set's counts are
    expected. `ignored_fields` counts the fields of the upload that are about the truth and never
    read.
    """
    placed, problems = _align(predictions, questions)
    asked: dict[int, Question] = {}
    if placed is not None and questions is not None:
        pairs = zip(placed.order, questions, strict=True)
        asked = {index: question for index, question in pairs if index is not None}
    identity = list(_ids(predictions)) if questions is None else _identity(placed, predictions)
    answers = [
        _answer(index, prediction, asked.get(index)) for index, prediction in enumerate(predictions)
    ]
    refused, surplus_warnings = _surplus(predictions, questions)
    problems += [*refused, *_all_empty(answers)]
    rows, warnings = _tasks(answers, questions)
    warnings = [*identity, *surplus_warnings, *warnings, *_repeats(answers)]
    return Review(
        verdict=verdict(len(problems), len(warnings)),
        ready=not problems,
        records=len(predictions),
        sha256=sha256,
        tasks=rows,
        problems=tuple(problems),
        warnings=tuple(warnings),
        notes=(*_how(placed), *_notes(answers, questions, ignored_fields or {})),
    )


def _answer(index: int, prediction: Prediction, asked: Question | None) -> Answer:
    words, names = (asked.text, (asked.id, *asked.names)) if asked else (None, ())
    return Answer(
        index,
        prediction,
        prediction.question or words,
        (prediction.id, *prediction.names, *names),
    )


def _all_empty(answers: Sequence[Answer]) -> list[Finding]:
    """A file without any answer, such as an empty template."""
    if not answers or any(answer.prediction.text.strip() for answer in answers):
        return []
    total = f"{len(answers):,}"
    text = f"{total} of {total} answers are empty: is this the template? Fill in the answers"
    return [finding("all_empty", None, text, answers)]


def _align(
    predictions: Sequence[Prediction], questions: Sequence[Question] | None
) -> tuple[Alignment | None, list[Finding]]:
    """How the answers are matched to the questions, or the problem that prevents it."""
    if questions is None:
        return None, []
    places = [Place(one.id, one.qa_type, one.text, one.names) for one in questions]
    try:
        return align(places, predictions), []
    except AlignmentError as error:
        return None, [Finding("alignment", None, 1, str(error))]


def _identity(placed: Alignment | None, predictions: Sequence[Prediction]) -> list[Finding]:
    """Warnings about the matching. Missing records are reported per task."""
    if placed is None:
        return []
    against = [Answer(index, predictions[index], None) for index in placed.contradictions]
    told = placed.warnings[:-1] if placed.missing else placed.warnings
    found = [Finding("order", None, placed.unknown_ids or 1, text) for text in told]
    if against:
        found[0] = finding("contradiction", None, told[0].removesuffix("."), against)
    return found


def _ids(predictions: Sequence[Prediction]) -> Iterator[Finding]:
    """Checks of the ids without a question file, against the full test set's number and form."""
    distinct = len({prediction.id for prediction in predictions})
    if len(predictions) == TEST_RECORDS and distinct < 0.9 * TEST_CLIPS:
        text = (
            f"Only {distinct:,} distinct ids; the full test set has {TEST_CLIPS:,}: were ids "
            "shortened or overwritten?"
        )
        yield finding("ids", None, text, count=distinct)
    unlike = [
        Answer(index, one, None)
        for index, one in enumerate(predictions)
        if all(video_of(name) == name for name in (one.id, *one.names))
    ]
    if 2 * len(unlike) > len(predictions):
        text = (
            f"{len(unlike):,} of {len(predictions):,} ids are unlike video_id&&start&&end&&fps "
            f"(at index {unlike[0].index}: “{shown(unlike[0].prediction.id)}”): copy them "
            "unchanged from the questions; a file with more than half unknown ids is refused. "
            f"{_ANOTHER}"
        )
        yield finding("other_ids", None, text, unlike)


def _surplus(
    predictions: Sequence[Prediction], questions: Sequence[Question] | None
) -> tuple[list[Finding], list[Finding]]:
    """Problems and warnings about more records than questions.

    With a question file the alignment has already refused them; this adds where they are.
    """
    found = Counter(prediction.qa_type for prediction in predictions)
    if questions is not None:
        return [], surplus(found, Counter(question.qa_type for question in questions))
    told = surplus(found, QA_TYPE_RECORDS)
    more = len(predictions) - TEST_RECORDS
    if more > 0:
        text = (
            f"{len(predictions):,} records; the full test set has {TEST_RECORDS:,} questions, and "
            "a file with more records than questions is refused: was one run appended to "
            f"another? {_ANOTHER}"
        )
        return [finding("surplus", None, text, count=more)], told
    # A qa_type that is not in the full test set may be valid for another test set.
    certain = [
        replace(one, text=f"{one.text} {_ANOTHER}.") for one in told if one.code == "surplus"
    ]
    return certain, [one for one in told if one.code != "surplus"]


def _tasks(
    answers: Sequence[Answer], questions: Sequence[Question] | None
) -> tuple[tuple[TaskReview, ...], list[Finding]]:
    if questions is None:
        expected = Counter[str | None]()
        for qa_type, count in QA_TYPE_RECORDS.items():
            expected[task_of(qa_type)] += count
    else:
        expected = Counter(task_of(question.qa_type) for question in questions)
    by_task: dict[str | None, list[Answer]] = {}
    for answer in answers:
        by_task.setdefault(task_of(answer.prediction.qa_type), []).append(answer)
    rows: list[TaskReview] = []
    findings: list[Finding] = []
    for task in TASKS:
        row, told = review_task(task, by_task.get(task.key, []), expected[task.key])
        rows.append(row)
        findings.extend(told)
    return tuple(rows), findings


def _repeats(answers: Sequence[Answer]) -> list[Finding]:
    indexes = repeated_answers([(answer.prediction, answer.question) for answer in answers])
    if not indexes:
        return []
    count = f"{len(indexes):,} answer{'s repeat' if len(indexes) > 1 else ' repeats'}"
    text = (
        f"{count} verbatim the answer to another question about the same clip; an id identifies "
        "a clip, not a question: were results stored by id alone?"
    )
    return [finding("repeated", None, text, [answers[index] for index in indexes])]


def _how(placed: Alignment | None) -> list[Finding]:
    if placed is None or not placed.rules:
        return []
    text = f"How the records were matched to questions: {placed.how}"
    return [finding("placed", None, text, count=sum(placed.rules.values()))]


def _notes(
    answers: Sequence[Answer],
    questions: Sequence[Question] | None,
    ignored_fields: Mapping[str, int],
) -> list[Finding]:
    notes: list[Finding] = []
    if ignored_fields:
        named = ", ".join(f"{name} ({count:,})" for name, count in sorted(ignored_fields.items()))
        total = sum(ignored_fields.values())
        text = f"Fields about the truth or scores are ignored: {named}"
        notes.append(finding("ignored_fields", None, text, count=total))
    if not any(answer.question for answer in answers):
        why = (
            "the file has no questions and no question file was given"
            if questions is None
            else "neither the file nor the question file has question texts"
        )
        text = f"the number of boxes and segments per answer was not checked: {why}"
        notes.append(finding("not_checked", None, text, count=len(answers)))
    bare = [answer for answer in answers if _EMPTY_BOUNDS in answer.prediction.id]
    if bare:
        text = (
            f"{len(bare):,} ids have no clip bounds (video&&&&&&fps); about a fifth is usual, and "
            "such answers are matched by their question or their position in the file"
        )
        notes.append(finding("empty_bounds", None, text, bare))
    return notes
