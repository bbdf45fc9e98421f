"""A repo whose journal has form 1: one machine converts it and pushes (docs/mirror.md)."""

from pathlib import Path
from typing import Final

from core.errors import StoreError
from core.store import journal
from core.store.lines import KEPT_AS, begins_with_form_1

_NOT_CONVERTED: Final = (
    "The journal in the dataset repo has form 1, and this program reads form 2. Nothing was "
    "changed. On one machine with that journal, with the servers stopped: "
    "python -m core.store convert, then python -m core.mirror push (docs/mirror.md)."
)
_OTHER_CONVERTED: Final = (
    "The journal in the dataset repo has form 1 and contains changes that were not in the one that "
    f"was converted here ({KEPT_AS}). Nothing was changed. Convert and push on the "
    "machine that sent them; then start this one with an empty data folder (docs/mirror.md)."
)


def unless_converted(root: Path, remote: bytes) -> bytes:
    """The repo's journal; empty if it has form 1 and was converted in this folder.

    The next push then replaces it with the converted journal. Raises StoreError for any other
    journal of form 1.
    """
    if not begins_with_form_1(remote):
        return remote
    kept = journal.read(root / KEPT_AS, 0)
    if kept.startswith(remote):
        return b""
    raise StoreError(_OTHER_CONVERTED if kept else _NOT_CONVERTED)
