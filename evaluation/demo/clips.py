"""Videos and clips of the synthetic benchmark, and which questions each clip gets."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.demo.text import Scene

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True, slots=True)
class Clip:
    """One video clip. `timed`: its metadata bounds are times, not frames."""

    id: str
    source: str
    video: str
    start_frame: int
    end_frame: int
    fps: str
    seconds: float
    procedure: str
    timed: bool


@dataclass(frozen=True, slots=True)
class Source:
    """One dataset: its number of clips and, per qa_type, records and distinct pairs."""

    name: str
    clips: int
    frames_per_second: int
    sampled: tuple[str, ...]
    scene: Scene
    shares: dict[str, tuple[int, int]]


def _video(source: Source, rng: random.Random) -> str:
    """A video name in the style of that source."""
    match source.name:
        case "CholecT50" | "CholecTrack20" | "Cholec80_CVS":
            return f"video{rng.randint(1, 80):02d}"
        case "CoPESD":
            return f"{rng.randint(1, 40)}_part{rng.randint(1, 9)}"
        case "JIGSAWS":
            task = rng.choice(("Knot_Tying", "Needle_Passing", "Suturing"))
            return f"{task}_{rng.choice('BCDEFGHI')}00{rng.randint(1, 5)}"
        case _:
            return "".join(rng.choices(_LETTERS, k=11))


def make_clips(source: Source, procedures: list[str], rng: random.Random) -> list[Clip]:
    """The source's clips, all with different ids, several to a video."""
    videos = [
        (_video(source, rng), rng.choice(procedures), rng.choice(source.sampled))
        for _ in range(max(12, source.clips // 6))
    ]
    clips: dict[str, Clip] = {}
    while len(clips) < source.clips:
        video, procedure, fps = rng.choice(videos)
        seconds = rng.randint(24, 180)
        start = rng.randint(0, 40_000)
        end = start + seconds * source.frames_per_second
        name = f"{video}&&{start}&&{end}&&{fps}"
        clips[name] = Clip(
            name, source.name, video, start, end, fps, seconds, procedure, rng.random() < 0.2
        )
    return list(clips.values())


def assign_questions(
    source: Source, clips: list[Clip], rng: random.Random
) -> Iterator[tuple[Clip, str]]:
    """(clip, qa_type) of every record of a source.

    The qa_types go round the clips one after another: no clip gets a qa_type
    twice, and every clip gets at least one.
    """
    position = 0
    for qa_type, (records, pairs) in source.shares.items():
        placed = [clips[(position + step) % len(clips)] for step in range(pairs)]
        position += pairs
        again = rng.sample(placed, records - pairs)
        yield from ((clip, qa_type) for clip in placed + again)
