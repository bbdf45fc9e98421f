"""The independent recordings behind the records, the unit of uncertainty.

Clips of one video, trials of one surgeon and parts of one case are correlated, so the uncertainty
of a score depends on the number of recordings, not of clips. They are derived from the source's
video names. Pure.
"""

import re
from typing import Final, NamedTuple


class Unit(NamedTuple):
    """One independent recording within its source dataset."""

    source: str
    recording: str


# Source -> the part of a video's name that identifies the recording. A name in another form is its
# own recording, and so is each video of every other source.
RECORDING: Final = {
    "JIGSAWS": re.compile(r".*?_([A-Z])\d+"),  # surgeon
    "CoPESD": re.compile(r"(.+)_part\d+"),  # case
}


def unit_of(source: str, video: str) -> Unit:
    """The unit of a record: its video; for JIGSAWS the surgeon (`Knot_Tying_B001`: B), for CoPESD
    the case (`1_part3`: 1)."""
    pattern = RECORDING.get(source)
    found = pattern.match(video) if pattern else None
    return Unit(source, found[1] if found else video)
