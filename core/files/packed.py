"""Decompresses an upload: gzip, or a zip archive with one file."""

from collections.abc import Iterator

from core.files.gzip_pieces import MAGIC
from core.files.gzip_pieces import pieces as gzip_pieces
from core.files.zip_pieces import MAGICS
from core.files.zip_pieces import pieces as zip_pieces


def pieces(data: bytes) -> Iterator[bytes] | None:
    """The decompressed bytes in pieces; None if `data` is not compressed, by its first bytes.

    Reading them raises GzipError or ZipError.
    """
    if data.startswith(MAGIC):
        return gzip_pieces(data)
    if data.startswith(MAGICS):
        return zip_pieces(data)
    return None
