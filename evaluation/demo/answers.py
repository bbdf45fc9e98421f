"""What two invented models answer to the synthetic benchmark: one well, one with flaws.

The good one is of middling quality, inside the range of published models,
and writes every answer in the form asked for. The flawed one is the same
model after the accidents that befall real submissions.
"""

import random
import re
from collections.abc import Callable, Sequence

from core.benchmark import task_of
from evaluation.demo import text
from evaluation.demo.records import (
    SCENES,
    Box,
    Item,
    Span,
    spans,
    write_boxes,
    write_events,
    write_scores,
    write_spans,
)

OFF_LABEL = 20
EMPTY_GOOD = 4
# Accidents of the flawed model: number of records each.
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


def _tal(item: Item, rng: random.Random) -> str:
    return write_spans(_noisy(item.spans, item.clip.seconds, 0.24, rng))


def _noisy(
    truth: tuple[Span, ...], seconds: float, share: float, rng: random.Random
) -> tuple[Span, ...]:
    """Segments near the truth with probability `share`, anywhere in the clip otherwise."""
    found: list[Span] = []
    for start, end in truth:
        if rng.random() >= share:
            found.append(spans(1, seconds, rng)[0])
            continue
        spread = 0.26 * (end - start)
        first = max(0.0, start + rng.gauss(0, spread))
        last = min(seconds, max(end + rng.gauss(0, spread), first + 1))
        found.append((round(min(first, last - 1), 1), round(last, 1)))
    return tuple(sorted(found))


def _stg(item: Item, rng: random.Random) -> str:
    """Boxes off by a random walk; most records start far from the object."""
    sees = rng.random() < 0.18
    far = 25 if sees else 260
    across, down = rng.gauss(0, far), rng.gauss(0, far * 0.8)
    boxes: list[tuple[str, Box]] = []
    for time, (left, top, right, bottom) in item.boxes:
        width = max(20.0, (right - left) * rng.uniform(0.7, 1.3))
        height = max(20.0, (bottom - top) * rng.uniform(0.7, 1.3))
        x = min(max(left + across + rng.gauss(0, 8), 0.0), 1000 - width)
        y = min(max(top + down + rng.gauss(0, 8), 0.0), 800 - height)
        a, b, c, d = (round(edge, 1) for edge in (x, y, x + width, y + height))
        boxes.append((time, (a, b, c, d)))
    return write_boxes(tuple(boxes))


def _dvc(item: Item, rng: random.Random) -> str:
    found = _noisy(item.spans, item.clip.seconds, 0.44, rng)
    scene = SCENES[item.clip.source]
    seen = [text.blurred(event, scene, rng, 0.4) for event in item.events]
    return write_events(found, [text.caption(event, rng) for event in seen])


def _vs(item: Item, rng: random.Random) -> str:
    scene = SCENES[item.clip.source]
    return text.summary([text.blurred(e, scene, rng, 0.35) for e in item.events], rng)


def _rc(item: Item, rng: random.Random) -> str:
    scene = SCENES[item.clip.source]
    return text.caption(text.blurred(item.events[0], scene, rng, 0.35), rng)


def _next_action(item: Item, rng: random.Random) -> str:
    others = [label for label in item.classes if label != item.label]
    return item.label if not others or rng.random() < 0.48 else rng.choice(others)


def _scores(item: Item, right: float, choices: Sequence[int], rng: random.Random) -> str:
    suffix = "/5" if item.qa_type == "skill_assessment" else ""
    given = tuple(
        (name, score if rng.random() < right else rng.choice([n for n in choices if n != score]))
        for name, score in item.scores
    )
    return write_scores(given, suffix)


def _skill(item: Item, rng: random.Random) -> str:
    return _scores(item, 0.28, range(1, 6), rng)


def _cvs(item: Item, rng: random.Random) -> str:
    return _scores(item, 0.79, range(3), rng)


_ANSWERS: dict[str, Callable[[Item, random.Random], str]] = {
    "tal": _tal,
    "stg": _stg,
    "dvc": _dvc,
    "vs": _vs,
    "rc": _rc,
    "next_action": _next_action,
    "skill_assessment": _skill,
    "cvs_assessment": _cvs,
}


def good_answers(items: Sequence[Item], rng: random.Random) -> list[str]:
    """One answer per record; a few labels in other words, a few captions empty."""
    answers = [_ANSWERS[task_of(item.qa_type) or ""](item, rng) for item in items]
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
    """The good answers after accidents: each has its own records, none befalls two.

    In one stretch the answer to a clip's first question stands under all of
    its questions, as a script writes that keys its cache on the id.
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
    """A grounding answer must keep one whole box, or it would hold no box at all."""
    return item.qa_type != "stg" or len(item.boxes) > 1


def _cut(answer: str, rng: random.Random) -> str:
    """The answer cut off where a generation ran out of tokens: inside a box or a sentence."""
    earliest = answer.find("]") + 4 if _TIMED_BOX.search(answer) else len(answer) // 3
    return answer[: rng.randint(earliest, len(answer) - 3)].rstrip(" .,:]")
