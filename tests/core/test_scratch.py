"""A temporary folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.files.scratch import scratch
from core.settings import REPOSITORY
from tests.read_only import obey_modes


def test_it_goes_with_all_that_is_in_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="inside"), scratch("one-", tmp_path) as folder:
        (folder / "below").mkdir()
        (folder / "below" / "file").write_text("x")
        raise ValueError("inside")
    assert not list(tmp_path.iterdir())


def test_a_disk_that_became_read_only_is_no_error_at_its_end(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from core.files.scratch import scratch\n"
        "parent = Path(sys.argv[1])\n"
        "with scratch('one-', parent) as folder:\n"
        "    (folder / 'file').write_text('x')\n"
        "    folder.chmod(0o500)\n"
        "    parent.chmod(0o500)\n"
        "print('done')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        preexec_fn=obey_modes,
        check=False,
    )
    left = [path.name for path in tmp_path.rglob("*")]
    tmp_path.chmod(0o700)
    assert (done.stdout, done.stderr) == ("done\n", "")
    assert "file" in left
