"""Keeps an upload: unpacked within a limit, packed again, its content named by a hash.

Works in pieces, so that a large or hostile file costs the server no more memory than
the upload itself. What the file holds is the check's business (core.upload_check).
"""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from core.errors import PredictionsError

_GZIP = b"\x1f\x8b"
_PIECE = 1 << 20
_LEVEL = 6


def keep_upload(data: bytes, target: Path, max_bytes: int) -> str:
    """Write the upload to `target` as gzip; return the SHA-256 of its unpacked bytes.

    `data` is plain or gzip, known by its first bytes. The same content always gives the
    same file. Raises PredictionsError beyond `max_bytes` unpacked or for damaged gzip,
    OSError when it cannot be written.
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
    """The SHA-256 of an upload's unpacked bytes: equal for a file and its packed form."""
    digest = hashlib.sha256()
    for piece in unpacked(data, max_bytes):
        digest.update(piece)
    return digest.hexdigest()


def unpacked(data: bytes, max_bytes: int) -> Iterator[bytes]:
    """The upload's plain bytes, piece by piece, never more than `max_bytes` in all."""
    size = 0
    for piece in _members(data) if data[:2] == _GZIP else _pieces(data):
        size += len(piece)
        if size > max_bytes:
            raise PredictionsError(
                f"The file holds more than {max_bytes >> 20} MB when unpacked, which is the limit. "
                "Leave out everything but id, qa_type and prediction, and upload it again."
            )
        yield piece


def _pieces(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _PIECE):
        yield data[start : start + _PIECE]


def _members(packed: bytes) -> Iterator[bytes]:
    """The gzip members one after the other; zeros after the last are padding."""
    while packed:
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            try:
                piece = member.decompress(packed, _PIECE)
            except zlib.error:
                raise PredictionsError(
                    "The gzip file is damaged. Pack it again, or upload the plain .json file."
                ) from None
            packed = member.unconsumed_tail
            if piece:
                yield piece
            elif not packed and not member.eof:
                raise PredictionsError("The gzip file is cut off. Upload it again.")
        packed = member.unused_data.lstrip(b"\0")
