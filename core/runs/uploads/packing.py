"""Stores an upload: decompresses it within a limit, compresses it again, and hashes it.

Works in pieces, so that a large or hostile file needs no more memory than the upload itself.
core.runs.uploads.check checks the content.
"""

import gzip
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from core.errors import PredictionsError
from core.files.gzip_pieces import MAX_MEMBERS, PIECE, GzipError
from core.files.packed import pieces
from core.files.zip_pieces import ZipError

_LEVEL = 6
_FAULTS = {
    "damaged": "The gzip file is damaged. Pack it again, or upload the plain .json file.",
    "cut off": "The gzip file is cut off. Upload it again.",
    "too many members": f"The gzip file has more than {MAX_MEMBERS:,} parts. Pack it again as one.",
}


def keep_upload(data: bytes, target: Path, max_bytes: int) -> str:
    """Write the upload to `target` as gzip; return the SHA-256 of its decompressed bytes.

    `data` is plain, gzip or a zip archive, recognised by its first bytes. The same content always
    gives the same file. Raises PredictionsError above `max_bytes` decompressed or for damaged
    gzip, OSError when it cannot be written.
    """
    digest = hashlib.sha256()
    private = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(private, "wb") as raw:
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=_LEVEL, mtime=0) as f:
            for piece in unpacked(data, max_bytes):
                digest.update(piece)
                f.write(piece)
        raw.flush()
        os.fsync(raw.fileno())
    return digest.hexdigest()


def content_hash(data: bytes, max_bytes: int) -> str:
    """The SHA-256 of an upload's decompressed bytes, equal for a file and its compressed copy."""
    digest = hashlib.sha256()
    for piece in unpacked(data, max_bytes):
        digest.update(piece)
    return digest.hexdigest()


def unpacked(data: bytes, max_bytes: int) -> Iterator[bytes]:
    """The upload's decompressed bytes in pieces, at most `max_bytes` in total."""
    size = 0
    try:
        for piece in pieces(data) or _cut(data):
            size += len(piece)
            if size > max_bytes:
                raise too_large(max_bytes)
            yield piece
    except GzipError as error:
        raise PredictionsError(_FAULTS[error.fault]) from None
    except ZipError as error:
        raise PredictionsError(f"The file {error}") from None


def too_large(max_bytes: int) -> PredictionsError:
    """The refusal of a file that unpacks to more than `max_bytes`."""
    return PredictionsError(
        f"The file has more than {max_bytes >> 20} MB when unpacked, which is the limit. "
        "Keep only id, qa_type and prediction, and upload it again."
    )


def _cut(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), PIECE):
        yield data[start : start + PIECE]
