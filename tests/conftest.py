"""What holds for all tests: a slow or busy machine is no failure, and nothing is left behind."""

import pytest
from hypothesis import HealthCheck, settings

# Folders, those with the longest files first.
_LONG = ("browser", "server", "judge", "scale", "core", "evaluation")
settings.register_profile(
    "any machine", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


# Folders of processes that serve; other files and tests say so themselves.
_SLOW = ("browser", "server", "scale")


def pytest_itemcollected(item: pytest.Item) -> None:
    """`make check` leaves out what needs a server, though it be named in no file of these."""
    if item.path.parent.name in _SLOW:
        item.add_marker(pytest.mark.slow)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: a worker takes whole files, in this order."""
    rank = {name: place for place, name in enumerate(_LONG)}
    items.sort(key=lambda item: rank.get(item.path.parent.name, len(rank)))
