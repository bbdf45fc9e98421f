"""Walks a predictions file record by record: what is wrong, where, and how often.

Slower than the typed decoder and only used where that one refuses or cannot tell. The
amount of JSON is bounded before anything is built.
"""

import math
from typing import Any

from core.benchmark import QA_TYPE_RECORDS, TEST_RECORDS, task_of
from core.errors import PredictionsError
from evaluation.clips import BOUNDS, Clip, names_of
from evaluation.upload.json_elements import EXPECTED, TWICE, JsonNumber, elements, kind_of
from evaluation.upload.mistaken_files import refuse_other_object
from evaluation.upload.records import Prediction, shown

MAX_RECORDS = 200_000  # thirty times the test set
SHOWN = 20
# Openings and commas: each stands for a Python object of up to about 60 bytes.
_MAX_VALUES = 20_000_000
# Two for each key or text; a key of an object costs up to about 250 bytes.
_MAX_QUOTES = 4_000_000
MAX_DIGITS = 40
# What is read of a record; other fields may hold anything, and stand twice.
_READ = frozenset({"id", "qa_type", "question"})


def check_amount(data: bytes, name: str, max_records: int = MAX_RECORDS) -> None:
    """Refuses more than `max_records` records before they are decoded."""
    objects = data.count(b"{")
    if objects <= max_records:
        return
    if objects + data.count(b"[") + data.count(b",") > _MAX_VALUES:
        raise _too_many(name, max_records)
    for index, _ in enumerate(elements(data, shown(name, 60))):
        if index >= max_records:
            raise _too_many(name, max_records)


def _too_many(name: str, max_records: int) -> PredictionsError:
    return PredictionsError(
        f"{shown(name, 60)} holds more than {max_records:,} records or JSON values beyond "
        f"measure. The full test set has {TEST_RECORDS:,} records, each with id, qa_type and "
        "prediction."
    )


def read_slowly(data: bytes, name: str, max_records: int = MAX_RECORDS) -> list[Prediction]:
    """The records of an odd but valid file; else PredictionsError with all faults counted."""
    label = shown(name, 60)
    values = data.count(b"{") + data.count(b"[") + data.count(b",")
    if values > _MAX_VALUES or data.count(b'"') > _MAX_QUOTES:
        raise _too_many(name, max_records)
    predictions: list[Prediction] = []
    faults = _Faults()
    keys: set[str] = set()
    lists: list[str] = []
    count = 0
    for index, (key, value) in enumerate(elements(data, label)):
        count = index + 1
        if count > max_records:
            raise _too_many(name, max_records)
        if key is not None:
            if key in keys:
                faults.add(index, f"the key “{shown(key)}” stands twice in the outer object")
            keys.add(key)
            if isinstance(value, list) and value and isinstance(value[0], dict):
                lists.append(key)
        prediction = _record(value, index, faults)
        if prediction is not None:
            predictions.append(prediction)
    refuse_other_object(label, keys, lists if not predictions else ())
    if not count:
        raise PredictionsError(f"{label} holds no records. {EXPECTED}")
    if faults.total:
        raise PredictionsError(faults.message(label, count))
    return predictions


class _Faults:
    """Counts every fault; keeps the words of the first twenty only."""

    def __init__(self) -> None:
        self.total = 0
        self.records = 0
        self.unknown_qa_types = False
        self._last = -1
        self._first: list[str] = []

    def add(self, index: int, what: str) -> None:
        self.total += 1
        if index != self._last:
            self.records += 1
            self._last = index
        if len(self._first) < SHOWN:
            self._first.append(f"index {index}: {what}")

    def message(self, label: str, count: int) -> str:
        faults = "1 fault" if self.total == 1 else f"{self.total} faults"
        known = f" Known qa_types: {', '.join(QA_TYPE_RECORDS)}." if self.unknown_qa_types else ""
        first = f" The first {SHOWN}:" if self.total > SHOWN else ""
        return (
            f"{label} has {faults} in {self.records} of {count} records.{first} "
            + "; ".join(self._first)
            + ". Every record needs id, qa_type and prediction as text, or metadata, qa_type "
            f"and answer.{known}"
        )


def _record(value: Any, index: int, faults: _Faults) -> Prediction | None:
    if not isinstance(value, dict):
        faults.add(index, f"not an object but {kind_of(value)}")
        return None
    before = faults.total
    answer = "answer" if "answer" in value and "prediction" not in value else "prediction"
    has_id = type(value.get("id")) is str and (value["id"] != "" or "metadata" not in value)
    read = _READ | {answer} if has_id else _READ | {answer, "metadata"}
    for key in sorted(read.intersection(value.get(TWICE, ()))):
        faults.add(index, f"the field {shown(key)} stands twice")
    qa_type = _text(value, "qa_type", index, faults)
    if qa_type is not None and task_of(qa_type) is None:
        faults.unknown_qa_types = True
        faults.add(index, f"qa_type “{shown(qa_type)}” is unknown")
    clip: Clip | None = None
    known_as: str | None = None
    if has_id:
        known_as = _text(value, "id", index, faults)
        quiet = _Faults()
        if "metadata" not in value.get(TWICE, ()):
            clip = _clip(value, index, quiet)
    elif "metadata" in value or answer == "answer":
        clip = _clip(value, index, faults)
        known_as = clip.id if clip is not None else None
    else:
        known_as = _text(value, "id", index, faults)
    text = _text(value, answer, index, faults)
    if faults.total > before or known_as is None or qa_type is None or text is None:
        return None
    question = value.get("question")
    usable = type(question) is str and not _unusable(question)
    names = () if clip is None else names_of(clip, known_as)
    return Prediction(known_as, qa_type, text, question if usable else None, names)


def _clip(value: dict[str, Any], index: int, faults: _Faults) -> Clip | None:
    metadata = value.get("metadata")
    if not isinstance(metadata, dict):
        what = f"not an object but {kind_of(metadata)}" if "metadata" in value else "missing"
        faults.add(index, f"metadata is {what} (or name the answer “prediction” and give an id)")
        return None
    before = faults.total
    for key in sorted({"video_id", *BOUNDS}.intersection(metadata.get(TWICE, ()))):
        faults.add(index, f"the field metadata.{shown(key)} stands twice")
    video_id = _text(metadata, "video_id", index, faults, "metadata.")
    bounds = {key: _bound(metadata, key, index, faults) for key in BOUNDS}
    if faults.total > before or video_id is None:
        return None
    return Clip(video_id, **bounds)


def _text(
    value: dict[str, Any], field: str, index: int, faults: _Faults, inside: str = ""
) -> str | None:
    if field not in value:
        faults.add(index, f"{inside}{field} is missing")
        return None
    text = value[field]
    if type(text) is not str:
        faults.add(index, f"{inside}{field} is not text but {kind_of(text)}")
        return None
    reason = _unusable(text)
    if reason:
        faults.add(index, f"{inside}{field} {reason}")
        return None
    return text


def _unusable(text: str) -> str | None:
    if "\0" in text:
        return "holds a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"holds half a character (lone surrogate \\u{ord(text[error.start]):04x})"
    return None


def _bound(metadata: dict[str, Any], key: str, index: int, faults: _Faults) -> str | None:
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
        faults.add(index, f"metadata.{key} is a number beyond measure")
        return None
    return str(number)
