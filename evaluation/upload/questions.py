"""Reads id, qa_type and question text from the public question file, and nothing else."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from core.errors import PredictionsError
from evaluation.clips import Clip, names_of
from evaluation.upload.file_bytes import MAX_BYTES, read_upload
from evaluation.upload.records import shown


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the test set, in the file's order; `text` is None if it has none.

    `names` are other names of its clip, from its metadata.
    """

    id: str
    qa_type: str
    text: str | None
    names: tuple[str, ...] = ()


class _Turn(msgspec.Struct):
    sender: str = msgspec.field(name="from", default="")
    value: str | None = None


class _Named(msgspec.Struct):
    qa_type: str
    id: str | None = None
    metadata: Clip | None = None


class _Asked(_Named):
    question: str | None = None
    conversations: list[_Turn] = []


def read_questions(path: Path) -> list[Question]:
    """The questions of a JSON array with id, qa_type, and question or conversations.

    Of the conversations only the user's turns are kept; all other fields are skipped.
    Raises PredictionsError.
    """
    try:
        records = msgspec.json.decode(read_upload(path, 4 * MAX_BYTES), type=list[_Asked])
    except (ValueError, RecursionError) as error:
        raise _not_questions(path, error) from None
    return [
        Question(
            _id(record),
            record.qa_type,
            _words(record),
            () if record.metadata is None else names_of(record.metadata, _id(record)),
        )
        for record in records
    ]


def read_names(path: Path) -> list[tuple[str, str]]:
    """(id, qa_type) of every record of a question file or of the ground truth."""
    try:
        records = msgspec.json.decode(read_upload(path, 4 * MAX_BYTES), type=list[_Named])
    except (ValueError, RecursionError) as error:
        raise _not_questions(path, error) from None
    return [(_id(record), record.qa_type) for record in records]


def _not_questions(path: Path, error: Exception) -> PredictionsError:
    # The decoder's message has types and paths, never content.
    return PredictionsError(
        f"{shown(path.name, 60)} is not a question file: {shown(str(error), 160)}. Expected a JSON "
        "array of records with id, qa_type, and question or conversations."
    )


def _id(record: _Named) -> str:
    """The record's id, else its clip's id, as for inference output."""
    if record.id is not None or record.metadata is None:
        return record.id or ""
    return record.metadata.id


def _words(record: _Asked) -> str | None:
    if record.question is not None:
        return record.question
    asked = [turn.value for turn in record.conversations if turn.sender in {"human", "user"}]
    return next((value for value in reversed(asked) if value), None)
