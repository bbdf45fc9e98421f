"""Fixtures of the Hub tests: an emulated Hub, its repo, this program's client and the plain one."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.mirror.client import prepare
from core.mirror.repo import Hub
from tests.hub.emulator import Emulator
from tests.hub.emulator_repo import Repo
from tests.hub.emulator_traffic import WRITE

if TYPE_CHECKING:
    from huggingface_hub import HfApi

    from tests.hub.mirror_world import Make

NAME = "alice/bench"


@pytest.fixture(scope="session", autouse=True)
def library(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The library with this program's settings, without writing to the real home folder."""
    prepare(tmp_path_factory.mktemp("hub-home"))


@pytest.fixture
def server() -> Iterator[Emulator]:
    """A running emulator with no repo."""
    with Emulator() as running:
        yield running


@pytest.fixture
def repo(server: Emulator) -> Repo:
    """A private repo on it."""
    return server.add_repo(NAME)


@pytest.fixture
def hub(server: Emulator, repo: Repo, tmp_path: Path) -> Hub:
    """This program's client of that repo."""
    return Hub(NAME, WRITE, endpoint=server.url, home=tmp_path / "cache", timeout_s=30)


@pytest.fixture
def plain(server: Emulator, monkeypatch: pytest.MonkeyPatch) -> "Iterator[HfApi]":
    """The library's own client, without the changes of core.mirror.client."""
    from huggingface_hub import HfApi, close_session
    from huggingface_hub.utils import _http

    close_session()
    monkeypatch.setattr(_http, "_GLOBAL_CLIENT_FACTORY", _http.default_client_factory)
    yield HfApi(endpoint=server.url, token=WRITE)
    close_session()  # the next call creates this program's client again


@pytest.fixture
def make(server: Emulator, repo: Repo, tmp_path: Path) -> "Make":
    """Machines by name, each with a separate folder and mirror, on one repo."""
    from tests.hub.mirror_world import Machine  # here: it imports this program's store and jobs

    return lambda name, **changes: Machine(tmp_path / name, server.url, **changes)
