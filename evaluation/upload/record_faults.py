"""Walks a predictions file record by record and reports what is wrong, where, and how often.

Slower than the typed decoder and only used if that refuses the file or cannot tell.
"""

import math
from typing import Any

from core.benchmark import task_of
from core.errors import PredictionsError
from evaluation.clips import BOUNDS, Clip, names_of
from evaluation.upload.amount import MAX_DIGITS, MAX_RECORDS, has_too_many_values, too_many
from evaluation.upload.faults import Faults
from evaluation.upload.json_elements import EXPECTED, TWICE, JsonNumber, elements, kind_of
from evaluation.upload.mistaken_files import refuse_results
from evaluation.upload.other_records import Seen
from evaluation.upload.records import Prediction, shown
from evaluation.upload.wrong_keys import found_instead, meant_qa_type, rival_of

# The fields that are read; others may have any value and be repeated.
_READ = frozenset({"id", "qa_type", "question"})


def read_slowly(data: bytes, name: str, max_records: int = MAX_RECORDS) -> list[Prediction]:
    """The records of an unusual but valid file; else PredictionsError with all faults counted."""
    label = shown(name, 60)
    if has_too_many_values(data):
        raise too_many(name, max_records)
    predictions: list[Prediction] = []
    faults = Faults()
    seen = Seen()
    count = 0
    for index, (key, value) in enumerate(elements(data, label)):
        count = index + 1
        if count > max_records:
            raise too_many(name, max_records)
        if key is not None and key in seen.keys:
            faults.add(index, f"the key “{shown(key)}” appears twice in the outer object")
        seen.add(key, value)
        prediction = _record(value, index, faults)
        if prediction is not None:
            predictions.append(prediction)
    if not count:
        raise PredictionsError(f"{label} has no records. {EXPECTED}")
    if not predictions:
        seen.refuse(label)
    elif seen.keys:
        refuse_results(label, seen.keys.keys())
    if faults.total:
        raise PredictionsError(faults.message(label, count))
    return predictions


def _record(value: Any, index: int, faults: Faults) -> Prediction | None:
    if not isinstance(value, dict):
        faults.add(index, f"not an object but {kind_of(value)}")
        return None
    before = faults.total
    answer = "answer" if "answer" in value and "prediction" not in value else "prediction"
    has_id = type(value.get("id")) is str and (value["id"] != "" or "metadata" not in value)
    read = _READ | {answer} if has_id else _READ | {answer, "metadata"}
    for key in sorted(read.intersection(value.get(TWICE, ()))):
        faults.add(index, f"the field {shown(key)} appears twice")
    qa_type = _text(value, "qa_type", index, faults)
    if qa_type is not None and task_of(qa_type) is None:
        meant = meant_qa_type(qa_type)
        faults.unknown_qa_types |= meant is None  # all are listed if there is no likely match
        instead = f": write “{meant}”" if meant else ""
        faults.add(index, f"qa_type “{shown(qa_type)}” is unknown{instead}")
    clip: Clip | None = None
    known_as: str | None = None
    if has_id:
        known_as = _text(value, "id", index, faults)
        quiet = Faults()
        if "metadata" not in value.get(TWICE, ()):
            clip = _clip(value, index, quiet)
    elif "metadata" in value or answer == "answer":
        clip = _clip(value, index, faults)
        known_as = clip.id if clip is not None else None
    else:
        known_as = _text(value, "id", index, faults)
    text = _text(value, answer, index, faults)
    rival = rival_of(value) if answer == "answer" else None
    if rival is not None:
        faults.add(
            index,
            f"there are “answer” and “{shown(rival)}”, and one may be the reference: rename the "
            "model's answer to “prediction”",
        )
    if faults.total > before or known_as is None or qa_type is None or text is None:
        return None
    question = value.get("question")
    usable = type(question) is str and not _unusable(question)
    names = () if clip is None else names_of(clip, known_as)
    return Prediction(known_as, qa_type, text, question if usable else None, names)


def _clip(value: dict[str, Any], index: int, faults: Faults) -> Clip | None:
    metadata = value.get("metadata")
    if not isinstance(metadata, dict):
        if "metadata" in value:
            what = f"not an object but {kind_of(metadata)}"
        elif "video_id" in value:
            what = "missing, but there is “video_id”: put it, fps and the bounds into “metadata”"
        else:
            what = "missing"
        faults.add(index, f"metadata is {what} (or name the answer “prediction” and give an id)")
        return None
    before = faults.total
    for key in sorted({"video_id", *BOUNDS}.intersection(metadata.get(TWICE, ()))):
        faults.add(index, f"the field metadata.{shown(key)} appears twice")
    video_id = _text(metadata, "video_id", index, faults, "metadata.")
    bounds = {key: _bound(metadata, key, index, faults) for key in BOUNDS}
    if faults.total > before or video_id is None:
        return None
    return Clip(video_id, **bounds)


def _text(
    value: dict[str, Any], field: str, index: int, faults: Faults, inside: str = ""
) -> str | None:
    if field not in value:
        key = None if inside else found_instead(field, value)
        instead = _renamed(field, key, value[key]) if key else ""
        faults.add(index, f"{inside}{field} is missing{instead}")
        return None
    text = value[field]
    if type(text) is not str:
        what = ": write its text" if isinstance(text, list | dict) and text else ""
        if text is None and field in ("prediction", "answer"):
            what = ": write an empty text where there is no answer"
        faults.add(index, f"{inside}{field} is not text but {kind_of(text)}{what}")
        return None
    reason = _unusable(text)
    if reason:
        faults.add(index, f"{inside}{field} {reason}")
        return None
    return text


def _renamed(field: str, key: str, value: Any) -> str:
    """What to do with a value that is under another key, or inside what is under it."""
    if isinstance(value, list | dict):
        return f", but there is “{shown(key)}”, {kind_of(value)}: write its text as “{field}”"
    return f", but there is “{shown(key)}”: rename it to “{field}”"


def _unusable(text: str) -> str | None:
    if "\0" in text:
        return "has a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"has half a character (lone surrogate \\u{ord(text[error.start]):04x})"
    return None


def _bound(metadata: dict[str, Any], key: str, index: int, faults: Faults) -> str | None:
    """A frame bound or fps as the fast decoder reads it, as text."""
    bound = metadata.get(key)
    if bound is None:
        return None
    if not isinstance(bound, JsonNumber):
        return _text(metadata, key, index, faults, "metadata.")
    if len(bound) > MAX_DIGITS:
        faults.add(index, f"metadata.{key} is a number of {len(bound)} digits")
        return None
    if bound.lstrip("-").isdigit():
        return str(int(bound))
    number = float(bound)
    if not math.isfinite(number):
        faults.add(index, f"metadata.{key} is too large a number")
        return None
    return str(number)
