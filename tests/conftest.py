"""Settings for all tests: slow machines are not failures, and nothing is left behind."""

import gc

import pytest
from hypothesis import HealthCheck, settings

# Folders, those with the longest files first.
_LONG = ("browser", "server", "judge", "scale", "core", "evaluation")
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


def pytest_collection_finish() -> None:
    """Exclude the tests themselves from garbage collection, which would always traverse them."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the slowest files: a worker runs whole files, in this order."""
    rank = {name: place for place, name in enumerate(_LONG)}
    items.sort(key=lambda item: rank.get(item.path.parent.name, len(rank)))
