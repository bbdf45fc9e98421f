"""Fixtures of the job tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from job_world import World


@pytest.fixture
def world(tmp_path: Path) -> "Iterator[World]":
    """A data folder of its own with truth; whatever runs in it ends with the test."""
    from job_world import World  # here: other tests of this folder do not need jobs

    made = World(tmp_path)
    yield made
    made.close()
