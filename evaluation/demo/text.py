"""Vocabulary of the synthetic benchmark: who does what to what, and captions about it.

Everything here is invented and generic. A caption is one sentence about an `Event`
among neutral sentences, so that two captions of one event are paraphrases.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb in three forms."""

    base: str
    third: str
    past: str


@dataclass(frozen=True, slots=True)
class Event:
    """The content of a sentence: an agent acts on a target in some manner."""

    agent: str
    verb: Verb
    target: str
    manner: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Vocabulary of one kind of video. `tools` are objects that can have a box."""

    agents: tuple[str, ...]
    verbs: tuple[Verb, ...]
    targets: tuple[str, ...]
    tools: tuple[str, ...]


def _verbs(*forms: str) -> tuple[Verb, ...]:
    return tuple(Verb(*form.split()) for form in forms)


_SURGICAL = _verbs(
    "retract retracts retracted",
    "dissect dissects dissected",
    "expose exposes exposed",
    "coagulate coagulates coagulated",
    "inspect inspects inspected",
    "divide divides divided",
    "irrigate irrigates irrigated",
    "grasp grasps grasped",
)

LAPAROSCOPIC = Scene(
    ("the grasper", "the hook", "the bipolar forceps", "the clipper", "the assistant's instrument"),
    _SURGICAL,
    ("gallbladder", "cystic duct", "cystic artery", "liver bed", "peritoneum", "omentum"),
    ("grasper", "hook", "bipolar forceps", "clipper", "clip applier", "irrigator", "specimen bag"),
)
ENDOSCOPIC = Scene(
    ("the forceps", "the electric knife", "the operator", "the endoscope"),
    _SURGICAL,
    ("mucosal flap", "submucosal layer", "flap edge", "muscle layer", "lesion margin"),
    ("forceps", "knife", "mucosal flap", "flap edge", "endoscope cap"),
)
OPEN = Scene(
    ("the primary surgeon", "the assistant", "the needle driver", "the forceps", "the suction tip"),
    (*_SURGICAL, *_verbs("suture sutures sutured", "mark marks marked")),
    ("skin edge", "fascia", "subcutaneous layer", "wound margin", "vessel", "tendon sheath"),
    ("forceps", "needle driver", "clip applier", "scalpel", "gauze", "suction tip", "retractor"),
)
NURSING = Scene(
    ("the nurse", "the trainee", "the second nurse", "the gloved hand", "the instructor"),
    _verbs(
        "prepare prepares prepared",
        "position positions positioned",
        "disinfect disinfects disinfected",
        "check checks checked",
        "secure secures secured",
        "clean cleans cleaned",
        "connect connects connected",
        "remove removes removed",
    ),
    ("tubing", "dressing", "injection site", "bed linen", "sterile tray", "forearm", "catheter"),
    ("syringe", "swab", "gloved hand", "tray", "tubing", "glass vial"),
)

_MANNERS = (
    "with slow controlled movements while the surrounding tissue is kept under gentle traction",
    "step by step, pausing twice to confirm that the working area is still clearly visible",
    "under direct vision and without any visible bleeding from the neighbouring structures",
    "from left to right across the field, then returns once more to the starting point",
    "before moving on to the next step, which begins shortly after the end of the segment",
    "while the other hand holds the area steady and keeps it well inside the view",
    "in three short strokes, each of them followed by a brief look at the result",
    "to make room for the following step and to keep the plane of work open",
)
_AROUND = (
    "The view stays steady and the field remains dry during this part of the clip.",
    "A second instrument enters from the edge of the image and leaves again soon afterwards.",
    "No bleeding is seen, and the plane between the two layers stays recognisable.",
    "The movement is repeated until the area looks even and nothing obstructs the view.",
    "Shortly before the end the camera moves closer and the focus is adjusted.",
    "Tension is released at the end, and the instrument is withdrawn under vision.",
    "The background does not change, and nobody else interferes with the work.",
    "A small amount of fluid collects at the lower border and is removed at once.",
    "The result is checked from two sides before the work goes on elsewhere.",
    "Both hands keep their positions, which leaves the middle of the image free.",
)
_FORMS = (
    "{Agent} {third} the {target} {manner}.",
    "Here {agent} is used so that the {target} is {past} {manner}.",
    "The {target} is {past} by {agent} {manner}.",
    "In this part {agent} {third} the {target} {manner}.",
)


_SHORT_FORMS = ("{Agent} {third} the {target}.", "The {target} is {past} by {agent}.")


def new_event(scene: Scene, rng: random.Random) -> Event:
    """Any event of that scene."""
    return Event(
        rng.choice(scene.agents),
        rng.choice(scene.verbs),
        rng.choice(scene.targets),
        rng.choice(_MANNERS),
    )


def blurred(event: Event, scene: Scene, rng: random.Random, share: float) -> Event:
    """The event as a model perceives it: each part is replaced with probability `share`."""
    other = new_event(scene, rng)
    agent, verb, target, manner = (other if rng.random() < share else event for _ in range(4))
    return Event(agent.agent, verb.verb, target.target, manner.manner)


def _sentence(event: Event, rng: random.Random, forms: Sequence[str] = _FORMS) -> str:
    return rng.choice(forms).format(
        agent=event.agent,
        Agent=event.agent[0].upper() + event.agent[1:],
        third=event.verb.third,
        past=event.verb.past,
        target=event.target,
        manner=event.manner,
    )


def _filled(sentences: list[str], words: int, rng: random.Random) -> str:
    count = sum(len(sentence.split()) for sentence in sentences)
    around = rng.sample(_AROUND, len(_AROUND))
    while count < words and around:
        sentences.append(around.pop())
        count += len(sentences[-1].split())
    return " ".join(sentences)


def caption(event: Event, rng: random.Random) -> str:
    """A caption of 15 to 60 words."""
    return _filled([_sentence(event, rng)], rng.randint(15, 42), rng)


def short_caption(event: Event, rng: random.Random) -> str:
    """A caption of up to 35 words, without the manner."""
    around = rng.sample(_AROUND, rng.randint(0, 1))
    return " ".join((_sentence(event, rng, _SHORT_FORMS), *around))


def summary(events: Sequence[Event], rng: random.Random) -> str:
    """A summary of 60 to 150 words for up to four events."""
    return _filled([_sentence(event, rng) for event in events], rng.randint(60, 130), rng)
