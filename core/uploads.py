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
_WINDOW = 1 << 14
MAX_MEMBERS = 10_000  # a block-packed file of the largest size has a third of that
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
    """The gzip members one after the other; zeros after one are padding.

    Fed in windows: zlib copies what it leaves over, which in a file of a million members
    would be the whole rest each time.
    """
    at = _past_zeros(packed, 0)
    count = 0
    while at < len(packed):
        count += 1
        if count > MAX_MEMBERS:
            raise PredictionsError(
                f"The gzip file holds more than {MAX_MEMBERS:,} parts. Pack it again as one."
            )
        member = zlib.decompressobj(wbits=31)
        left = b""
        while not member.eof:
            if not left:
                left = packed[at : at + _WINDOW]
                at += len(left)
            last = not left
            try:
                piece = member.decompress(left, _PIECE)
            except zlib.error:
                raise PredictionsError(
                    "The gzip file is damaged. Pack it again, or upload the plain .json file."
                ) from None
            left = member.unconsumed_tail
            if piece:
                yield piece
            elif last and not member.eof:
                raise PredictionsError("The gzip file is cut off. Upload it again.")
        at = _past_zeros(packed, at - len(member.unused_data))


def _past_zeros(data: bytes, at: int) -> int:
    """Where the first byte that is not zero stands, from `at` on."""
    while at < len(data):
        window = data[at : at + _WINDOW]
        rest = len(window.lstrip(b"\0"))
        if rest:
            return at + len(window) - rest
        at += len(window)
    return at
