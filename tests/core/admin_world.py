"""A real store with three published models for the admin's tests, with helpers."""

from pathlib import Path
from typing import Any

import pytest

from core.errors import RefusedError
from core.model.entries import Entry
from core.model.state import State
from core.store.store import Store
from core.usecases.services import Services
from tests.core.services_world import world
from tests.core.store_world import publish

ADMIN = "admin"


def published(folder: Path) -> Services:
    found = world(folder, min_records=1, max_running=1)
    for number in (1, 2, 3):
        publish(found.store, number)
    return found


def community(services: Services, number: int = 1) -> Entry:
    state = services.store.read()
    return next(e for e in state.community if e.entry_id == f"entry-{number}")


def refused(act: Any, *arguments: Any, **named: Any) -> dict[str, str]:
    with pytest.raises(RefusedError) as error:
        act(*arguments, **named)
    return error.value.problems


def same(services: Services, before: State) -> None:
    assert services.store.read() == before
    assert services.store.verify() == []
    assert Store(services.settings.root).read() == before
