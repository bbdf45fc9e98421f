"""The mirror's command on a read-only disk: one sentence, no traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import REPOSITORY
from tests.hub.emulator_traffic import WRITE
from tests.hub.mirror_world import NAME, Make
from tests.read_only import obey_modes, read_only

pytestmark = pytest.mark.slow


def test_push_and_pull_on_a_read_only_disk_are_one_sentence(make: Make, tmp_path: Path) -> None:
    other, one = make("other"), make("one")
    other.publish(1)
    other.mirror.sync(force=True)
    one.publish(2)
    truth = tmp_path / "truth.json"
    truth.write_text(json.dumps([]))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environment = {
        **kept,
        "MEDVIDBENCH_DATA_DIR": str(one.settings.data_dir),
        "MEDVIDBENCH_GROUND_TRUTH": str(truth),
        "MEDVIDBENCH_HUB_REPO": NAME,
        "HF_TOKEN": WRITE,
        "HF_ENDPOINT": one.settings.hub_endpoint,
    }
    with read_only(one.root):
        for command in ("push", "pull"):
            done = subprocess.run(
                [sys.executable, "-m", "core.mirror", command],
                cwd=REPOSITORY,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                preexec_fn=obey_modes,
            )
            assert done.returncode == 1
            assert done.stderr.count("\n") == 1, done.stderr
            assert "permission denied" in done.stderr
            assert str(one.root) in done.stderr
