"""Which plausibility checks the answers to each task go through. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from evaluation.upload.plausible import (
    captions,
    damaged,
    dvc,
    grades,
    leftovers,
    next_action,
    no_answer,
    stg,
    tal,
)
from evaluation.upload.plausible.kind import Fault, Group, Seen, grouped

_EACH: Final[Mapping[str, Callable[[Seen], Iterator[Fault]]]] = {
    "tal": tal.look,
    "stg": stg.look,
    "dvc": dvc.look,
    "vs": captions.look,
    "rc": captions.look,
    "next_action": next_action.look,
    "skill_assessment": grades.look_at_skill,
    "cvs_assessment": grades.look_at_cvs,
}
_ALL: Final[Mapping[str, Callable[[Sequence[Seen]], Iterator[tuple[int, Fault]]]]] = {
    "stg": stg.look_at_all,
    "next_action": next_action.look_at_all,
}
_CAPTIONS: Final = frozenset({"dvc", "vs", "rc"})
NO_ANSWERS: Final = frozenset({no_answer.ERRORS, no_answer.NOTHING, no_answer.REFUSAL})
"""Kinds of texts that stand where an answer should be."""
# Only this many answers are checked: six times the questions of the largest task.
_MOST = 10_000


AFTER_EMPTY: Final[Mapping[str, str]] = {"next_action": next_action.BASELINE}
"""What to add to the warning about a task's empty answers."""

_SINGULAR: Final = {"have": "has", "are": "is", "may": "may"}


def said(group: Group) -> str:
    """What is wrong with the group's answers, with the verb in singular or plural."""
    return agreeing(group.kind.says, len(group.places))


def agreeing(says: str, count: int) -> str:
    """Words that start with a verb in the plural, with that verb in singular if `count` is 1."""
    verb, rest = says.split(" ", 1)
    return f"{_SINGULAR.get(verb, f'{verb}s')} {rest}" if count == 1 else says


def counts_off_label(task: str, groups: Sequence[Group]) -> int | None:
    """How many answers are neither a label nor close to one; None for a task without labels."""
    if task != "next_action":
        return None
    return len(
        {place for group in groups for place in group.places if group.kind in next_action.NO_LABEL}
    )


def implausible(task: str, answers: Sequence[Seen]) -> list[Group]:
    """The faults of a task's non-empty answers, by kind.

    Leftovers of a model's output are reported instead of their effect on the answer's format.
    """
    answers = answers[:_MOST]
    faults: list[tuple[int, Fault]] = []
    look = _EACH.get(task)
    for place, seen in enumerate(answers):
        found = list(leftovers.look(seen))
        if not found:
            found = list(look(seen)) if look else []
            found += damaged.look(seen) if task in _CAPTIONS else ()
        faults.extend((place, fault) for fault in found)
    if task in _ALL:
        faults.extend(_ALL[task](answers))
    return list(grouped(faults, len(answers)))
