"""Recognises files that people upload in place of their predictions, and says which to take.

Finished results above all: the file beside the predictions. Pure.
"""

import re
from collections.abc import Set

from core.errors import PredictionsError

_RESULT_KEYS = {
    "model_name",
    "evaluated_samples",
    "aggregated_results",
    "metrics",
    "strict",
    "coverage",
    "by_dataset",
    "scorer_version",
}
# Each alone tells finished results; of the others it takes two.
_TELLING = {"evaluated_samples", "aggregated_results", "scorer_version"}
_ANSWERS = {"prediction", "answer"}
_RECORD_KEYS = {"id", "qa_type", "metadata", "question"} | _ANSWERS
_LOOKED_AT = 1 << 20  # bytes
# A text and whether it is a key, or a bracket; a text that is cut off ends with the file.
_MARK = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"?+(\s{0,9}:)?|[][{}]', re.DOTALL)
# Inside JSON text a quote is escaped, so that only a key looks like this. No record has it.
_SAMPLES_KEY = re.compile(rb'"evaluated_samples"\s{0,9}:')


def refuse_broken_results(data: bytes, label: str) -> None:
    """Raises PredictionsError when a text that cannot be read is one of finished results.

    Such a file often holds NaN, for what was not computed, or is larger than any predictions
    file; then what it is says more than where it breaks.
    """
    keys = first_keys(data)
    if _SAMPLES_KEY.search(data):
        keys.add("evaluated_samples")
    refuse_results(label, keys)


def refuse_single_record(label: str, keys: Set[str]) -> None:
    """Raises PredictionsError when these are the keys of a record."""
    if len(keys & _RECORD_KEYS) > 1:
        raise PredictionsError(
            f"{label} is a single record, not a list of records. Put the records into a JSON "
            "array: [ {…}, {…} ]."
        )


def refuse_results(label: str, keys: Set[str]) -> None:
    """Raises PredictionsError when these are keys of a file of finished results."""
    results = keys & _RESULT_KEYS
    # A record may hold scores beside its answer; they are not read.
    if keys & _ANSWERS or not (results & _TELLING or len(results) > 1):
        return
    named = ", ".join(sorted(results))
    raise PredictionsError(
        f"{label} is a file of finished evaluation results (it has {named}). Upload the "
        "predictions they were computed from instead: the JSON array with id, qa_type and "
        "prediction (or metadata, qa_type and answer) per question."
    )


def first_keys(data: bytes) -> set[str]:
    """The keys of the outer object, or of the first one in the outer array.

    As far as they stand in the first MB. The text may be cut off or broken.
    """
    keys: set[str] = set()
    depth = home = 0
    for found in _MARK.finditer(data, 0, _LOOKED_AT):
        mark = found[0]
        if mark in (b"{", b"["):
            depth += 1
            if mark == b"{" and not home:
                home = depth
            if depth > 2 and not home:
                break
        elif mark in (b"}", b"]"):
            depth -= 1
            if depth < home:
                break
        elif found[2] and depth == home:
            keys.add(found[1].decode(errors="replace"))
    return keys
