"""Settings for all tests: slow machines are not failures, and nothing is left behind."""

import gc
from collections.abc import Generator, Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import evaluation  # noqa: F401 - before numpy: it lets numpy use one thread, as evaluations do

_UNTIL = 0.8  # the share of the quick files that have begun when the last slow one begins
settings.register_profile(
    "any machine", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


# Folders with tests that start servers; other files and tests are marked individually.
_SLOW = ("browser", "server", "scale")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark tests that need a server as slow, so that `make check` leaves them out."""
    if item.path.parent.name in _SLOW:
        item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect no garbage while modules are imported, which makes none, and none of theirs later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True, scope="module")
def _frozen() -> None:
    """Exclude what exists when a file begins, as caches, from garbage collection.

    It would traverse it each time, and some code under test collects at every call.
    """
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files, each of which one worker runs as a whole.

    Browsers, which use all processors, come first. Then each folder's files are spread evenly, so
    that those that wait, for servers and processes, run beside those that compute. Quick files are
    last, so that no worker ends late.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    folders: dict[tuple[Path, bool], dict[Path, None]] = {}
    for item in items:
        folders.setdefault((item.path.parent, item.path in slow), {})[item.path] = None
    place = {
        path: (_UNTIL if path in slow else 1) * at / len(paths)
        for paths in folders.values()
        for at, path in enumerate(paths)
    }
    items.sort(key=lambda item: (item.path.parent.name != "browser", place[item.path], item.path))


@pytest.fixture(scope="session")
def packages_read_once() -> Iterator[None]:
    """Every AppTest reads the metadata of all installed packages to find components.

    That takes more processor time than the pages themselves, and packages do not change.
    """
    from streamlit.components.v2 import manifest_scanner  # most tests do not need Streamlit

    scan = manifest_scanner.scan_component_manifests
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lru_cache(maxsize=1)(scan))
        yield
