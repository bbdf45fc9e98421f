"""What Streamlit would look up anew for each page that a test opens is looked up once."""

from collections.abc import Iterator
from functools import lru_cache

import pytest
from streamlit.components.v2 import manifest_scanner


@pytest.fixture(autouse=True, scope="session")
def packages_read_once() -> Iterator[None]:
    """Every AppTest reads the metadata of all installed packages, in search of components.

    That took more processor time than the pages themselves; packages do not change meanwhile.
    """
    scan = manifest_scanner.scan_component_manifests
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lru_cache(maxsize=1)(scan))
        yield
