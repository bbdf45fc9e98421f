"""Finds one answer standing under several questions about the same clip.

That is what a script leaves behind that stores its results under the id, which names
a clip and not a question.
"""

from collections.abc import Sequence

from core.benchmark import task_of
from evaluation.upload.records import Prediction

# Two questions of one task about one clip may truly have one answer ("0-10 seconds"); so
# within a task a share of repeats is needed, across tasks a single one says enough.
_SHARE = 0.2
_LEAST = 3


def repeated_answers(records: Sequence[tuple[Prediction, str | None]]) -> list[int]:
    """Indexes of answers that repeat an earlier record's, same id and other question.

    `records` holds predictions with their question's words, where known. Empty answers
    are not looked at, nor the variants of a caption task (one question, two references).
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
    """Without words, two records of one id and qa_type are two questions."""
    return question is None or earlier != {question}
