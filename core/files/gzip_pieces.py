"""Unpacks gzip piece by piece, within bounds that no file can talk its way past.

zlib and not the gzip module: nothing is unpacked before it is asked for, whatever the file
promises. Shared with evaluation/; both word what went wrong for their own reader.
"""

import zlib
from collections.abc import Generator, Iterator
from typing import Literal

MAGIC = b"\x1f\x8b"
MAX_MEMBERS = 10_000  # a block-packed file of the largest size has a third of that
PIECE = 1 << 20
_WINDOW = 1 << 14


class GzipError(Exception):
    """What is wrong with the packed bytes."""

    def __init__(self, fault: Literal["damaged", "cut off", "too many members"]) -> None:
        super().__init__(fault)
        self.fault = fault


def pieces(packed: bytes) -> Iterator[bytes]:
    """The plain bytes of all members, at most PIECE at a time. Raises GzipError.

    Members stand one after the other; zeros before and after one are (tape) padding.
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

    Fed in windows: zlib copies what it leaves over, which in a file of a million members
    would be the whole rest each time.
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
    """Where the first byte that is not zero stands, from `at` on."""
    while at < len(data):
        window = data[at : at + _WINDOW]
        rest = len(window.lstrip(b"\0"))
        if rest:
            return at + len(window) - rest
        at += len(window)
    return at
