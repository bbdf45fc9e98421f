"""Caches lookups that Streamlit would repeat for each page that a test opens."""

from collections.abc import Iterator
from functools import lru_cache

import pytest
from streamlit.components.v2 import manifest_scanner


@pytest.fixture(autouse=True, scope="session")
def packages_read_once() -> Iterator[None]:
    """Every AppTest reads the metadata of all installed packages to find components.

    That takes more processor time than the pages themselves, and packages do not change.
    """
    scan = manifest_scanner.scan_component_manifests
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lru_cache(maxsize=1)(scan))
        yield
