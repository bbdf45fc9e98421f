"""A server's pages, its supervisor and its mirror read and write through one store."""

import gc
from pathlib import Path

import pytest

from core.store.store import Store
from core.ui.session import current_services
from core.usecases.services import services_for
from core.web.supervisor import Supervisor
from tests.pages.visited import open_page, own_server

pytestmark = pytest.mark.slow


def test_a_process_that_serves_and_supervises_has_one_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = own_server(tmp_path, monkeypatch)
    supervisor = Supervisor(served)
    supervisor._tidy()
    for page in ("leaderboard", "submit", "owner", "admin"):
        open_page(page)
    root = served.settings.root
    # isinstance() asks a weak proxy for the class of what it stands for, which raises when that
    # is gone; whose proxies are about depends on the tests that ran before in this process.
    stores = [found for found in gc.get_objects() if type(found) is Store]
    assert [found for found in stores if found._root == root] == [served.store]


def test_settings_that_change_keep_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = own_server(tmp_path, monkeypatch)
    monkeypatch.setenv("MEDVIDBENCH_MIN_RECORDS", "7")
    after = current_services()
    assert after.settings.min_records == 7
    assert after.store is before.store
    assert services_for(after.settings) is after
