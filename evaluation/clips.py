"""Names of clips: the benchmark's ids, and what other tools write for the same clip.

An id is opaque text. If it has one of the two known forms, `video&&start&&end&&fps` or
`fps$video$start$end`, it identifies the clip.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

Bound = str | int | float | None


class Clip(msgspec.Struct, gc=False):
    """The clip in a record's metadata: bounds in frames or in seconds."""

    video_id: str = ""
    fps: Bound = None
    input_video_start_frame: Bound = None
    start_frame: Bound = None
    input_video_end_frame: Bound = None
    end_frame: Bound = None
    input_video_start_time: Bound = None
    input_video_end_time: Bound = None

    @property
    def id(self) -> str:
        """The id that the benchmark builds from it."""
        start = first_given(self.input_video_start_frame, self.start_frame)
        end = first_given(self.input_video_end_frame, self.end_frame)
        return clip_id(self.video_id, start, end, self.fps)


BOUNDS = tuple(field for field in Clip.__struct_fields__ if field != "video_id")

_NUMBER = re.compile(r"(\d{1,15})(?:\.(\d{1,12}))?(s?)")


def first_given(bound: Bound, other: Bound) -> Bound:
    """`bound`, or `other` where it is missing or empty. 0 is a bound."""
    return other if bound is None or bound == "" else bound


def clip_id(video_id: str, start: Bound, end: Bound, fps: Bound) -> str:
    """The id of an inference record's clip. A missing part is empty."""
    return "&&".join("" if part is None else str(part) for part in (video_id, start, end, fps))


def names_of(metadata: Any, but: str = "") -> tuple[str, ...]:
    """Names of a clip as its metadata gives them, by frames and by seconds, except `but`.

    `metadata` has the fields of Clip; values that are neither text nor number are ignored.
    """
    video = _text(metadata.video_id)
    if not video:
        return ()
    names = []
    start = _text(metadata.input_video_start_frame) or _text(metadata.start_frame)
    end = _text(metadata.input_video_end_frame) or _text(metadata.end_frame)
    if start and end:
        names.append(f"{video}&&{start}&&{end}&&{_text(metadata.fps)}")
    start, end = _text(metadata.input_video_start_time), _text(metadata.input_video_end_time)
    if start and end:
        names.append(f"{video}&&{start}s&&{end}s&&")
    return tuple(names) if but not in names else tuple(name for name in names if name != but)


def metadata_of(names: Iterable[str]) -> dict[str, str]:
    """Metadata from which `names_of` gives these names, all of one clip."""
    found: dict[str, str] = {}
    for name in names:
        video, start, end, fps = name.rsplit("&&", 3)
        times = not fps and start.endswith("s") and end.endswith("s")
        if times:
            found |= {
                "video_id": video,
                "input_video_start_time": start[:-1],
                "input_video_end_time": end[:-1],
            }
        else:
            found |= {
                "video_id": video,
                "input_video_start_frame": start,
                "input_video_end_frame": end,
                "fps": fps,
            }
    return found


def _text(bound: Any) -> str:
    if type(bound) is str:  # nearly all of them
        return bound
    return str(bound) if isinstance(bound, str | int | float) else ""


def clip_of(name: str) -> tuple[str, str, str] | None:
    """(video, start, end) of an id of a known form; numbers without trailing zeros.

    The frame rate is left out: it is the same clip at any rate. None for other ids and for
    ids without bounds.
    """
    found = _parts(name)
    if found is None or not found[1] or not found[2]:
        return None
    return found[0], _number(found[1]), _number(found[2])


def video_of(name: str) -> str:
    """The video of an id; the whole id if it has no known form."""
    found = _parts(name)
    return name if found is None else found[0]


def _parts(name: str) -> tuple[str, str, str] | None:
    parts = name.rsplit("&&", 3)
    if len(parts) >= 3:
        return parts[0], parts[1], parts[2]
    parts = name.split("$")
    if len(parts) >= 4 and _NUMBER.fullmatch(parts[0]):
        return "$".join(parts[1:-2]), parts[-2], parts[-1]
    if len(parts) == 3 and _NUMBER.fullmatch(parts[1]) and _NUMBER.fullmatch(parts[2]):
        return parts[0], parts[1], parts[2]
    return None


def _number(text: str) -> str:
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return text
    whole, fraction, unit = found[1].lstrip("0") or "0", (found[2] or "").rstrip("0"), found[3]
    return f"{whole}.{fraction}{unit}" if fraction else whole + unit
