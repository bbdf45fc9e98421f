"""The admin page in a real browser: the door, promoting and deleting with undo, a phone."""

import re

import pytest
from browser_site import ADMIN_PASSWORD, Site, Visitor, see
from playwright.sync_api import Page, expect

from core.entries import BoardName
from core.published import published_state
from core.state import State
from core.store import Store

pytestmark = pytest.mark.browser

MODEL = "QWen3VL-adapter-f"


def state(site: Site) -> State:
    return Store(site.root, published_state()).read()


def names(site: Site, board: BoardName) -> list[str]:
    return [entry.model_name for entry in state(site).board(board)]


def sign_in(page: Page, password: str) -> None:
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def press(page: Page, name: str, within: str = "") -> None:
    place = page.get_by_role("dialog") if within == "dialog" else page.locator(within or "body")
    place.get_by_role("button", name=name, exact=True).first.click()


def row(page: Page, site: Site) -> str:
    entry = next(e for e in state(site).community if e.model_name == MODEL)
    return f".st-key-row_{entry.entry_id}"


def test_wrong_password_then_promote_and_delete_each_undone_then_out(
    visit: Visitor, site: Site
) -> None:
    page = visit("/")
    page.get_by_role("link", name="Admin").click()
    sign_in(page, "wrong")
    see(page, re.compile("This is not the password"))
    sign_in(page, ADMIN_PASSWORD)
    page.get_by_text("Community", exact=True).click()
    expect(page).to_have_url(re.compile("part=Community"))

    press(page, "Promote", row(page, site))
    see(page, "What is copied")
    press(page, "Promote", "dialog")
    see(page, f"Promoted “{MODEL}” to the Official board.")
    assert MODEL in names(site, "official")
    press(page, "Undo")
    see(page, f"Undone: Promoted “{MODEL}” to the Official board.")
    assert MODEL in names(site, "community")

    press(page, "Delete", row(page, site))
    press(page, "Delete", "dialog")
    see(page, f"Deleted “{MODEL}”.")
    assert MODEL not in names(site, "community")
    press(page, "Undo")
    see(page, f"Undone: Deleted “{MODEL}”.")
    assert MODEL in names(site, "community")

    press(page, "Sign out")
    see(page, "Signed out.")
    expect(page.get_by_text(MODEL)).to_have_count(0)
    page.go_back()
    expect(page.get_by_text(MODEL)).to_have_count(0)


def test_the_page_does_not_scroll_sideways_on_a_phone(visit: Visitor, site: Site) -> None:
    page = visit("/admin?part=Community", width=390)
    sign_in(page, ADMIN_PASSWORD)
    see(page, MODEL)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
