"""Finds more records of a qa_type than it has questions. Pure.

Each record takes a question of its qa_type, so alignment would refuse these.
"""

from collections import Counter
from collections.abc import Mapping

from core.benchmark import task_of
from core.model.contracts.review import Finding
from evaluation.upload.placing import OPEN_NAMES
from evaluation.upload.records import shown
from evaluation.upload.task_review import finding

_NAMED = 3


def surplus(found: Mapping[str, int], expected: Mapping[str, int]) -> list[Finding]:
    """A finding for each task with more records of some qa_type than `expected`, by qa_type.

    Its code is "surplus", or "foreign" if the questions have none of the task's surplus qa_types
    at all: such a qa_type may belong to another split.
    """
    found, expected = _folded(found, expected), _folded(expected, found)
    larger = sum(found.values()) > sum(expected.values())
    over: dict[str, Counter[str]] = {}
    for qa_type, count in found.items():
        if count > expected.get(qa_type, 0):
            over.setdefault(task_of(qa_type) or qa_type, Counter())[qa_type] = count
    return [_finding(task, counts, expected, larger) for task, counts in over.items()]


def _folded(counts: Mapping[str, int], others: Mapping[str, int]) -> Counter[str]:
    """`counts`, merged for a task for which either side has a name without suffix."""
    loose = {task_of(name) for name in (*counts, *others) if name in OPEN_NAMES}
    folded: Counter[str] = Counter()
    for name, count in counts.items():
        task = task_of(name)
        folded[str(task) if task in loose else name] += count
    return folded


def _finding(task: str, counts: Counter[str], expected: Mapping[str, int], larger: bool) -> Finding:
    named = [_count_text(task, *one, expected) for one in counts.most_common(_NAMED)]
    if len(counts) > _NAMED:
        named.append(f"the same for {len(counts) - _NAMED:,} other qa_types")
    known = [qa_type for qa_type in counts if expected.get(qa_type)]
    hint = (
        "; a file with more records than questions is refused"
        if larger
        else "; is the qa_type right?"
    )
    more = sum(counts[qa_type] - expected.get(qa_type, 0) for qa_type in counts)
    return finding("surplus" if known else "foreign", task, ", ".join(named) + hint, count=more)


def _count_text(task: str, qa_type: str, count: int, expected: Mapping[str, int]) -> str:
    records = "1 record" if count == 1 else f"{count:,} records"
    if qa_type != task:
        records += f" of {shown(qa_type)}"
    there = expected.get(qa_type, 0)
    if not there:
        return f"{records}, which has no questions"
    return f"{records}, {count - there:,} more than the {there:,} expected"
