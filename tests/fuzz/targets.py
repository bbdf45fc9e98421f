"""The fuzz targets: each takes bytes, and an exception is a finding.

A target checks more than "does not crash": two readers of the same bytes must agree, and
messages must be printable and short.
"""

import hashlib
import math
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from core import metric_log
from core.benchmark import METRIC_BY_KEY, METRICS, task_of
from core.errors import EntryError, JobError, PredictionsError, RefusedError
from core.model.contracts.review import Review
from core.model.entries import entry_from_row
from core.runs.evaluation import outcome as evaluation_outcome
from core.runs.uploads import packing as uploads
from core.usecases import results_import
from evaluation.upload.file_bytes import as_text, read_bytes
from evaluation.upload.file_review import check, ignored_fields
from evaluation.upload.reader import decode
from evaluation.upload.record_faults import read_slowly
from evaluation.upload.review import review

MAX_BYTES = 1 << 20
_LONGEST = 20_000  # characters of a message


def decode_upload(data: bytes) -> None:
    """The typed decoder and the slow walk give the same result or a sentence."""
    try:
        text = as_text(data, "upload.json")
        found = decode(text, "upload.json")
    except PredictionsError as error:
        _told(str(error))
        return
    assert found == read_slowly(text, "upload.json")
    for one in found:
        for value in (one.id, one.qa_type, one.text, one.question or ""):
            assert "\0" not in value
            value.encode()
        assert task_of(one.qa_type) is not None
    made = review(found, ignored_fields=ignored_fields(text))
    report = msgspec.json.decode(made.to_json(), type=Review)
    assert report.ready or not any(one.text.strip() for one in found)  # else it is a template
    for finding in (*report.problems, *report.warnings, *report.notes):
        _told(finding.text)
        for example in finding.examples:
            _told(example.id + example.answer + example.qa_type)


def read_upload(data: bytes) -> None:
    """The check and the store unpack alike: both refuse, or both get the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload.json.gz"
        path.write_bytes(data)
        try:
            kept: str | None = uploads.content_hash(data, MAX_BYTES)
        except PredictionsError as error:
            _told(str(error))
            kept = None
        try:
            seen: str | None = hashlib.sha256(read_bytes(path, MAX_BYTES)).hexdigest()
        except PredictionsError as error:
            _told(str(error))
            seen = None
        assert seen == kept
        _told(check(path).verdict)


def read_log(data: bytes) -> None:
    """Any text gives finite values of known metrics; a block appended to it counts."""
    text = data.decode("utf-8", "replace")
    found = metric_log.parse(text)
    assert set(found) <= set(METRIC_BY_KEY)
    assert all(math.isfinite(value) for value in found.values())
    given = {m.key: m.low + index / 100 for index, m in enumerate(METRICS) if index % 3}
    again = metric_log.parse(f"{text}\n{metric_log.write(given)}")
    assert again.keys() == given.keys()
    assert all(abs(again[key] - value) < 1e-4 for key, value in given.items())


def read_results(data: bytes) -> None:
    """Results of an evaluation, of an older file, and of an older board, as bytes."""
    try:
        evaluation_outcome.check(
            evaluation_outcome.read(data), {}, truth_sha256="", predictions_sha256=""
        )
    except JobError as error:
        _told(str(error))
    try:
        imported = results_import.read(data)
        assert all(v is None or math.isfinite(v) for v in imported.metrics.values())
        assert imported.metrics.keys() == set(METRIC_BY_KEY)
        for text in (imported.model_name, imported.scorer_version or "", *imported.notes):
            text.encode()  # the form shows it
    except RefusedError as error:
        _told(str(error))
    try:
        row = msgspec.json.decode(data)
    except (ValueError, RecursionError):
        return
    if isinstance(row, dict):
        try:
            made = entry_from_row(row, "community")
            assert all(v is None or math.isfinite(v) for v in made.metrics.values())
        except EntryError as error:
            _told(str(error))


def _told(text: str) -> None:
    """Check a message: short, encodable, no control or direction characters."""
    assert len(text) < _LONGEST
    text.encode()
    assert all(char.isprintable() or char == "\n" for char in text), text


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (decode_upload, read_upload, read_log, read_results)
}
