"""Files are written completely or not at all, and all of them or none."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import StoreError
from evaluation import output
from evaluation.output_places import check_outputs

ROOT = Path(__file__).parents[2]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_modes_and_contents(tmp_path):
    public, private = tmp_path / "a.json", tmp_path / "b.json"
    output.write_all([(public, b"1", False), (private, b"2", True)])
    assert (public.read_bytes(), private.read_bytes()) == (b"1", b"2")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert names(tmp_path) == ["a.json", "b.json"]


def test_one_failure_leaves_every_file_as_it_was(tmp_path):
    old = tmp_path / "a.json"
    old.write_bytes(b"old")
    with pytest.raises(StoreError, match="Cannot write"):
        output.write_all([(old, b"new", False), (tmp_path / "none" / "b.json", b"2", True)])
    assert old.read_bytes() == b"old"
    assert names(tmp_path) == ["a.json"]


@pytest.mark.slow
def test_a_full_disk_is_one_error_and_leaves_nothing(tmp_path):
    # A file-size limit makes a write fail like a full disk, even for root.
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from core.errors import StoreError; from evaluation import output\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: output.write_all([(Path(sys.argv[1]), b'x' * 5000, True)])\n"
        "except StoreError as error: print(error)\n"
    )
    target = tmp_path / "out.json"
    target.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", code, str(target)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "Cannot write" in done.stdout, done.stderr
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["out.json"]


@pytest.mark.parametrize(
    ("place", "message"),
    [("in.json", "already used"), (".", "not a regular file"), ("none/out.json", "folder")],
)
def test_places_are_checked_first(tmp_path, place, message):
    given = tmp_path / "in.json"
    given.write_bytes(b"1")
    with pytest.raises(StoreError, match=message):
        check_outputs([tmp_path / place], [given])


def test_two_outputs_need_two_places(tmp_path):
    with pytest.raises(StoreError, match="already used"):
        check_outputs([tmp_path / "a", tmp_path / "b" / ".." / "a"], [])
