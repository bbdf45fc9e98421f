"""The very first visit to a server, on a page that is not the board."""

import pytest
from browser_site import Visitor, see
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_first_visit_straight_to_a_page_has_navigation_and_content(visit: Visitor) -> None:
    page = visit("/about")
    see(page, "Eight tasks")
    bar = page.get_by_test_id("stTopNavLinkContainer")
    expect(bar).to_have_count(6)
    assert page.get_by_test_id("stSidebarNav").count() == 0
    see(page, "Demo data")
