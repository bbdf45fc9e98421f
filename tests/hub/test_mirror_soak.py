"""A small soak; `make bench` runs the full one and prints its figures."""

from pathlib import Path

import pytest

from tests.hub.soak import PER_HOUR, run

pytestmark = pytest.mark.slow


def test_local_is_remote_is_the_fold_after_faults_and_kills(tmp_path: Path) -> None:
    outcome = run(tmp_path, machines=4, count=25, faults=0.2, kills=4, seed=3)
    assert outcome.problems == []
    assert outcome.failed > 0
    assert outcome.landed <= 4 * PER_HOUR
