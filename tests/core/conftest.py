"""Fixtures of the job tests and the admin's."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from core.usecases.services import Services
    from tests.core.job_world import World


@pytest.fixture
def world(tmp_path: Path) -> "Iterator[World]":
    """A data folder of its own with truth; whatever runs in it ends with the test."""
    from tests.core.job_world import World  # here: other tests of this folder do not need jobs

    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def services(tmp_path: Path) -> "Services":
    """What pages call, on a data folder of its own with three published models."""
    from tests.core.admin_world import published

    return published(tmp_path)


@pytest.fixture(scope="module")
def imports_frozen() -> "Iterator[None]":
    """Holm's correction (statsmodels) collects garbage each time: what is imported is none."""
    gc.freeze()
    yield
    gc.unfreeze()
