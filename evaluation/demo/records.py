"""Sources, questions and answers of the synthetic benchmark, one generator per task.

3,975 clips (ids), 5,644 (id, qa_type) pairs and 6,245 records, as in the real test set.

Times are seconds, boxes `x1, y1, x2, y2` on an image of 1000 x 800.
"""

import random
from dataclasses import dataclass

from evaluation.demo import text
from evaluation.demo.clips import Clip, Source, assign_questions, make_clips
from evaluation.demo.text import Event
from evaluation.labels import LabelSets

Box = tuple[float, float, float, float]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Item:
    """One record and the structured facts behind its text; those of other tasks are empty."""

    clip: Clip
    qa_type: str
    question: str
    answer: str
    struc_info: object
    spans: tuple[Span, ...] = ()
    events: tuple[Event, ...] = ()
    boxes: tuple[tuple[str, Box], ...] = ()
    label: str = ""
    classes: tuple[str, ...] = ()
    scores: tuple[tuple[str, int], ...] = ()


def _shares(**counts: int | tuple[int, int]) -> dict[str, tuple[int, int]]:
    return {
        qa_type: count if isinstance(count, tuple) else (count, count)
        for qa_type, count in counts.items()
    }


# (records, distinct pairs) if a clip has several questions of one kind.
SOURCES = (
    Source("AVOS", 499, 30, ("1.0", "0.5", "2.0"), text.OPEN, _shares(
        tal=(330, 264), stg=(120, 90), dense_captioning_gpt=130, dense_captioning_gemini=128,
        next_action=110, skill_assessment=36)),
    Source("CholecT50", 614, 25, ("1.0",), text.LAPAROSCOPIC, _shares(
        tal=(360, 294), dense_captioning_gpt=160, dense_captioning_gemini=150, next_action=160,
        video_summary_gpt=80, video_summary_gemini=90)),
    Source("CholecTrack20", 214, 25, ("1.0",), text.LAPAROSCOPIC, _shares(
        stg=(280, 210), region_caption_gpt=(70, 52), region_caption_gemini=(88, 64))),
    Source("Cholec80_CVS", 648, 25, ("1.0",), text.LAPAROSCOPIC, _shares(
        cvs_assessment=648)),
    Source("CoPESD", 628, 30, ("2.0",), text.ENDOSCOPIC, _shares(
        tal=(300, 234), stg=(200, 150), dense_captioning_gpt=151, dense_captioning_gemini=150,
        next_action=140, video_summary_gpt=60, video_summary_gemini=70)),
    Source("EgoSurgery", 680, 25, ("0.5",), text.OPEN, _shares(
        tal=(327, 261), stg=(180, 140), dense_captioning_gpt=150, dense_captioning_gemini=140,
        next_action=100, video_summary_gpt=63, video_summary_gemini=72,
        region_caption_gpt=(68, 50), region_caption_gemini=(80, 59))),
    Source("NurViD", 568, 30, ("1.0",), text.NURSING, _shares(
        tal=(320, 254), dense_captioning_gpt=160, dense_captioning_gemini=160, next_action=160,
        video_summary_gpt=60, video_summary_gemini=70)),
    Source("JIGSAWS", 124, 30, ("1.0",), text.OPEN, _shares(skill_assessment=124)),
)  # fmt: skip

SCENES = {source.name: source.scene for source in SOURCES}

ASPECTS = (
    "Respect for tissue",
    "Suture/needle handling",
    "Time and motion",
    "Flow of operation",
    "Overall performance",
    "Quality of final product",
)
COMPONENTS = ("Two structures", "Cystic plate", "Hepatocystic triangle")
# EgoSurgery has no fixed list: its classes are the labels in the truth.
_EGO_LABELS = (
    "disinfecting", "designing the incision", "injecting anaesthetic", "incising skin",
    "dissecting", "haemostasis", "irrigating", "suturing skin", "applying a dressing",
)  # fmt: skip


def spans(count: int, seconds: float, rng: random.Random) -> tuple[Span, ...]:
    """`count` segments in order, without overlap, each at least one second long."""
    while True:
        points = sorted(round(rng.uniform(0, seconds), 1) for _ in range(2 * count))
        found = tuple(zip(points[::2], points[1::2], strict=True))
        if all(end - start >= 1 for start, end in found):
            return found


def write_spans(found: tuple[Span, ...]) -> str:
    """Segments as a model would write them."""
    return ", ".join(f"{start}-{end}" for start, end in found) + " seconds."


def write_boxes(boxes: tuple[tuple[str, Box], ...]) -> str:
    """Boxes by time as a model would write them."""
    return " ".join(f"{time} seconds: {list(box)}" for time, box in boxes)


