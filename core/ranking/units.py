"""The independent recordings behind the records: what uncertainty is told by.

Clips of one video, trials of one surgeon and parts of one case resemble each other, so that their
number says little about how far a score would move on another test set; the number of recordings
does. The source's own names tell them. Pure.
"""

import re
from typing import Final, NamedTuple


class Unit(NamedTuple):
    """One independent recording within its source dataset."""

    source: str
    recording: str


# Source -> what of a video's name is the recording; a name in another form is one by itself, and
# so is each video of every other source.
RECORDING: Final = {
    "JIGSAWS": re.compile(r".*?_([A-Z])\d+"),  # surgeon
    "CoPESD": re.compile(r"(.+)_part\d+"),  # case
}


def unit_of(source: str, video: str) -> Unit:
    """The unit of a record: its video; of JIGSAWS the surgeon (`Knot_Tying_B001`: B), of CoPESD
    the case (`1_part3`: 1)."""
    pattern = RECORDING.get(source)
    found = pattern.match(video) if pattern else None
    return Unit(source, found[1] if found else video)
