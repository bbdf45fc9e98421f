"""Decompresses gzip in pieces, within limits that no file can exceed.

Uses zlib instead of the gzip module, so that nothing is decompressed before it is needed. Shared
with evaluation/; each words the errors for its own readers.
"""

import zlib
from collections.abc import Generator, Iterator
from typing import Literal

MAGIC = b"\x1f\x8b"
MAX_MEMBERS = 10_000  # a bgzip file of the largest size has a third of that
PIECE = 1 << 20
_WINDOW = 1 << 14


class GzipError(Exception):
    """The compressed data is invalid; the message says why."""

    def __init__(self, fault: Literal["damaged", "cut off", "too many members"]) -> None:
        super().__init__(fault)
        self.fault = fault


def pieces(packed: bytes) -> Iterator[bytes]:
    """The decompressed bytes of all members, at most PIECE at a time. Raises GzipError.

    Members follow each other; zeros before and after one are (tape) padding.
    """
    at = _past_zeros(packed, 0)
    members = 0
    while at < len(packed):
        members += 1
        if members > MAX_MEMBERS:
            raise GzipError("too many members")
        end = yield from _member(packed, at)
        at = _past_zeros(packed, end)


def _member(packed: bytes, at: int) -> Generator[bytes, None, int]:
    """The pieces of the member at `at`; returns where it ends.

    Fed in windows: zlib copies unused input, which in a file of a million members would be the
    whole rest each time.
    """
    member = zlib.decompressobj(wbits=31)
    left = b""
    while not member.eof:
        if not left:
            left = packed[at : at + _WINDOW]
            at += len(left)
        last = not left
        try:
            piece = member.decompress(left, PIECE)
        except zlib.error:
            raise GzipError("damaged") from None
        left = member.unconsumed_tail
        if piece:
            yield piece
        elif last and not member.eof:
            raise GzipError("cut off")
    return at - len(member.unused_data)


def _past_zeros(data: bytes, at: int) -> int:
    """The position of the first nonzero byte from `at` on."""
    while at < len(data):
        window = data[at : at + _WINDOW]
        rest = len(window.lstrip(b"\0"))
        if rest:
            return at + len(window) - rest
        at += len(window)
    return at
