"""Finds the same answer to several questions about one clip.

A script that stores results by id produces this: an id identifies a clip, not a question.
"""

from collections.abc import Sequence

from core.benchmark import task_of
from evaluation.upload.records import Prediction

# Two questions of one task about one clip may have the same right answer ("0-10 seconds"), so
# within a task a share of repeats is needed; across tasks a single one is enough.
_SHARE = 0.2
_LEAST = 3


def repeated_answers(records: Sequence[tuple[Prediction, str | None]]) -> list[int]:
    """Indexes of answers that repeat an earlier record's with the same id and another question.

    `records` are predictions with their question text, if known. Empty answers are ignored, as
    are the variants of a caption task (one question, two references).
    """
    tasks: dict[tuple[str, str], set[str | None]] = {}
    asked: dict[tuple[str, str, str], set[str | None]] = {}
    pairs: set[tuple[str, str]] = set()
    across: list[int] = []
    within: list[int] = []
    chances = 0
    for index, (prediction, question) in enumerate(records):
        text = prediction.text.strip()
        if not text:
            continue
        task = task_of(prediction.qa_type)
        pair = (prediction.id, prediction.qa_type)
        chances += pair in pairs
        pairs.add(pair)
        earlier_tasks = tasks.setdefault((prediction.id, text), set())
        earlier_asked = asked.setdefault((*pair, text), set())
        if earlier_tasks - {task}:
            across.append(index)
        elif earlier_asked and _is_another(question, earlier_asked):
            within.append(index)
        earlier_tasks.add(task)
        earlier_asked.add(question)
    if len(within) < max(_LEAST, _SHARE * chances):
        within = []
    return sorted(across + within)


def _is_another(question: str | None, earlier: set[str | None]) -> bool:
    """Without question text, two records of one id and qa_type are two questions."""
    return question is None or earlier != {question}
