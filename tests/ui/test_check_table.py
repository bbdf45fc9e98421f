"""The table of a check: a row per task, "—" for what is not looked at."""

import pytest

from core.benchmark import TASKS, Task
from core.model.contracts.review import TaskReview
from core.ui.submit.check import table


def reviewed(task: Task, *, truncated: int | None, unread_reason: str) -> TaskReview:
    return TaskReview(
        key=task.key,
        name=task.name,
        expected=10,
        found=9,
        empty=1,
        unreadable=0,
        unread_reason=unread_reason,
        compared=0,
        fewer=0,
        more=0,
        truncated=truncated,
    )


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.key)
def test_a_count_of_none_is_not_the_same_as_not_looked_at(task: Task) -> None:
    looked = reviewed(task, truncated=0, unread_reason="no box")
    skipped = reviewed(task, truncated=None, unread_reason="")
    shown = table((looked, skipped))
    assert list(shown["Task"]) == [task.short] * 2
    assert list(shown["Truncated"]) == ["0", "—"]
    assert list(shown["Unreadable"]) == ["0", "—"]
