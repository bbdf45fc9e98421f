"""Reads and reviews an upload on disk.

It needs no truth and no network.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.errors import PredictionsError
from core.model.contracts.review import Review, refused
from evaluation.upload.file_bytes import as_text, read_bytes
from evaluation.upload.questions import Question, read_questions
from evaluation.upload.reader import decode
from evaluation.upload.records import Prediction, shown
from evaluation.upload.review import review

# Quotes inside JSON strings are escaped, so only keys look like this.
_TRUTH_FIELD = re.compile(
    rb'"(gnd|ground_truth|struc_info|llm_judge\w{0,60}|evaluations|aggregated_results)"\s{0,9}:'
)


class QuestionsError(PredictionsError):
    """The question file cannot be read; the upload is not at fault."""


def check(path: Path, questions: Path | None = None) -> Review:
    """The review of a file on disk. A file that cannot be read has one problem.

    Raises QuestionsError when the question file cannot be read.
    """
    asked = None if questions is None else _questions(questions)
    sha256 = ""
    try:
        raw = read_bytes(path)
        # Of the decompressed bytes, as everywhere: a compressed copy is the same upload.
        sha256 = hashlib.sha256(raw).hexdigest()
        data = as_text(raw, path.name)
        predictions = decode(data, path.name)
    except PredictionsError as error:
        return refused(str(error), sha256)
    found = review(predictions, asked, ignored_fields=ignored_fields(data), sha256=sha256)
    return replace(found, content_sha256=content_sha256(predictions))


def content_sha256(predictions: Sequence[Prediction]) -> str:
    """The SHA-256 of the answers only. It ignores the order of records and keys, whitespace in the
    JSON and around an answer, questions, and fields that are never read."""
    parts = ((one.id, one.qa_type, one.text.strip()) for one in predictions)
    digest = hashlib.sha256()
    for part in sorted(parts):
        digest.update(repr(part).encode())
    return digest.hexdigest()


def _questions(path: Path) -> list[Question]:
    try:
        return read_questions(path)
    except PredictionsError as error:
        raise QuestionsError(str(error)) from None


def ignored_fields(data: bytes) -> dict[str, int]:
    """How often each field about the truth occurs in the JSON text, by name."""
    counts = Counter(found[1] for found in _TRUTH_FIELD.finditer(data))
    return {shown(name.decode()): count for name, count in counts.items()}
