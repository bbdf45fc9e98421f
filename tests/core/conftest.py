"""Fixtures of the job tests and the admin's."""

import gc
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from core.usecases.services import Services
    from tests.core.job_world import World


@pytest.fixture
def world(tmp_path: Path) -> "Iterator[World]":
    """A separate data folder with truth; its processes end with the test."""
    from tests.core.job_world import World  # here: other tests of this folder do not need jobs

    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def services(tmp_path: Path) -> "Services":
    """The services of the pages, on a separate data folder with three published models."""
    from tests.core.admin_world import published

    return published(tmp_path)


@pytest.fixture(scope="module")
def imports_frozen() -> None:
    """Holm's correction (statsmodels) runs the garbage collector: exclude imported modules.

    It is imported for this: otherwise its first use comes later, and is not excluded.
    """
    importlib.import_module("statsmodels.stats.multitest")
    gc.freeze()
