"""The log without its scores, for runs that end without showing any.

A run that is cancelled or fails gives no result; if its log told one all the same, cancelling
in time would be a way to try for nothing. Lines are let through by their beginning, so that
whatever the evaluator prints some day is left out until it is named here.
"""

import re
from typing import Final

_HARMLESS: Final = re.compile(
    r"Attempt |ready|cannot be scored|not checked|\[progress\]|[\d,]+ predictions for |"
    r"Warning: |Error |Caption metrics |Failed: |Cancelled: |Interrupted: |Evaluate only: |Done\."
)
LEFT_OUT: Final = "(scores are left out)"


def without_scores(log: str) -> str:
    """The lines that tell no score; a gap is said to be one."""
    kept: list[str] = []
    for line in log.splitlines():
        if _HARMLESS.match(line):
            kept.append(line)
        elif line.strip() and (not kept or kept[-1] != LEFT_OUT):
            kept.append(LEFT_OUT)
    return "\n".join(kept)
