"""The newest changes of the journal, without reading all of it."""

from pathlib import Path
from typing import Final

from core.store import board_files, journal
from core.store.lines import Line

_MOST_BYTES: Final = 2 << 20  # some hundred changes, of which new versions are the longest


def recent_lines(root: Path, most: int = _MOST_BYTES) -> list[Line]:
    """The last lines that the boards show, within this many bytes. Raises StoreError."""
    head = board_files.read_head(root)
    if head is None:
        return []
    path, start = root / "journal.jsonl", max(0, head.journal_bytes - most)
    data = journal.read(path, start, head.journal_bytes)
    if start:
        data = data.partition(b"\n")[2]  # the first line is incomplete
    return journal.decode(data, journal.START, path).lines
