"""The answers of two invented models to the synthetic benchmark: one good, one flawed.

The good one is of average quality, within the range of published models, and
writes every answer in the requested format. The flawed one is the same model
with the mistakes of real submissions.
"""

import random
import re
from collections.abc import Callable, Sequence

from core.benchmark import task_of
from evaluation.demo.records import Item
from evaluation.demo.skills import Skill, answer

OFF_LABEL = 20
EMPTY_GOOD = 4
# Mistakes of the flawed model: number of records of each kind.
WITHOUT_TIMES = 37
TRUNCATED = 100
EMPTY = 60
PROSE = 45
DASHES = 80
SEMICOLONS = 90
LEVEL_ONLY = 20
SAME_ANSWER = slice(3000, 3400)

_TIMED_BOX = re.compile(r"\d seconds: \[")
_PHRASINGS = {
    "cutting": "cutting the tissue with scissors",
    "tying": "tying a knot",
    "suturing": "stitching the tissue with a suture",
    "preparation": "preparing the operation",
    "gallbladder-dissection": "dissecting the gallbladder off the liver",
    "gallbladder-packaging": "packing the gallbladder into a bag",
    "clipping-and-cutting": "clip and cut the duct",
    "gallbladder-extraction": "extract the gallbladder from the body",
    "adjust camera": "adjusting the camera view",
    "lift flap with forceps": "lifting the flap using the forceps",
    "stabilize flap with forceps": "keep the flap stable with the forceps",
    "suturing skin": "sewing up the skin",
    "incising skin": "cutting the skin open",
    "irrigating": "irrigating the wound with saline",
    "Handwashing": "wash hands",
    "Disinfect skin": "disinfecting the skin",
    "Document": "write the documentation",
    "Position the patient": "bring the patient into position",
}
_PROSE = (
    "The action happens early in the video.",
    "It takes place towards the end of the clip, after the instrument has been changed.",
    "The action can be seen for most of the clip.",
)
_NO_TIMES = (
    "The object is in the lower left part of the image.",
    "<box>{box}</box>",
    "{box}",
    "I cannot see the object clearly in these frames.",
)


def good_answers(items: Sequence[Item], rng: random.Random) -> list[str]:
    """One answer per record; a few labels in other words, a few captions empty."""
    answers = [answer(item, Skill(), rng) for item in items]
    known = [
        index
        for index, item in enumerate(items)
        if item.qa_type == "next_action" and answers[index] in _PHRASINGS
    ]
    for index in rng.sample(known, OFF_LABEL):
        answers[index] = _PHRASINGS[answers[index]]
    for index in rng.sample(_of_task(items, "vs", "rc"), EMPTY_GOOD):
        answers[index] = ""
    return answers


def _of_task(items: Sequence[Item], *tasks: str) -> list[int]:
    return [index for index, item in enumerate(items) if task_of(item.qa_type) in tasks]


def flawed_answers(items: Sequence[Item], good: Sequence[str], rng: random.Random) -> list[str]:
    """The good answers with mistakes added; no record has two.

    In one range all questions about a clip have the answer to its first, as
    from a script that caches by id.
    """
    answers = list(good)
    first: dict[str, str] = {}
    stretch = range(*SAME_ANSWER.indices(len(items)))
    for index in stretch:
        answers[index] = first.setdefault(items[index].clip.id, answers[index])
    untouched = {index for index, answer in enumerate(good) if answer} - set(stretch)

    def strike(count: int, flaw: Callable[[int], str], able: Sequence[int]) -> None:
        struck = rng.sample([index for index in able if index in untouched], count)
        untouched.difference_update(struck)
        for index in struck:
            answers[index] = flaw(index)

    stg, tal = _of_task(items, "stg"), _of_task(items, "tal")
    written = [i for i in _of_task(items, "stg", "dvc", "vs", "rc") if _can_be_cut(items[i])]
    already = sum(1 for index in stg if not _TIMED_BOX.search(answers[index]))
    strike(max(WITHOUT_TIMES - already, 0), lambda i: _without_times(items[i], rng), stg)
    strike(TRUNCATED, lambda i: _cut(answers[i], rng), written)
    strike(max(EMPTY - answers.count(""), 0), lambda _: "", range(len(items)))
    strike(PROSE, lambda _: rng.choice(_PROSE), tal)
    strike(DASHES, lambda i: answers[i].replace("-", "–"), tal)
    strike(SEMICOLONS, lambda i: answers[i].replace(",", ";"), _of_task(items, "cvs_assessment"))
    strike(LEVEL_ONLY, lambda _: "novice", _of_task(items, "skill_assessment"))
    return answers


def _without_times(item: Item, rng: random.Random) -> str:
    box = [round(edge) for edge in item.boxes[0][1]]
    return rng.choice(_NO_TIMES).format(box=box)


def _can_be_cut(item: Item) -> bool:
    """A grounding answer must keep one whole box, or it would count as one without boxes."""
    return item.qa_type != "stg" or len(item.boxes) > 1


def _cut(answer: str, rng: random.Random) -> str:
    """The answer truncated as by a token limit: inside a box or a sentence."""
    earliest = answer.find("]") + 4 if _TIMED_BOX.search(answer) else len(answer) // 3
    return answer[: rng.randint(earliest, len(answer) - 3)].rstrip(" .,:]")
