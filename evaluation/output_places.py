"""Where a command may write. Uses only the standard library."""

from collections.abc import Sequence
from pathlib import Path

from core.errors import StoreError


def check_outputs(outputs: Sequence[Path], inputs: Sequence[Path]) -> None:
    """Refuses output paths that cannot be written, before any work (StoreError)."""
    taken = {path.resolve() for path in inputs}
    for path in outputs:
        target = path.resolve()
        if target in taken:
            raise StoreError(f"{path} is already used by this command. Give another output file.")
        taken.add(target)
        if target.exists() and not target.is_file():
            raise StoreError(f"{path} is not a regular file. Give another output file.")
        if not target.parent.is_dir():
            raise StoreError(f"{path} cannot be written: its folder does not exist. Create it.")
