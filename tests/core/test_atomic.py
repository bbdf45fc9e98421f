"""Atomic file replacement: modes, several files together, the state after a failure."""

import os
import stat
from pathlib import Path

import pytest

from core.errors import StoreError
from core.files import atomic
from tests.core.store_world import leftovers


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_made_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    atomic.write(path, b"one")
    atomic.write(path, b"")
    assert path.read_bytes() == b""
    atomic.write(path, b"two" * 100_000)
    assert path.read_bytes() == b"two" * 100_000
    assert leftovers(tmp_path) == []


def test_files_are_for_this_user_only_unless_asked(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        atomic.write(tmp_path / "private", b"")
        os.umask(0o077)
        atomic.write(tmp_path / "public", b"", mode=0o644)
    finally:
        os.umask(before)
    assert mode(tmp_path / "private") == 0o600
    assert mode(tmp_path / "public") == 0o644


def test_an_open_file_keeps_its_old_content(tmp_path: Path) -> None:
    path = tmp_path / "x"
    atomic.write(path, b"old")
    with path.open("rb") as reader:
        atomic.write(path, b"new")
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new"


def test_what_is_prepared_and_not_published_leaves_nothing(tmp_path: Path) -> None:
    atomic.write(tmp_path / "a", b"old")
    with pytest.raises(KeyError), atomic.Replacement(tmp_path) as replacement:
        replacement.prepare("a", b"new")
        replacement.prepare("b", b"new")
        raise KeyError
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def test_several_files_are_replaced_together(tmp_path: Path) -> None:
    atomic.write_all([(tmp_path / "a", b"1", None), (tmp_path / "b", b"2", None)])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"1", "b": b"2"}


def test_a_folder_in_the_way_is_an_error_and_the_others_are_whole(tmp_path: Path) -> None:
    (tmp_path / "b" / "inside").mkdir(parents=True)
    with pytest.raises(StoreError, match="Cannot replace files in"):
        atomic.write_all([(tmp_path / "a", b"1", None), (tmp_path / "b", b"2", None)])
    assert leftovers(tmp_path) == []
    assert (tmp_path / "b" / "inside").is_dir()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such file or folder") as raised:
        atomic.write(tmp_path / "no" / "x", b"")
    assert str(tmp_path / "no" / "x") in str(raised.value)
    assert "The old file is unchanged" in str(raised.value)


def test_files_written_and_then_synced_are_on_disk_or_named(tmp_path: Path) -> None:
    with atomic.Replacement(tmp_path) as replacement:
        for name in ("a", "b"):
            replacement.write(name, memoryview(name.encode() * 100_000))
        replacement.sync()
        replacement.publish()
    missing = tmp_path / "no"
    with (
        pytest.raises(StoreError, match="no such file or folder") as raised,
        atomic.Replacement(missing) as replacement,
    ):
        replacement.write("x", b"")
    assert str(missing / "x") in str(raised.value)
    assert (tmp_path / "b").read_bytes() == b"b" * 100_000
    assert mode(tmp_path / "a") == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_what_was_written_but_not_synced_is_removed_and_closed(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), atomic.Replacement(tmp_path) as replacement:
        for name in ("a", "b"):
            replacement.write(name, b"x")
        assert len(open_in(tmp_path)) == 2
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    assert open_in(tmp_path) == []


def open_in(folder: Path) -> list[str]:
    """The files of a folder that this process has open; other threads may open files elsewhere."""
    links = (os.path.realpath(handle) for handle in Path("/proc/self/fd").iterdir())
    return [name for name in links if name.startswith(f"{folder}/")]


def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"untouched")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    atomic.write(tmp_path / "link", b"new")
    assert (tmp_path / "target").read_bytes() == b"untouched"
    assert not (tmp_path / "link").is_symlink()


def test_folders_are_made_private_and_stay_as_they_are(tmp_path: Path) -> None:
    atomic.make_folder(tmp_path / "a" / "b")
    assert mode(tmp_path / "a" / "b") == 0o700
    (tmp_path / "a" / "b").chmod(0o755)
    atomic.make_folder(tmp_path / "a" / "b")
    assert mode(tmp_path / "a" / "b") == 0o755


def test_a_file_where_a_folder_is_needed_is_named(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    for folder in (tmp_path / "x", tmp_path / "x" / "y"):
        with pytest.raises(StoreError, match="a file exists where a folder is needed"):
            atomic.make_folder(folder)


def test_leftovers_of_killed_writers_go_and_files_in_use_stay(tmp_path: Path) -> None:
    with atomic.Replacement(tmp_path) as replacement:
        replacement.prepare("x", b"in use")
        old = tmp_path / ".new-0123456789abcdef.tmp"
        old.write_bytes(b"left")
        os.utime(old, (1, 1))
        (tmp_path / "mine.tmp").write_bytes(b"not ours")
        os.utime(tmp_path / "mine.tmp", (1, 1))
        atomic.remove_leftovers(tmp_path)
        replacement.publish()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.tmp", "x"]
    atomic.remove_leftovers(tmp_path / "missing")