def write_events(found: tuple[Span, ...], captions: list[str]) -> str:
    """Captioned segments, one per line."""
    return "\n".join(
        f"{start}-{end} seconds: {caption}"
        for (start, end), caption in zip(found, captions, strict=True)
    )


def write_scores(scores: tuple[tuple[str, int], ...], suffix: str = "") -> str:
    """Scores by name, separated by commas."""
    return ", ".join(f"{name}: {score}{suffix}" for name, score in scores)


def _tal(clip: Clip, qa_type: str, rng: random.Random) -> Item:
    event = text.new_event(SCENES[clip.source], rng)
    count = rng.choices((1, 2, 3), (70, 20, 10))[0]
    found = spans(count, clip.seconds, rng)
    action = f"{event.verb.base} the {event.target}"
    form = rng.choice((
        "When does {agent} {action}? Answer with segments in seconds.",
        "At which times does {agent} {action}? Give all segments as start-end seconds.",
        "Find {n} in which {agent} can be seen to {action}. Answer as start-end seconds.",
    ))  # fmt: skip
    segments = "the segment" if count == 1 else f"the {count} segments"
    bounds = [{"start": start, "end": end} for start, end in found]
    info = [{"action": action, "spans": bounds}]
    if count > 1 and rng.random() < 0.3:
        info = [{"action": action, "spans": [bound]} for bound in bounds]
    question = form.format(agent=event.agent, action=action, n=segments)
    return Item(clip, qa_type, question, write_spans(found), info, spans=found)


