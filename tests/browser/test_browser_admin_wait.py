"""Wrong passwords in a real browser: the waiting time, counted down by the second.

Also the first visit to a server, since this file's server has had none.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.access import failed_sign_ins
from core.access.session import attempts_file
from core.access.throttle import Throttle, Ticket
from tests.browser.admin_visit import kinds, sign_in
from tests.browser.browser_site import Site, Visitor, Windows, see, serve

pytestmark = pytest.mark.browser

EARLIER, WAIT_S, LONGER_S = 8, 8, 16  # failures from elsewhere; the wait then, and after one more
_LEFT = re.compile(r"the next attempt is possible in (\d+) s")


@pytest.fixture
def slowed(windows: Windows, tmp_path: Path) -> Iterator[tuple[Site, Visitor]]:
    """A separate server, since all its visitors wait; there were many guesses before."""
    with serve(tmp_path) as site:
        throttle = Throttle(attempts_file(site.root))
        for _ in range(EARLIER):
            throttle.charge("", Ticket())
        visitor = Visitor(windows, site)
        yield site, visitor
        visitor.leave()


def left(page: Page) -> int:
    """The seconds left, as the page shows them."""
    told = page.get_by_text(_LEFT).first
    expect(told).to_be_visible()
    found = _LEFT.search(told.inner_text())
    assert found is not None
    return int(found[1])


def test_the_wait_is_counted_down_and_grows_with_each_wrong_password(
    slowed: tuple[Site, Visitor],
) -> None:
    site, visit = slowed
    # The first visit to a server, not to the board: navigation and page appear.
    page = visit("/admin")
    expect(page.get_by_test_id("stTopNavLinkContainer")).to_have_count(6)
    assert page.get_by_test_id("stSidebarNav").count() == 0
    see(page, "Demo data")
    sign_in(page)  # the correct one: it is not checked
    first = left(page)
    assert 0 < first <= WAIT_S
    expect(page.get_by_text(re.compile(rf"possible in {first} s"))).to_have_count(0)
    see(page, "You can try again now.")
    assert failed_sign_ins.read(site.root) == []
    sign_in(page, "wrong")
    see(page, re.compile("Wrong password"))
    assert [hour.count for hour in failed_sign_ins.read(site.root)] == [1]
    other = visit("/admin")  # a new tab waits as well, longer
    sign_in(other)
    assert WAIT_S < left(other) <= LONGER_S
    expect(other.get_by_role("button", name="Sign out")).to_have_count(0)
    assert [hour.count for hour in failed_sign_ins.read(site.root)] == [1]
    assert kinds(site) == []
