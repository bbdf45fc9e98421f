"""Personal data outside the journal: private/<ref>.json, one file per reference.

Changes and boards store only the reference, so the file can be erased without
breaking the journal's hash chain.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.errors import EntryError, StoreError
from core.files import atomic
from core.files.ids import is_id, new_id
from core.files.json_text import dumps
from core.files.schema import upgraded

SCHEMA = 1
_WORD = re.compile(rb'"([A-Za-z0-9_-]+)"')  # a string in the journal that consists of id characters
_DAY_S = 24 * 3600.0


class PersonalFiles(Mapping[str, Mapping[str, Any]]):
    """The folder as a mapping from reference to content, read on demand."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, ref: str) -> Mapping[str, Any]:
        if not is_id(ref):
            raise KeyError(ref)
        path = self._path(ref)
        try:
            record = upgraded(json.loads(path.read_bytes()))
            found: dict[str, Any] = record["data"]
        except FileNotFoundError:
            raise KeyError(ref) from None
        except OSError as error:
            raise atomic.store_error(error, "Cannot read", path, "Nothing was changed.") from error
        except (ValueError, TypeError, KeyError, AttributeError, EntryError) as error:
            # The content is private: quote neither the file nor the decoder's message.
            raise StoreError(
                f"{path}: not a private record. Restore it from a backup, or delete it to erase it."
            ) from error
        return found

    def __iter__(self) -> Iterator[str]:
        return (path.stem for path in self._folder.glob("*.json") if is_id(path.stem))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def add(self, data: Mapping[str, Any], ref: str = "") -> str:
        """Write a record, readable by this user only, and return its reference (a new one)."""
        ref = ref or new_id()
        text = dumps({"schema": SCHEMA, "data": dict(data)})
        atomic.make_folder(self._folder)
        atomic.write(self._path(ref), text.encode())
        return ref

    def erase(self, ref: str) -> bool:
        """Permanently delete a record; false if it is already erased."""
        if not is_id(ref) or not self._path(ref).exists():
            return False
        try:
            self._path(ref).unlink()
            atomic.sync_folder(self._folder)
        except OSError as error:
            raise atomic.store_error(error, "Cannot erase", self._path(ref), "") from error
        return True

    def erase_unnamed(self, journal: bytes) -> None:
        """Erase records older than a day that no change refers to: their change was refused."""
        oldest = time.time() - _DAY_S
        old = {ref for ref in self if self._path(ref).stat().st_mtime < oldest}
        # One pass with the store's lock held, instead of thousands of searches.
        for word in _WORD.finditer(journal) if old else ():
            old.discard(word[1].decode())
        for ref in old:
            self.erase(ref)

    def _path(self, ref: str) -> Path:
        return self._folder / f"{ref}.json"
