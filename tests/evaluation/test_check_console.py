"""The check at a participant's console: without POSIX, without UTF-8, into a closed pipe."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Modules that Windows' Python lacks, removed before any of ours is imported.
WITHOUT_POSIX = """
import os, sys
for name in ("resource", "fcntl", "pwd", "grp", "termios"):
    sys.modules[name] = None
for name in ("fchmod", "O_NOFOLLOW", "O_DIRECTORY", "fork", "getuid"):
    if hasattr(os, name):
        delattr(os, name)
from evaluation.predictions import main
raise SystemExit(main(sys.argv[1:]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A file that can be scored, and one that cannot; both have a character outside Latin-1."""
    good = [
        {"id": f"v{n}&&0&&9&&1.0", "qa_type": "next_action", "prediction": "→ ✂"} for n in range(9)
    ]
    (tmp_path / "good.json").write_text(json.dumps(good, ensure_ascii=False), encoding="utf-8")
    bad = [{"id": "v&&0&&9&&1.0", "qa_type": "✂", "prediction": "x"}]
    (tmp_path / "bad.json").write_text(json.dumps(bad, ensure_ascii=False), encoding="utf-8")
    return tmp_path


def run(folder: Path, *command: str, **options: Any) -> "subprocess.CompletedProcess[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, timeout=120, check=False, **options
    )


@pytest.mark.slow
@pytest.mark.parametrize(("name", "status"), [("good.json", 0), ("bad.json", 1)])
def test_it_works_without_what_only_posix_has(folder: Path, name: str, status: int) -> None:
    done = run(folder, "-c", WITHOUT_POSIX, name, "--json", "out.json", capture_output=True)
    assert (done.returncode, b"Traceback" in done.stderr) == (status, False), done.stderr
    assert (folder / "out.json").exists()


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize(("name", "status"), [("good.json", 0), ("bad.json", 1)])
def test_a_console_that_cannot_show_a_character_changes_nothing(
    folder: Path, name: str, status: int, encoding: str
) -> None:
    done = run(
        folder, "-m", "evaluation.predictions", name,
        env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}, capture_output=True,
    )  # fmt: skip
    assert done.returncode == status
    assert b"Traceback" not in done.stderr
    assert name.encode() in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("name", "status"), [("good.json", 0), ("bad.json", 1)])
def test_a_reader_that_went_away_changes_nothing(folder: Path, name: str, status: int) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(
            folder, "-m", "evaluation.predictions", name, stdout=writing, stderr=subprocess.PIPE
        )
    finally:
        os.close(writing)
    assert done.returncode == status
    assert b"Traceback" not in done.stderr and b"BrokenPipe" not in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("stdout", [">&-", "> /dev/full"])
@pytest.mark.parametrize(("name", "status"), [("good.json", 0), ("bad.json", 1)])
def test_no_console_or_a_full_disk_changes_nothing(
    folder: Path, name: str, status: int, stdout: str
) -> None:
    shell = f'exec "$0" -m evaluation.predictions {name} {stdout}'
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["/bin/sh", "-c", shell, sys.executable],
        cwd=folder, env=environment, timeout=120, check=False, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (status, b"")
