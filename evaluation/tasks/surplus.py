"""Answers with more segments or boxes than requested.

The official localisation metrics ignore surplus items: a fine grid of segments matches every span
without looking at the video. Such answers keep their official score and are counted. The limit
comes from the question, never from the reference.
"""

from collections.abc import Sequence
from functools import cache

from core.model.contracts.evaluation import Surplus
from evaluation.tasks.interface import Row, Task
from evaluation.tasks.sample import Sample

MOST = 20
"""More segments or boxes than this are surplus, regardless of the question."""


def surplus(task: Task, rows: Sequence[Row], samples: Sequence[Sample]) -> Surplus | None:
    """The surplus answers to one task; None for a task without segments or boxes.

    `rows` and `samples` have the same records in the same order.
    """
    form = task.form
    if not form.counted:
        return None
    asked = cache(form.asked)  # many records have the same question text
    found = [
        sample.items
        for (_, record, _), sample in zip(rows, samples, strict=True)
        if sample.items > 1 and sample.items > min(MOST, asked(record.question) or MOST)
    ]
    return Surplus(len(found), max(found, default=0))
