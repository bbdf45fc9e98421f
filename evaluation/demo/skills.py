"""The skill of an invented model in each task of the synthetic benchmark, and its answers.

Every answer has the requested format; its distance from the truth depends on the skill.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
from evaluation.demo.text import Event


@dataclass(frozen=True, slots=True)
class Skill:
    """Shares, 0 to 1. The defaults are an average model, within the range of published ones.

    `tal`, `dvc`, `stg`: segments and objects found; `spread`: error of the ends of found
    segments, relative to the segment's length; `nap`, `sa`, `cvs`: correct answers;
    `wrong_event`, `wrong`: wrong parts in captions of events and in other captions.
    """

    tal: float = 0.24
    dvc: float = 0.44
    spread: float = 0.26
    stg: float = 0.18
    nap: float = 0.48
    sa: float = 0.28
    cvs: float = 0.79
    wrong_event: float = 0.4
    wrong: float = 0.35


def _tal(item: Item, skill: Skill, rng: random.Random) -> str:
    return write_spans(noisy(item, skill.tal, skill.spread, rng))


def noisy(item: Item, share: float, off: float, rng: random.Random) -> tuple[Span, ...]:
    """Segments near the truth with probability `share`, else anywhere in the clip."""
    seconds = item.clip.seconds
    found: list[Span] = []
    for start, end in item.spans:
        if rng.random() >= share:
            found.append(spans(1, seconds, rng)[0])
            continue
        spread = off * (end - start)
        first = max(0.0, start + rng.gauss(0, spread))
        last = min(seconds, max(end + rng.gauss(0, spread), first + 1))
        found.append((round(min(first, last - 1), 1), round(last, 1)))
    return tuple(sorted(found))


def _stg(item: Item, skill: Skill, rng: random.Random) -> str:
    """Boxes off by a random walk; most records start far from the object."""
    sees = rng.random() < skill.stg
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


def _dvc(item: Item, skill: Skill, rng: random.Random) -> str:
    found = noisy(item, skill.dvc, skill.spread, rng)
    seen = _seen(item.events, item, skill.wrong_event, rng)
    return write_events(found, [text.caption(event, rng) for event in seen])


def _vs(item: Item, skill: Skill, rng: random.Random) -> str:
    return text.summary(_seen(item.events, item, skill.wrong, rng), rng)


def _rc(item: Item, skill: Skill, rng: random.Random) -> str:
    (seen,) = _seen(item.events[:1], item, skill.wrong, rng)
    return text.caption(seen, rng)


def _seen(events: Sequence[Event], item: Item, wrong: float, rng: random.Random) -> list[Event]:
    """The events as the model perceives them."""
    scene = SCENES[item.clip.source]
    return [text.blurred(event, scene, rng, wrong) for event in events]


def _next_action(item: Item, skill: Skill, rng: random.Random) -> str:
    others = [label for label in item.classes if label != item.label]
    return item.label if not others or rng.random() < skill.nap else rng.choice(others)


def _scores(item: Item, right: float, choices: Sequence[int], rng: random.Random) -> str:
    suffix = "/5" if item.qa_type == "skill_assessment" else ""
    given = tuple(
        (name, score if rng.random() < right else rng.choice([n for n in choices if n != score]))
        for name, score in item.scores
    )
    return write_scores(given, suffix)


def _skill(item: Item, skill: Skill, rng: random.Random) -> str:
    return _scores(item, skill.sa, range(1, 6), rng)


def _cvs(item: Item, skill: Skill, rng: random.Random) -> str:
    return _scores(item, skill.cvs, range(3), rng)


_ANSWERS: dict[str, Callable[[Item, Skill, random.Random], str]] = {
    "tal": _tal,
    "stg": _stg,
    "dvc": _dvc,
    "vs": _vs,
    "rc": _rc,
    "next_action": _next_action,
    "skill_assessment": _skill,
    "cvs_assessment": _cvs,
}


def answer(item: Item, skill: Skill, rng: random.Random) -> str:
    """The answer of a model with this skill."""
    return _ANSWERS[task_of(item.qa_type) or ""](item, skill, rng)
