"""Reads a predictions file into records.

The format is described in docs/submission-format.md. Fields about the truth (struc_info, gnd,
evaluations, ...) are skipped by the decoder and never read.
"""

import re
from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path

import msgspec

from core.benchmark import task_of
from core.errors import PredictionsError
from evaluation.clips import Clip, names_of
from evaluation.upload.amount import MAX_DIGITS, MAX_RECORDS, check_amount
from evaluation.upload.file_bytes import MAX_BYTES, is_lines, read_upload
from evaluation.upload.records import MAX_TEXT, Prediction, shown
from evaluation.upload.wrong_keys import RIVALS


class _Record(msgspec.Struct, gc=False):
    qa_type: str
    id: str | None = None
    prediction: str | None = None
    answer: str | None = None
    metadata: Clip | None = None
    question: str | None = None


# A NUL, and escaped letters or underscores of field names: no encoder escapes these, and a field
# name written this way could be repeated without being counted (_may_repeat_a_key).
_ODD_ESCAPE = re.compile(rb"\\u00(?:00|5[fF]|[67])")

# A number that the slow walk refuses; the decoder reads any length.
_LONG_NUMBER = re.compile(rb":[ \t\r\n]*+[-+.0-9eE]{%d}" % (MAX_DIGITS + 1))
# A field beside “answer” that may be the model's answer: the slow walk compares them.
_RIVAL = re.compile(rb'"%s"[ \t\r\n]*+:' % RIVALS.encode(), re.IGNORECASE)
_LINES = msgspec.json.Decoder(_Record)
_FIELDS = _Record.__struct_fields__
_CLIP_FIELDS = Clip.__struct_fields__


def load(
    path: Path, *, max_bytes: int = MAX_BYTES, max_records: int = MAX_RECORDS
) -> list[Prediction]:
    """The records of a .json or .jsonl file, also as .gz or .zip, in file order.

    Raises PredictionsError with every fault of the file counted, the first twenty named.
    """
    try:
        return decode(read_upload(path, max_bytes), path.name, max_records=max_records)
    except MemoryError:
        raise PredictionsError(
            f"{shown(path.name, 60)} needs more memory than this process may use. "
            "Keep only id, qa_type and prediction."
        ) from None


def decode(data: bytes, name: str, *, max_records: int = MAX_RECORDS) -> list[Prediction]:
    """The records in `data` (from `read_upload`); `name` is for messages.

    One typed pass if the file is as expected. Anything else is walked again record by record,
    which explains the faults or accepts an unusual but valid file. What that needs is imported
    then: nearly all files are as expected.
    """
    try:
        check_amount(data, name, max_records)
        predictions = _decode_fast(data)
        if predictions is None:
            from evaluation.upload.record_faults import read_slowly

            predictions = read_slowly(data, name, max_records)
    except PredictionsError:
        from evaluation.upload.mistaken_files import refuse_broken_results

        refuse_broken_results(data, shown(name, 60))
        raise
    _refuse_long_texts(predictions, name)
    return predictions


def _refuse_long_texts(predictions: list[Prediction], name: str) -> None:
    for index, one in enumerate(predictions):
        if not one.names and max(len(one.id), len(one.text), len(one.question or "")) <= MAX_TEXT:
            continue  # nearly all: the loop below is slower
        texts = (("id", one.id), ("answer", one.text), ("question", one.question or ""))
        for what, text in (*texts, *(("name of its clip", name) for name in one.names)):
            if len(text) > MAX_TEXT:
                raise PredictionsError(
                    f"{shown(name, 60)} has an over-long {what}: {len(text):,} characters "
                    f"at index {index}; at most {MAX_TEXT:,} are allowed. Write only the answer, "
                    "without the model's input or a dump of its state."
                )


def _decode_fast(data: bytes) -> list[Prediction] | None:
    """The records, or None if only the slow walk can tell whether the file is valid."""
    if b"\\u00" in data and _ODD_ESCAPE.search(data):  # the first is faster if there is none
        return None
    found = _decode_typed(data)
    if not found or not _once_each(data, found, _FIELDS):
        return None
    if any(record.prediction is None for record in found) and _RIVAL.search(data):
        return None
    clips = [record.metadata for record in found if record.metadata is not None]
    if clips and (
        not _once_each(data, clips, _CLIP_FIELDS)
        or _LONG_NUMBER.search(data)
        or not all(clip.video_id for clip in clips)
    ):
        return None
    predictions = [_prediction(record) for record in found]
    known = all(task_of(qa_type) for qa_type in {record.qa_type for record in found})
    if not known or None in predictions:
        return None
    return predictions  # type: ignore[return-value]


def _decode_typed(data: bytes) -> list[_Record]:
    """The outer array, lines, or the values of the outer object; empty for another type."""
    try:
        if is_lines(data):
            return _LINES.decode_lines(data)
        if data.lstrip(b" \t\r\n").startswith(b"{"):
            return list(msgspec.json.decode(data, type=dict[str, _Record]).values())
        return msgspec.json.decode(data, type=list[_Record])
    except (ValueError, RecursionError):  # DecodeError and UnicodeDecodeError are ValueErrors
        return []


def _once_each(data: bytes, found: Sequence[msgspec.Struct], fields: Sequence[str]) -> bool:
    """Whether each of these names occurs in the text as often as it was decoded.

    Then no key is repeated in a record, and no record in an object (the decoder silently keeps
    the last one). Quotes inside JSON strings are escaped, so counting the quoted names finds keys
    (and rarely values, which the walk sorts out). Names with escapes and null go to the walk.
    """
    return all(
        data.count(b'"%s"' % name.encode())
        == len(found) - list(map(attrgetter(name), found)).count(None)
        for name in fields
    )


def _prediction(record: _Record) -> Prediction | None:
    text = record.answer if record.prediction is None else record.prediction
    clip, given = record.metadata, record.id
    if text is None or (given is None and clip is None):
        return None
    if clip is None:
        return Prediction(given or "", record.qa_type, text, record.question)
    known_as = given or clip.id
    return Prediction(known_as, record.qa_type, text, record.question, names_of(clip, known_as))
