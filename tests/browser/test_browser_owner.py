"""An owner in a real browser: submit, correct, withdraw, undo, a new version; a reader reports."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from core.access.device_keys import COOKIE
from core.access.submitter import secret, submitter
from core.changes import submitting
from core.files.ids import new_id
from core.model.entries import Submission
from core.model.published import published_state
from core.model.state import now
from core.store.store import Store
from tests.browser.browser_site import PATIENCE_MS, Site, Visitor, see, select, serve, settled
from tests.browser.shortcuts import rows_at_first, some

pytestmark = pytest.mark.browser
GUARD_S = 240


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server behind a proxy that passes the visitor's address."""
    folder = tmp_path_factory.mktemp("site")
    with serve(folder, MEDVIDBENCH_PROXY_HEADER="X-Forwarded-For") as found:
        yield found


def field(page: Page, label: str):
    return page.get_by_role("textbox", name=label, exact=True)


def row(page: Page, name: str):
    return page.locator(".mvb tbody tr", has_text=name)


def remember(site: Site, owner: Page, key: str) -> None:
    """Have the browser remember a key that is open in this tab."""
    # Nothing is remembered unless requested; then a reload keeps it.
    cookies = owner.context.cookies
    assert not [one for one in cookies() if one["name"] == COOKIE]
    settled(owner)
    owner.get_by_text("Keys", exact=True).click()
    # By keyboard: an expander that is still opening clips what the mouse would hit.
    owner.get_by_role("checkbox", name="Remember on this device").press("Space")
    see(owner, "Remembered on this device.")
    (kept,) = [one for one in cookies() if one["name"] == COOKIE]
    assert (kept["httpOnly"], kept["sameSite"], key in kept["value"]) == (True, "Strict", True)
    owner.reload()
    see(owner, re.compile("^On the Community board"))
    assert key not in owner.content() and key not in (site.root.parents[1] / "log").read_text()
    settled(owner)
    owner.get_by_text("Keys", exact=True).click()
    expect(owner.get_by_role("checkbox", name="Remember on this device")).to_be_checked()


def report(site: Site, board: Page) -> None:
    """Report a problem on a model's page, first without choosing a reason."""
    board.get_by_text("Report a problem with this entry").click()
    wrong = board.get_by_role("textbox", name="What is wrong, and how do you know?")
    about = board.get_by_role("combobox", name="What is it about?")
    board.get_by_role("button", name="Send the report").click()
    see(board, re.compile("^Not sent. Fix the 2 problems below"))
    expect(about).to_be_focused()
    expect(wrong).to_have_attribute("aria-invalid", "true")
    select(about, "Something else")
    wrong.fill("Its name is not <b>its</b> own.")
    board.get_by_role("button", name="Send the report").click()
    see(board, re.compile("The maintainers have your report"))
    (kept,) = json.loads((site.root / "reports.json").read_text(encoding="utf-8"))["reports"]
    assert kept["text"] == "Its name is not <b>its</b> own."


def ask_for_verification(owner: Page) -> None:
    """A contact is required; without one, or with half an address, the field gets the focus."""
    owner.get_by_role("tab", name="Verification").click()
    contact = field(owner, "Contact (required for verification)")
    ask = owner.get_by_role("button", name="Ask for verification")
    for wrong in ("", "owner@lab"):
        contact.fill(wrong)
        ask.click()
        see(owner, re.compile("^Not requested. Fix the problem below"))
        expect(contact).to_be_focused()
        expect(contact).to_have_attribute("aria-invalid", "true")
        expect(contact).to_have_value(wrong)
    contact.fill("owner@lab.org")
    ask.click()
    see(owner, re.compile("^Requested. The maintainers will reach you"))


