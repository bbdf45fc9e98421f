"""The tasks scored without a judge, by task key.

In scoring order: next-action prediction is last, since answers that are not labels make it slow.
"""

from collections.abc import Mapping
from typing import Final

from evaluation.tasks import cvs_assessment, dvc, next_action, skill_assessment, stg, tal
from evaluation.tasks.answer_form import AnswerForm
from evaluation.tasks.interface import Task

TASKS: Final[Mapping[str, Task]] = {
    "tal": tal.TASK,
    "stg": stg.TASK,
    "dvc": dvc.TASK,
    "skill_assessment": skill_assessment.TASK,
    "cvs_assessment": cvs_assessment.TASK,
    "next_action": next_action.TASK,
}
_ANY_TEXT = AnswerForm()


def form_of(task: str) -> AnswerForm:
    """The format of a task's answers; any text for captions and summaries."""
    return TASKS[task].form if task in TASKS else _ANY_TEXT