def _times(clip: Clip, tool: str, rng: random.Random) -> tuple[list[str], str]:
    """Timestamps of a grounding question, and its text."""
    last = int(clip.seconds) - 1
    way = rng.random()
    if way < 0.7:
        step, wanted = rng.randint(2, 5), rng.randint(1, 7)
        wanted = min(wanted, (last - 2) // step)
        start = rng.randint(1, last - wanted * step)
        end = start + (wanted - 1) * step + rng.randint(1, step - 1)
        times = [f"{start + step * number}.0" for number in range(wanted)]
        return times, f"Where is the {tool} every {step} seconds from {start} to {end} seconds?"
    chosen = sorted(rng.sample(range(1, last), rng.randint(1, 5)))
    times = [f"{second}.0" for second in chosen]
    if way < 0.95:
        listed = " and ".join(part for part in (", ".join(times[:-1]), times[-1]) if part)
        return times, f"Where is the {tool} at {listed} seconds?"
    return times, f"Where is the {tool} whenever it can be seen?"


def _stg(clip: Clip, qa_type: str, rng: random.Random) -> Item:
    tool = rng.choice(SCENES[clip.source].tools)
    times, words = _times(clip, tool, rng)
    width, height = rng.uniform(80, 320), rng.uniform(60, 260)
    left, top = rng.uniform(0, 1000 - width - 60), rng.uniform(0, 800 - height - 60)
    boxes: list[tuple[str, Box]] = []
    for time in times:
        left = min(max(left + rng.gauss(0, 9), 0.0), 1000 - width)
        top = min(max(top + rng.gauss(0, 9), 0.0), 800 - height)
        edges = (left, top, left + width, top + height)
        a, b, c, d = (round(edge, 2) for edge in edges)
        boxes.append((time, (a, b, c, d)))
    found = {"object": tool, "bbox_dict": {time: list(box) for time, box in boxes}}
    question = f"{words} Answer as T seconds: [x1, y1, x2, y2], one box per time."
    info: object = found if rng.random() < 0.06 else [found]
    kept = tuple(boxes)
    return Item(clip, qa_type, question, write_boxes(kept), info, boxes=kept)


def _dvc(clip: Clip, qa_type: str, rng: random.Random) -> Item:
    count = rng.randint(2, 4 + int(clip.seconds) // 60)
    found = spans(count, clip.seconds, rng)
    scene = SCENES[clip.source]
    events = tuple(text.new_event(scene, rng) for _ in found)
    captions = [text.caption(event, rng) for event in events]
    asked = rng.choice((f"the {count} events", "every event", f"{count} separate events"))
    question = (
        f"Describe {asked} of this clip in order. Write one line for each: "
        "start-end seconds: what happens."
    )
    segments = [
        {"start": start, "end": end, "caption": caption}
        for (start, end), caption in zip(found, captions, strict=True)
    ]
    infos: tuple[object, ...] = (segments, [segments], [{"dc_segments": segments}])
    info = rng.choices(infos, (25, 50, 25))[0]
    answer = write_events(found, captions)
    return Item(clip, qa_type, question, answer, info, spans=found, events=events)


def _vs(clip: Clip, qa_type: str, rng: random.Random) -> Item:
    events = tuple(text.new_event(SCENES[clip.source], rng) for _ in range(rng.randint(3, 4)))
    question = rng.choice((
        "Summarise what is done in this clip, from its beginning to its end.",
        "Write a summary of this clip: the steps, the instruments and what they are used for.",
    ))  # fmt: skip
    return Item(clip, qa_type, question, text.summary(events, rng), [], events=events)


def _rc(clip: Clip, qa_type: str, rng: random.Random) -> Item:
    event = text.new_event(SCENES[clip.source], rng)
    left, top = rng.randint(0, 700), rng.randint(0, 550)
    box = [left, top, left + rng.randint(90, 300), top + rng.randint(80, 250)]
    start, end = spans(1, clip.seconds, rng)[0]
    question = f"What happens inside the region {box} between {start} and {end} seconds?"
    answer = text.caption(event, rng)
    return Item(clip, qa_type, question, answer, [{"bbox": box}], events=(event,))


def _next_action(clip: Clip, labels: LabelSets, rng: random.Random) -> Item:
    classes = labels.datasets.get(clip.source, _EGO_LABELS)
    question = rng.choice((
        "Which step follows this clip? Answer with its name only.",
        "What will be done next after the end of this clip? Name the action.",
    ))  # fmt: skip
    if clip.source == "NurViD":
        classes = labels.nurvid_procedures[clip.procedure]
        question = f"This clip shows {clip.procedure}. {question}"
    label = rng.choice(classes)
    old = [was for was, now in labels.aliases.get(clip.source, {}).items() if now == label]
    answer = rng.choice(old) if old and rng.random() < 0.3 else label
    info = [{"next_action": answer}]
    return Item(clip, "next_action", question, answer, info, label=label, classes=classes)


def _skill(clip: Clip, qa_type: str, rng: random.Random) -> Item:
    level = rng.choice("NIE")
    middle = {"N": 2, "I": 3, "E": 4}[level]
    scores = tuple((name, min(max(round(rng.gauss(middle, 0.9)), 1), 5)) for name in ASPECTS)
    question = (
        f"Rate the skill shown in this clip. For each of {', '.join(ASPECTS)}, "
        "write the name, a colon and a score as N/5."
    )
    info = [{"skill_level": level, "skill_scores": dict(scores)}]
    return Item(clip, qa_type, question, write_scores(scores, "/5"), info, scores=scores)


def _cvs(clip: Clip, qa_type: str, rng: random.Random) -> Item:
    scores = tuple((name, rng.choices((0, 1, 2), (50, 28, 22))[0]) for name in COMPONENTS)
    question = (
        "How far is the critical view of safety reached? "
        "Answer as Two structures: N, Cystic plate: N, Hepatocystic triangle: N (each 0 to 2)."
    )
    values = {name.lower().replace(" ", "_"): score for name, score in scores}
    info = [{"cvs_scores": values | {"total": sum(values.values())}}]
    return Item(clip, qa_type, question, write_scores(scores), info, scores=scores)


_MAKERS = {
    "tal": _tal,
    "stg": _stg,
    "dense_captioning_gpt": _dvc,
    "dense_captioning_gemini": _dvc,
    "video_summary_gpt": _vs,
    "video_summary_gemini": _vs,
    "region_caption_gpt": _rc,
    "region_caption_gemini": _rc,
    "skill_assessment": _skill,
    "cvs_assessment": _cvs,
}


def _item(clip: Clip, qa_type: str, labels: LabelSets, rng: random.Random) -> Item:
    if qa_type == "next_action":
        return _next_action(clip, labels, rng)
    return _MAKERS[qa_type](clip, qa_type, rng)


def _plain_procedures(labels: LabelSets) -> list[str]:
    """Procedures that can be found by their name.

    The first name that occurs in a question decides its label set, so a name that
    starts with another procedure's name would get that procedure's labels.
    """
    names = list(labels.nurvid_procedures)
    return [name for name in names if next(n for n in names if n.lower() in name.lower()) == name]


def make_items(labels: LabelSets, rng: random.Random) -> list[Item]:
    """All records in test-set order; questions about one clip are near each other."""
    procedures = _plain_procedures(labels)
    ordered: list[tuple[float, Item]] = []
    asked: set[tuple[str, str, str]] = set()
    for source in SOURCES:
        clips = make_clips(source, procedures, rng)
        near = {clip.id: rng.uniform(0, 4000) for clip in clips}
        for clip, qa_type in assign_questions(source, clips, rng):
            item = _item(clip, qa_type, labels, rng)
            # Two questions about one clip must differ.
            while (clip.id, qa_type, item.question) in asked:
                item = _item(clip, qa_type, labels, rng)
            asked.add((clip.id, qa_type, item.question))
            ordered.append((near[clip.id] + rng.uniform(0, 30), item))
    ordered.sort(key=lambda pair: pair[0])
    return [item for _, item in ordered]
