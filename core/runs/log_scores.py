"""Removes scores from the log of runs that end without a result.

A cancelled or failed run gives no result; if its log showed one, cancelling in time would be a free
try. Lines are allowed by their prefix, so that new output of the evaluator is left out until it is
listed here.
"""

import re
from typing import Final

_HARMLESS: Final = re.compile(
    r"Attempt |ready|cannot be scored|not checked|\[progress\]|[\d,]+ predictions for |"
    r"Warning: |Error |Caption metrics |Failed: |Cancelled: |Interrupted: |Evaluate only: |Done\."
)
LEFT_OUT: Final = "(scores are left out)"


def without_scores(log: str) -> str:
    """The lines without scores, with a note for each gap."""
    kept: list[str] = []
    for line in log.splitlines():
        if _HARMLESS.match(line):
            kept.append(line)
        elif line.strip() and (not kept or kept[-1] != LEFT_OUT):
            kept.append(LEFT_OUT)
    return "\n".join(kept)
