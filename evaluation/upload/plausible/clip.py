"""The clip of an id: its bounds and maximum length. Pure."""

import math
from dataclasses import dataclass
from typing import Final

# Bounds count the video's frames or the sampled ones; an id does not say which.
# No clip of the benchmark is longer than this; if one seems to be, its bounds count the video's own
# frames.
_LONGEST_S: Final = 600.0
# The lowest frame rate of a video: a clip of n frames lasts at most n / 25 seconds.
_VIDEO_FPS: Final = 25.0


@dataclass(frozen=True, slots=True)
class Clip:
    """The id's bounds, in frames, and the maximum length of the clip in seconds."""

    start: float
    end: float
    seconds: float
    own_frames: bool


def clip_of(name: str) -> Clip | None:
    """The clip of `video&&start&&end&&fps` or `fps$video$start$end`; None without one."""
    if name.count("&&") >= 3:
        _, *bounds = name.rsplit("&&", 3)
    elif name.count("$") >= 3:
        fps, _, rest = name.partition("$")
        _, *bounds = rest.rsplit("$", 2)
        bounds.append(fps)
    else:
        return None
    seconds = bounds[0].endswith("s") and bounds[1].endswith("s")  # metadata bounded by times
    if seconds:
        bounds = [bounds[0][:-1], bounds[1][:-1], "1"]
    try:
        start, end, rate = (float(bound) for bound in bounds)
    except ValueError:
        return None
    if not (math.isfinite(start) and math.isfinite(end) and 0 <= start < end and 0 < rate < 1e6):
        return None
    if seconds or not (start.is_integer() and end.is_integer()):
        return Clip(start, end, end - start, own_frames=False)  # times in seconds
    sampled = (end - start) / rate
    own = sampled > _LONGEST_S
    return Clip(start, end, (end - start) / max(_VIDEO_FPS, rate) if own else sampled, own)
