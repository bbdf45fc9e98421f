"""Links that keep the session: no reload, history, focus, phone menu, the admin; no page there."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import looking
from tests.browser.admin_visit import sign_in
from tests.browser.browser_site import Site, Visitor, load, see, settled
from tests.core.job_world import wait_for

pytestmark = pytest.mark.browser

OFFICIAL = re.compile("Official board: .* 10 models")


def link(page: Page, go: str) -> None:
    """Follow a link of the board by its `data-go`."""
    page.locator(f'a[data-go="{go}"]').first.click()


def scripted(page: Page) -> None:
    wait_for(lambda: page.evaluate("window.siteScript"), "the script")


def sorted_by(page: Page, name: str) -> None:
    expect(page.locator(".mvb th[aria-sort]")).to_contain_text(name)
    settled(page)


def board(visit: Visitor, address: str = "/") -> Page:
    page = visit(address)
    # By then the first rows are replaced and the script is loaded.
    expect(page.locator("#mvb-stg_miou")).to_be_attached()
    scripted(page)
    settled(page)
    page.evaluate("window.notReloaded = true")
    return page


def test_back_and_forward_lead_through_the_views_without_a_reload(visit: Visitor) -> None:
    page = board(visit, "/?board=official")
    steps, other = "history.length", board(visit)
    assert page.evaluate(steps) == other.evaluate(steps)  # a correction adds no step
    with other.context.expect_page() as opened:
        other.locator('a[data-go="sort-vs_llm"]').click(modifiers=["Control"])  # opens elsewhere
    sorted_by(opened.value, "VS_llm")
    sorted_by(other, "Average rank")
    link(page, "sort-vs_llm")
    sorted_by(page, "VS_llm")
    expect(page.locator('a[data-go="sort-vs_llm"]')).to_be_focused()
    page.get_by_role("radio", name="Community").click()
    see(page, re.compile("Community board: "))
    link(page, "sort-stg_miou")
    sorted_by(page, "STG_mIoU")
    expect(page).to_have_url(re.compile(r"/\?board=Community&sort=STG_mIoU$"))
    page.go_back()
    sorted_by(page, "VS_llm")
    see(page, re.compile("Community board: "))
    page.go_back()  # the first view: the switch added no step
    see(page, OFFICIAL)
    sorted_by(page, "Average rank")
    page.go_forward()
    sorted_by(page, "VS_llm")
    assert page.evaluate("window.notReloaded") is True


def test_a_page_and_back_again_keeps_who_is_signed_in_and_where_the_reader_was(
    visit: Visitor,
) -> None:
    page = visit("/admin")
    sign_in(page)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.evaluate("window.notReloaded = true")
    page.get_by_role("link", name="Leaderboard", exact=True).click()
    see(page, OFFICIAL)
    settled(page)
    expect(page.locator("#mvb-stg_miou")).to_be_attached()
    # Any page can be linked to: here one that the board has no link to.
    page.evaluate(
        "document.querySelector('.mvb').insertAdjacentHTML('beforeend',"
        ' \'<a href="./about" data-go="about">to About</a>\')'
    )
    down = "document.querySelector('[data-testid=stMain]').scrollTop"
    # The page must be tall enough for that: its charts are drawn after its table.
    wait_for(lambda: page.evaluate(f"({down} = 300, {down})") == 300, "a page of some length")
    link(page, "about")
    title = page.get_by_role("heading", level=1)
    expect(title).to_contain_text("About")
    expect(title).to_be_focused()
    assert page.evaluate(down) == 0
    page.go_back()
    see(page, OFFICIAL)
    wait_for(lambda: page.evaluate(down) >= 250, "the place where the reader was")
    page.get_by_role("link", name="Admin", exact=True).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert page.evaluate("window.notReloaded") is True


def test_a_phones_menu_closes_when_a_page_is_chosen(visit: Visitor) -> None:
    page = visit("/about", width=390)
    expect(page.locator("#contact")).to_be_visible()  # the last that the page draws
    scripted(page)
    with looking(page) as look:
        look.still("About on a phone")
        look.at("About on a phone", "dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Submit").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Submit")
    expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport()


def test_an_address_without_a_page_says_so_and_leads_to_the_board(
    site: Site, visit: Visitor
) -> None:
    page = visit("/submit/x")
    see(page, "There is no page at /submit/x")
    page.get_by_role("link", name="To the leaderboard").click()
    expect(page.get_by_role("heading", name="MedVidBench leaderboard")).to_be_visible()
    load(page, f"{site.url}/Leaderboard")
    expect(page.get_by_role("dialog")).to_have_count(0)
