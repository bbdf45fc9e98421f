"""Caches lookups that Streamlit would repeat for each page that a test opens."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def _packages_read_once(packages_read_once: None) -> None:
    pass
