"""Answers with more segments or boxes than were asked for.

The official metrics of localisation ignore what is surplus: an answer that is a fine grid of
segments matches every span without looking at the video. Such answers keep their official
score and are counted. Measured with what the question says, never with the reference.
"""

from collections.abc import Sequence
from functools import cache

from core.model.contracts.evaluation import Surplus
from evaluation.tasks.interface import Row, Task
from evaluation.tasks.sample import Sample

MOST = 20
"""More segments or boxes than this are surplus, whatever the question says."""


def surplus(task: Task, rows: Sequence[Row], samples: Sequence[Sample]) -> Surplus | None:
    """The surplus answers to one task; None for a task that counts nothing.

    `rows` and `samples` are of the same records, in the same order.
    """
    form = task.form
    if not form.counted:
        return None
    asked = cache(form.asked)  # many records ask in the same words
    found = [
        sample.items
        for (_, record, _), sample in zip(rows, samples, strict=True)
        if sample.items > 1 and sample.items > min(MOST, asked(record.question) or MOST)
    ]
    return Surplus(len(found), max(found, default=0))
