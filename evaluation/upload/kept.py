"""The part of an upload that is kept: only the fields that an evaluation reads."""

import gzip
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from evaluation.clips import metadata_of
from evaluation.upload.file_bytes import as_text, read_bytes
from evaluation.upload.reader import decode
from evaluation.upload.records import Prediction

_LEVEL = 6


def keep(path: Path, target: Path) -> dict[str, str | int]:
    """Write the kept part of the upload at `path` to `target`, as gzip.

    Returns the SHA-256 of the decompressed upload (`sent`) and of the kept part (`kept`), and the
    decompressed upload's size in `bytes`. Both give the same scores. Raises PredictionsError if
    the upload cannot be read, OSError if the copy cannot be written.
    """
    raw = read_bytes(path)
    sent, size = hashlib.sha256(raw).hexdigest(), len(raw)
    predictions = decode(as_text(raw, path.name), path.name)
    del raw
    digest = hashlib.sha256()
    with (
        target.open("xb") as file,
        gzip.GzipFile(
            filename="", mode="wb", fileobj=file, compresslevel=_LEVEL, mtime=0
        ) as packed,
    ):
        for piece in pieces(predictions):
            digest.update(piece)
            packed.write(piece)
    return {"sent": sent, "kept": digest.hexdigest(), "bytes": size}


def pieces(predictions: Sequence[Prediction]) -> Iterator[bytes]:
    """A predictions file that is read back as these records."""
    encode = msgspec.json.Encoder().encode
    before = b"[\n"
    for one in predictions:
        record: dict[str, object] = {"id": one.id, "qa_type": one.qa_type, "prediction": one.text}
        if one.question is not None:
            record["question"] = one.question
        if one.names:
            record["metadata"] = metadata_of(one.names)
        yield before + encode(record)
        before = b",\n"
    yield b"\n]\n"
