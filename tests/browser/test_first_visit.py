"""The very first visit to a server: on a page that is not the board, and a search on the board."""

import re

import pytest
from browser_site import Visitor, see, settled
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_first_visit_straight_to_a_page_has_navigation_and_content(visit: Visitor) -> None:
    page = visit("/about")
    see(page, "Eight tasks")
    bar = page.get_by_test_id("stTopNavLinkContainer")
    expect(bar).to_have_count(6)
    assert page.get_by_test_id("stSidebarNav").count() == 0
    see(page, "Demo data")


def test_a_search_typed_on_a_freshly_loaded_board_stays(visit: Visitor) -> None:
    page = visit("/?board=Community")
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
    settled(page)
    field = page.get_by_role("textbox", name="Search by name or team")
    field.click()
    page.keyboard.type("qwen")
    see(page, re.compile("models for “qwen”"))
    settled(page)
    page.wait_for_timeout(1500)  # a field made anew comes after the run of the first letters
    expect(field).to_have_value("qwen")
    expect(field).to_be_focused()
    see(page, re.compile("models for “qwen”"))
