"""A file's content as a list of pieces: unchanged ones are kept between changes."""

from collections.abc import Iterable
from io import BytesIO
from typing import Final

Pieces = list[bytes]


class Joined:
    """The content of files joined, each in memory that is kept for its next content.

    Allocating a file of 1 MB anew for each change takes longer than joining its pieces.
    """

    def __init__(self) -> None:
        self._kept: Final[dict[str, BytesIO]] = {}

    def block(self, name: str, pieces: Iterable[bytes]) -> memoryview:
        """The content of the file `name`, until this is called for it again."""
        kept = self._kept.pop(name, None) or BytesIO()
        try:
            kept.seek(0)
            kept.writelines(pieces)
        except BufferError:  # the traceback of a failure still refers to the last content
            kept = BytesIO()
            kept.writelines(pieces)
        self._kept[name] = kept
        return kept.getbuffer()[: kept.tell()]
