"""The mirror on the admin's Health tab, against a Hub on loopback that fails and recovers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.admin_visit import Admin
from tests.browser.browser_site import Site, Visitor, see, serve
from tests.core.job_world import wait_for
from tests.hub.emulator import Emulator
from tests.hub.emulator_traffic import WRITE

pytestmark = pytest.mark.browser

PARITY = Path(__file__).resolve().parents[1] / "data" / "evaluation.json"
REPO = "alice/bench"


@pytest.fixture(scope="module")
def hub() -> Iterator[Emulator]:
    """A Hub that rejects all tokens."""
    with Emulator() as found:
        found.add_repo(REPO)
        found.fault(r"/api/", times=-1, status=401)
        yield found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, hub: Emulator) -> Iterator[Site]:
    """A server with a ground truth, since demo data is not mirrored."""
    folder = tmp_path_factory.mktemp("site")
    truth = folder / "truth.json"
    truth.write_text(json.dumps(json.loads(PARITY.read_text(encoding="utf-8"))["ground_truth"]))
    with serve(
        folder,
        MEDVIDBENCH_GROUND_TRUTH=str(truth),
        MEDVIDBENCH_HUB_REPO=REPO,
        HF_TOKEN=WRITE,
        HF_ENDPOINT=hub.url,
    ) as served:
        yield served


def test_a_mirror_that_was_refused_is_reported_and_retried_with_one_click(
    visit: Visitor, site: Site, hub: Emulator
) -> None:
    me = Admin(visit("/admin?part=Health"))
    retry = me.page.get_by_role("button", name="Retry now")
    wait_for(lambda: 401 in [request.status for request in hub.log], "a refusal")
    me.look_until(retry)
    see(me.page, REPO)
    see(me.page, "HF_TOKEN")  # what to check
    assert WRITE not in me.page.content()
    me.part("Inbox")
    expect(me.page.get_by_role("radio", name="Inbox (1)")).to_be_checked()
    see(me.page, "Mirror trouble (1)")
    see(me.page, re.compile("HF_TOKEN"))
    hub.heal()
    retry.click()
    me.told("The mirror tries again within ten seconds; refresh then.")
    me.part("Health")
    wait_for(lambda: "retry the mirror" in journal(hub), "the journal")
    me.look_until(me.page.get_by_text("The last round succeeded."))
    assert retry.count() == 0
    me.part("Inbox")
    see(me.page, "Nothing is waiting for you.")
    assert WRITE not in journal(hub)


def journal(hub: Emulator) -> str:
    """As mirrored so far."""
    found = hub.repos[REPO].head.files.get("journal.jsonl")
    return found.data.decode() if found else ""
