"""Lost sessions and files, and failing writes."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.admin_visit import Admin, sign_in
from tests.browser.browser_site import Visitor, Windows, see, serve, settled
from tests.browser.shortcuts import some
from tests.read_only import obey_modes, read_only

pytestmark = pytest.mark.browser

AGAIN = "Choose the file again: the server has lost it"


def choose(page: Page, path: Path) -> None:
    page.locator("input[type=file]").set_input_files(path)


def test_every_page_survives_a_restart_of_the_server(tmp_path: Path, windows: Windows) -> None:
    """As after a laptop's sleep: the session and its content are gone."""
    with serve(tmp_path) as site:
        port = urlsplit(site.url).port or 0
        visit = Visitor(windows, site)
        page = visit()
        choose(page, some(site, tmp_path, "any.ending"))  # the check says what a file is
        expect(page.get_by_role("table")).to_be_visible()
        page.get_by_role("textbox", name="Model name (required)").fill("Kept")
        page.get_by_role("textbox", name="Organization (required)").fill("Ghent University")
        page.get_by_text("I have read the terms of submission.").click()
        others = [visit(one) for one in ("/", "/about", "/judge_status", "/model", "/compare")]
        owner = visit("/owner")
        owner.get_by_role("textbox", name="Submission key").fill("mvb-" + "x" * 32)
        admin = visit("/admin")
        sign_in(admin)
        expect(admin.get_by_role("button", name="Sign out")).to_be_visible()
    with serve(tmp_path, port=port):
        see(page, AGAIN)
        page.get_by_role("button", name="Submit and evaluate").click()
        see(page, re.compile("Not submitted. Fix the problem"))
        assert page.get_by_role("textbox", name="Model name (required)").input_value() == "Kept"
        choose(page, some(site, tmp_path, "second.json"))
        expect(page.get_by_role("table")).to_be_visible()
        page.get_by_role("button", name="Submit and evaluate").click()
        see(page, "copy it now")
        owner.get_by_role("button", name="Open").click()
        see(owner, "No submission has this key")
        sign_in(admin)
        expect(admin.get_by_role("button", name="Sign out")).to_be_visible()
        for one in others:
            settled(one)
            expect(one.get_by_test_id("stException")).to_have_count(0)
            expect(one.get_by_role("dialog")).to_have_count(0)
        visit.leave()
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_full_disk_gives_a_sentence_each_time_and_health_works(
    tmp_path: Path, windows: Windows
) -> None:
    with serve(tmp_path, begin=obey_modes) as site:
        visit = Visitor(windows, site)
        me = Admin(visit("/admin?part=Health"))
        stranger, participant = visit("/admin"), visit()
        settled(participant)
        with read_only(tmp_path / "data"):
            me.page.get_by_role("button", name="Refresh").click()
            see(me.page, "free of")
            settled(me.page)
            sign_in(stranger)
            see(stranger, "The server could not check it")
            choose(participant, site.samples / "sample_good.json")
            see(participant, "its disk does not accept data")
            me.page.get_by_role("button", name="Refresh").click()
            see(me.page, "Cannot take an upload in")
            for page in (me.page, stranger, participant):
                assert "AxiosError" not in page.content()
                expect(page.get_by_test_id("stException")).to_have_count(0)
        choose(participant, site.samples / "sample_flawed.json")
        expect(participant.get_by_role("table")).to_be_visible()
        visit.leave()
    assert "Traceback" not in (tmp_path / "log").read_text()
