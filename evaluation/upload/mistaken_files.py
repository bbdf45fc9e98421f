"""Recognises files that people upload instead of their predictions, and says which to use.

Most often results: the file next to the predictions. Pure.
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
# Any one of these identifies a results file; of the others, two are needed.
_TELLING = {"evaluated_samples", "aggregated_results", "scorer_version"}
_ANSWERS = {"prediction", "answer"}
_RECORD_KEYS = {"id", "qa_type", "metadata", "question"} | _ANSWERS
_LOOKED_AT = 1 << 20  # bytes
# A string and whether it is a key, or a bracket; a truncated string ends with the file.
_MARK = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"?+(\s{0,9}:)?|[][{}]', re.DOTALL)
# Quotes inside JSON strings are escaped, so only a key looks like this. No record has it.
_SAMPLES_KEY = re.compile(rb'"evaluated_samples"\s{0,9}:')


def refuse_broken_results(data: bytes, label: str) -> None:
    """Raises PredictionsError when an unreadable text is a results file.

    Such a file often has NaN for values that were not computed, or is larger than any predictions
    file; then saying what it is helps more than where it is invalid.
    """
    keys = first_keys(data)
    if _SAMPLES_KEY.search(data):
        keys.add("evaluated_samples")
    refuse_results(label, keys)


def refuse_single_record(label: str, keys: Set[str]) -> None:
    """Raises PredictionsError when these are the keys of a single record."""
    if len(keys & _RECORD_KEYS) > 1:
        raise PredictionsError(
            f"{label} is a single record, not a list of records. Put the records into a JSON "
            "array: [ {…}, {…} ]."
        )


def refuse_results(label: str, keys: Set[str]) -> None:
    """Raises PredictionsError when these are keys of a results file."""
    results = keys & _RESULT_KEYS
    # A record may have scores besides its answer; they are not read.
    if keys & _ANSWERS or not (results & _TELLING or len(results) > 1):
        return
    named = ", ".join(sorted(results))
    raise PredictionsError(
        f"{label} is a file of evaluation results (it has {named}). Upload the "
        "predictions they were computed from instead: the JSON array with id, qa_type and "
        "prediction (or metadata, qa_type and answer) per question."
    )


def first_keys(data: bytes) -> set[str]:
    """The keys of the outer object, or of the first one in the outer array.

    Only in the first MB. The text may be truncated or invalid.
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
