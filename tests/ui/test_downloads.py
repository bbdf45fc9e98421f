"""A file made on click is kept until it is fetched, regardless of other visitors."""

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from core.ui import downloads

DATA, NAME, KIND = b"a,b\r\n", "data.csv", "text/csv"


def fetched_after_runs(manager: MediaFileManager, held: bool) -> bytes:
    """Click, and fetch the file after three runs of other visitors' pages."""

    def make() -> bytes:
        if held:
            downloads.hold(manager, DATA, NAME, KIND)
        return DATA

    url = manager.execute_deferred(manager.add_deferred(make, KIND, "1.2", NAME))
    for _ in range(3):
        manager.remove_orphaned_files()
    storage = manager._storage
    assert isinstance(storage, MemoryMediaFileStorage)
    return storage.get_file(url.rsplit("/", maxsplit=1)[1]).content


def test_a_file_survives_other_readers_runs() -> None:
    manager = MediaFileManager(MemoryMediaFileStorage("/media"))
    assert fetched_after_runs(manager, held=True) == DATA


def test_streamlit_alone_drops_it() -> None:
    """Once this fails, core.ui.downloads is no longer needed."""
    manager = MediaFileManager(MemoryMediaFileStorage("/media"))
    with pytest.raises(MediaFileStorageError):
        fetched_after_runs(manager, held=False)


def test_only_the_last_files_are_held() -> None:
    manager = MediaFileManager(MemoryMediaFileStorage("/media"))
    for number in range(100):
        downloads.hold(manager, str(number).encode(), NAME, KIND)
    for _ in range(2):
        manager.remove_orphaned_files()
    assert len(manager._file_metadata) == 32
