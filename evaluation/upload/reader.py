"""Reads a predictions file into records.

The file's form is described in docs/submission-format.md. Whatever an upload says about
the truth (struc_info, gnd, evaluations, ...) is skipped by the decoder and never read.
"""

import re
from pathlib import Path
from typing import TypeVar

import msgspec

from core.benchmark import task_of
from core.errors import PredictionsError
from evaluation.upload.file_bytes import MAX_BYTES, read_upload
from evaluation.upload.mistaken_files import refuse_broken_results
from evaluation.upload.record_faults import (
    BOUNDS,
    MAX_DIGITS,
    MAX_RECORDS,
    check_amount,
    read_slowly,
)
from evaluation.upload.records import MAX_TEXT, Prediction, clip_id, first_given, shown


class _Metadata(msgspec.Struct, gc=False):
    video_id: str
    fps: str | int | float | None = None
    input_video_start_frame: str | int | float | None = None
    start_frame: str | int | float | None = None
    input_video_end_frame: str | int | float | None = None
    end_frame: str | int | float | None = None


class _Inference(msgspec.Struct, gc=False):
    metadata: _Metadata
    qa_type: str
    answer: str
    question: str | None = None


# A NUL, and the letters and underscores of field names: no encoder escapes these, and a field
# whose name is written so could stand twice without being counted (_may_repeat_a_key).
_ODD_ESCAPE = re.compile(rb"\\u00(?:00|5[fF]|[67])")

# A number that the walk refuses; the decoder reads it however long it is.
_LONG_NUMBER = re.compile(rb":[ \t\r\n]*+[-+.0-9eE]{%d}" % (MAX_DIGITS + 1))
_BOUND_KEYS = tuple(f'"{field}"'.encode() for field in BOUNDS)

_Record = TypeVar("_Record", Prediction, _Inference)


def load(
    path: Path, *, max_bytes: int = MAX_BYTES, max_records: int = MAX_RECORDS
) -> list[Prediction]:
    """The records of a .json or .json.gz file, in file order.

    Raises PredictionsError with every fault of the file counted, the first twenty named.
    """
    try:
        return decode(read_upload(path, max_bytes), path.name, max_records=max_records)
    except MemoryError:
        raise PredictionsError(
            f"{shown(path.name, 60)} needs more memory than this process may use. "
            "Leave out everything but id, qa_type and prediction."
        ) from None


def decode(data: bytes, name: str, *, max_records: int = MAX_RECORDS) -> list[Prediction]:
    """The records in `data` (as `read_upload` returns it); `name` is for messages.

    One typed pass when the file is as it should be. Anything else is walked again record
    by record, which explains the faults, or accepts an odd but valid file.
    """
    try:
        check_amount(data, name, max_records)
        predictions = _decode_fast(data)
        if predictions is None:
            predictions = read_slowly(data, name, max_records)
    except PredictionsError:
        refuse_broken_results(data, shown(name, 60))
        raise
    _refuse_long_texts(predictions, name)
    return predictions


def _refuse_long_texts(predictions: list[Prediction], name: str) -> None:
    for index, one in enumerate(predictions):
        for what, text in (("id", one.id), ("answer", one.text), ("question", one.question or "")):
            if len(text) > MAX_TEXT:
                raise PredictionsError(
                    f"{shown(name, 60)} has a longer {what} than any model gives: {len(text):,} "
                    f"characters at index {index}; at most {MAX_TEXT:,} are read. Write the answer "
                    "alone, without the model's input or a dump of its state."
                )


def _decode_fast(data: bytes) -> list[Prediction] | None:
    """The records, or None where only the slow walk can tell whether the file is right."""
    if b"\\u00" in data and _ODD_ESCAPE.search(data):  # the first is faster where there is none
        return None
    if b'"prediction"' not in data:
        found = _decode_as(_Inference, data)
        each = (b'"qa_type"', b'"answer"', b'"metadata"', b'"video_id"')
        if not found or _may_repeat_a_key(data, len(found), each, _BOUND_KEYS):
            return None
        if _LONG_NUMBER.search(data):
            return None
        predictions = [_from_inference(record) for record in found]
    else:
        predictions = _decode_as(Prediction, data)
        if not predictions or _may_repeat_a_key(
            data, len(predictions), (b'"id"', b'"qa_type"', b'"prediction"')
        ):
            return None
    known = all(task_of(qa_type) for qa_type in {record.qa_type for record in predictions})
    return predictions if known else None


def _decode_as(kind: type[_Record], data: bytes) -> list[_Record]:
    """The outer array, or the values of the outer object; empty where the type differs."""
    try:
        if data.lstrip(b" \t\r\n").startswith(b"{"):
            return list(msgspec.json.decode(data, type=dict[str, kind]).values())  # type: ignore[valid-type]
        return msgspec.json.decode(data, type=list[kind])  # type: ignore[valid-type]
    except (ValueError, RecursionError):  # DecodeError and UnicodeDecodeError are ValueErrors
        return []


def _may_repeat_a_key(
    data: bytes, records: int, each: tuple[bytes, ...], some: tuple[bytes, ...] = ()
) -> bool:
    """Whether some key could stand twice in a record, or a record twice in an object.

    Every record has the keys of `each`, and may have those of `some` and its question.
    The decoder silently keeps the last. Inside JSON text a quote is escaped, so that
    counting the quoted names finds keys (and, rarely, values, which the walk sorts out).
    Names with escapes within were sent to the walk before.
    """
    return any(data.count(name) != records for name in each) or any(
        data.count(name) > records for name in (b'"question"', *some)
    )


def _from_inference(record: _Inference) -> Prediction:
    data = record.metadata
    start = first_given(data.input_video_start_frame, data.start_frame)
    end = first_given(data.input_video_end_frame, data.end_frame)
    return Prediction(
        id=clip_id(data.video_id, start, end, data.fps),
        qa_type=record.qa_type,
        text=record.answer,
        question=record.question,
    )
