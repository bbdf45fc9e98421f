"""Sources, videos and clips of the synthetic benchmark, and which questions each clip gets.

3,975 clips (ids), 5,644 (id, qa_type) pairs and 6,245 records: the numbers of
the real test set, reached exactly.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.demo import text
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


def _shares(**counts: int | tuple[int, int]) -> dict[str, tuple[int, int]]:
    return {
        qa_type: count if isinstance(count, tuple) else (count, count)
        for qa_type, count in counts.items()
    }


# (records, distinct pairs) where one clip gets several questions of one kind.
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


def _video(source: Source, rng: random.Random) -> str:
    """A video name in the manner of that source."""
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


def places(source: Source, clips: list[Clip], rng: random.Random) -> Iterator[tuple[Clip, str]]:
    """(clip, qa_type) of every record of a source.

    The qa_types are laid one after another round the ring of clips: none
    meets a clip twice, and every clip gets at least one.
    """
    position = 0
    for qa_type, (records, pairs) in source.shares.items():
        placed = [clips[(position + step) % len(clips)] for step in range(pairs)]
        position += pairs
        again = rng.sample(placed, records - pairs)
        yield from ((clip, qa_type) for clip in placed + again)
