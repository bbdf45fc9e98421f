"""Making the synthetic benchmark: its marker, two processes at once, a kill, a full disk."""

import hashlib
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import StoreError
from evaluation.demo.benchmark import FILES, MARKER, SEED, generate, is_complete

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "evaluation.demo")


def digests(folder: Path) -> dict[str, str]:
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (*FILES, MARKER)
    }


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, str(folder), *options], cwd=ROOT, text=True, stderr=subprocess.PIPE
    )


def test_a_second_call_writes_nothing(folder: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    generate(folder)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def no_marker(made: Path) -> None:
    (made / MARKER).unlink()


def cut_marker(made: Path) -> None:
    (made / MARKER).write_bytes((made / MARKER).read_bytes()[:40])


def cut_file(made: Path) -> None:
    path = made / "questions.json"
    path.write_bytes(path.read_bytes()[:-100])


def lost_file(made: Path) -> None:
    (made / "sample_good.json").unlink()


def older_version(made: Path) -> None:
    marker = json.loads((made / MARKER).read_text("utf-8"))
    (made / MARKER).write_text(json.dumps(marker | {"version": 0}), encoding="utf-8")


def copied(folder: Path, made: Path) -> Path:
    made.mkdir()
    for name in (*FILES, MARKER):
        (made / name).write_bytes((folder / name).read_bytes())
    return made


@pytest.mark.parametrize("harm", [no_marker, cut_marker, cut_file, lost_file, older_version])
def test_a_half_made_folder_is_not_considered_complete(
    folder: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    made = copied(folder, tmp_path / "demo")
    assert is_complete(made)
    harm(made)
    assert not is_complete(made)


def test_after_killed_processes_a_half_made_folder_is_created_again(
    folder: Path, tmp_path: Path
) -> None:
    made = copied(folder, tmp_path / "demo")
    for harm in (cut_file, lost_file, older_version):
        harm(made)
    for after in (0.0, 0.1):  # seconds of making, which takes far longer
        before = set(tmp_path.glob(".demo.making-*"))
        maker = start(made)
        while set(tmp_path.glob(".demo.making-*")) <= before:  # one's leftovers, or none yet
            assert maker.poll() is None
            time.sleep(0.01)
        time.sleep(after)
        maker.send_signal(signal.SIGKILL)
        maker.communicate()
        assert not is_complete(made)
    assert list(tmp_path.glob(".demo.making-*")) != []
    generate(made)
    assert digests(made) == digests(folder)
    assert list(tmp_path.glob(".demo.making-*")) == []


def test_two_processes_at_once_agree_with_each_other_and_with_this_one(
    folder: Path, tmp_path: Path
) -> None:
    makers = [start(tmp_path / "demo"), start(tmp_path / "demo", "--seed", str(SEED))]
    assert [maker.communicate()[1] for maker in makers] == ["", ""]
    assert [maker.returncode for maker in makers] == [0, 0]
    assert digests(tmp_path / "demo") == digests(folder)
    assert list(tmp_path.glob(".demo.making-*")) == []


def test_two_other_seeds_at_once_replace_the_files_by_those_of_one(
    folder: Path, tmp_path: Path
) -> None:
    made = copied(folder, tmp_path / "demo")
    makers = [start(made, "--seed", seed) for seed in ("1", "2")]
    assert [maker.communicate()[1] for maker in makers] == ["", ""]
    assert is_complete(made, 1) != is_complete(made, 2)
    assert not is_complete(made)
    ours, first = digests(made), digests(folder)
    assert all(ours[name] != first[name] for name in FILES)


def test_a_full_disk_is_one_clear_line_and_the_old_files_remain(
    folder: Path, tmp_path: Path
) -> None:
    made = copied(folder, tmp_path / "demo")
    limited = "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (2_000_000, 2_000_000))\n"
    code = f"{limited}from evaluation.demo.benchmark import main; raise SystemExit(main())"
    run = subprocess.run(
        [sys.executable, "-c", code, str(made), "--seed", "1"],
        cwd=ROOT, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert re.fullmatch(r"Demo data: cannot write .*: File too large\. .*\n", run.stderr)
    assert digests(made) == digests(folder)
    assert list(tmp_path.glob(".demo.making-*")) == []


def test_a_file_in_the_way_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("mine", encoding="utf-8")
    with pytest.raises(StoreError, match=r"cannot write .*demo"):
        generate(tmp_path / "demo")
    assert (tmp_path / "demo").read_text("utf-8") == "mine"
