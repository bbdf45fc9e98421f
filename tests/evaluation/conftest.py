"""The synthetic benchmark, created once per worker."""

from pathlib import Path

import pytest

from evaluation.demo.benchmark import generate


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data") / "demo"
    generate(made)
    return made
