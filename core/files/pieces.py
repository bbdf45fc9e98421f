"""A file's content as a list of pieces: unchanged ones are kept between changes, and a large file
is written and hashed in parts of about 1 MB.

One allocation for the whole file at each change takes longer than writing it.
"""

from collections.abc import Iterator
from typing import Final

Pieces = list[bytes]
_AT_A_TIME: Final = 2048  # of a board, whose rows have about 1 KB and two pieces: 1 MB


def chunks(pieces: Pieces) -> Iterator[bytes]:
    """The same content in fewer, larger pieces, each created on demand."""
    for start in range(0, len(pieces), _AT_A_TIME):
        yield b"".join(pieces[start : start + _AT_A_TIME])