def test_an_owner_corrects_withdraws_and_restores_and_a_reader_reports(
    site: Site, visit: Visitor, tmp_path: Path
) -> None:
    page = visit()
    see(page, re.compile("^3 tries left"))
    page.locator("input[type=file]").set_input_files(some(site, tmp_path))
    expect(page.get_by_role("table")).to_be_visible(timeout=PATIENCE_MS)
    field(page, "Model name (required)").fill("Owned Model")
    field(page, "Organization (required)").fill("Gent University")
    page.get_by_text("I have read the terms of submission.").click()
    page.get_by_role("button", name="Submit and evaluate").click()
    key = page.get_by_test_id("stCode").get_by_text(re.compile("^mvb-")).inner_text().strip()
    see(page, re.compile("on the Community board"))

    owner = visit("/owner", width=390)
    see(owner, "Submission key")
    assert owner.evaluate("document.documentElement.scrollWidth") <= 390
    assert key not in owner.content()
    field(owner, "Submission key").fill(key)
    owner.get_by_role("button", name="Open").click()
    see(owner, re.compile("^On the Community board"))
    remember(site, owner, key)
    organization = field(owner, "Organization (required)")
    expect(organization).to_have_value("Gent University", timeout=PATIENCE_MS)
    organization.fill("Ghent University")
    ask_for_verification(owner)
    owner.get_by_role("tab", name="Correct").click()
    expect(organization).to_have_value("Ghent University")
    owner.get_by_role("button", name="Save corrections").click()
    see(owner, "Corrected: organization.")
    board = visit("/?board=Community")
    expect(row(board, "Owned Model")).to_contain_text("Ghent University", timeout=PATIENCE_MS)
    expect(row(board, "Owned Model")).to_contain_text("1 try", timeout=PATIENCE_MS)

    row(board, "Owned Model").get_by_role("link", name="Owned Model", exact=True).click()
    see(board, "Report a problem with this entry")
    expect(board).to_have_url(re.compile(r"/model\?id="))
    report(site, board)
    owner.get_by_role("tab", name="Withdraw").click()
    owner.get_by_text("I want to withdraw this entry.").click()
    owner.get_by_role("button", name="Withdraw", exact=False).last.click()
    see(owner, re.compile("in the trash since"))
    shown = rows_at_first(site)
    assert re.search(r"\d+ models", shown)
    assert "Owned Model" not in shown
    owner.get_by_role("button", name="Undo: put it back").click()
    see(owner, "The entry is back on its board.")
    assert "Owned Model" in rows_at_first(site)

    owner.get_by_role("tab", name="New version").click()
    owner.get_by_role("button", name="Upload a new version").click()
    see(owner, "A new version of")
    see(owner, "Owned Model")
    see(owner, re.compile("^3 tries left"))  # a different browser than the one that submitted


def told(site: Site, headers: dict[str, str]) -> str:
    """What the Submit page sends to a session opened by a proxy with these headers."""
    with connect(
        site.url.replace("http", "ws") + "/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        additional_headers=headers,
        max_size=None,
    ) as session:
        message = BackMsg()
        message.rerun_script.page_name = "submit"
        session.send(message.SerializeToString())
        texts = []
        while True:
            answer = ForwardMsg.FromString(bytes(session.recv(timeout=GUARD_S)))
            texts.append(str(answer.delta.new_element))
            if answer.WhichOneof("type") == "script_finished":
                return "\n".join(texts)


def test_the_quota_counts_the_address_that_the_proxy_added(site: Site) -> None:
    text = told(site, {"X-Forwarded-For": "1.2.3.4, 203.0.113.9"})
    assert "counted by your network address" in text
    assert "203.0.113.9" not in text
    key = secret(site.root)
    store = Store(site.root, published_state())
    taken = Submission(
        submission_id=new_id(), model_name="By Address", organization="Lab",
        created=now(), key_hash="0" * 64, predictions_sha256="0" * 64, records=1,
        evaluate_only=True, submitter=submitter(key, "address", "203.0.113.9"),
    )  # fmt: skip
    store.commit(submitting.submit(taken, "test"))
    assert "**2 tries left.**" in told(site, {"X-Forwarded-For": "8.8.8.8,203.0.113.9"})
    assert "**3 tries left.**" in told(site, {"X-Forwarded-For": "203.0.113.9, 8.8.8.8"})
    assert "counted by this browser" in told(site, {})
