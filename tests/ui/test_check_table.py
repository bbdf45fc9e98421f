"""The table of a check: one row per task, "—" for what is not checked."""

import pytest

from core.benchmark import TASKS, Task
from core.model.contracts.review import Finding, TaskReview
from core.model.policy import Policy
from core.ui.submit.check import groups, not_counted, table


def reviewed(
    task: Task, *, truncated: int | None, unread_reason: str, off_label: int | None = None
) -> TaskReview:
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
        off_label=off_label,
    )


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.key)
def test_a_count_of_none_is_not_the_same_as_not_looked_at(task: Task) -> None:
    looked = reviewed(task, truncated=0, unread_reason="no box", off_label=0)
    skipped = reviewed(task, truncated=None, unread_reason="")
    shown = table((looked, skipped))
    assert list(shown["Task"]) == [task.short] * 2
    assert list(shown["Truncated"]) == ["0", "—"]
    assert list(shown["Unreadable"]) == ["0", "—"]
    assert list(shown["Off label"]) == ["0", "—"]


def test_a_task_with_too_few_readable_answers_is_named_before_a_try_is_spent() -> None:
    tasks = tuple(reviewed(task, truncated=0, unread_reason="no box") for task in TASKS)
    enforced = Policy(enforce_min_coverage=True)
    assert not_counted(tasks, enforced) == (  # not TAL, STG and NAP, which score every question
        "**Would not count in the rank:** DVC (80 %), VS (80 %), RC (80 %), SA (80 %) and CVS "
        "(80 %). Fewer than 95 % of the questions have a readable answer."
    )
    assert not_counted(tasks, Policy(enforce_min_coverage=True, min_coverage=0.8)) == ""
    assert not_counted(tasks, Policy()) == ""


def test_the_largest_finding_comes_first_and_similar_ones_are_grouped() -> None:
    def found(code: str, task: str | None, count: int) -> Finding:
        return Finding(code, task, count, f"{task}: {count} {code}")

    given = [
        found("empty", "tal", 4),
        found("truncated", "stg", 30),
        found("repeated", None, 9),
        found("empty", "stg", 37),
        found("other", None, 2),
    ]
    shown = [[(one.code, one.count) for one in group] for group in groups(given)]
    assert shown == [
        [("empty", 37), ("empty", 4)], [("truncated", 30)], [("repeated", 9)], [("other", 2)],
    ]  # fmt: skip
