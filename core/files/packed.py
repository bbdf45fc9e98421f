"""Decompresses an upload: gzip, or a zip archive with one file."""

from collections.abc import Iterator
from typing import Final

from core.files.gzip_pieces import MAGIC
from core.files.gzip_pieces import pieces as gzip_pieces

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")


def pieces(data: bytes) -> Iterator[bytes] | None:
    """The decompressed bytes in pieces; None if `data` is not compressed, by its first bytes.

    Reading them raises GzipError or ZipError.
    """
    if data.startswith(MAGIC):
        return gzip_pieces(data)
    if data.startswith(_ZIP):
        from core.files.zip_pieces import pieces as zip_pieces  # imports zipfile, only for one

        return zip_pieces(data)
    return None
