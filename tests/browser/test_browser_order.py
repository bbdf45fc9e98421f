"""“What would change this order?” in a real browser: open, set weights, share, download, print."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browser_site import PATIENCE_MS, Site, Visitor, check_print, see, settled
from tests.browser.far_away import FAR_AWAY
from tests.browser.published_entry import publish

pytestmark = pytest.mark.browser

PHONE = 390
TITLE = "What would change this order?"
OWN = "Yours, not official"

# Before the page hears what became of a choice: its window comes back to the front, and it looks
# for other people’s changes; or the reader follows a link.
COME_BACK = """() => {
Object.defineProperty(document, 'hidden', { value: true, configurable: true });
addEventListener('keydown', (event) => event.key === 'Enter' && setTimeout(() => {
  delete document.hidden;
  document.dispatchEvent(new Event('visibilitychange'));
}, 100), { capture: true, once: true });
let pressed = performance.now();
window.soonest = Infinity;
addEventListener('keydown', () => { pressed = performance.now(); }, true);
addEventListener('popstate', () => {
  soonest = Math.min(soonest, performance.now() - pressed);
});
}"""
FOLLOW = """() => {
addEventListener('keydown', (event) => event.key === 'Enter' && setTimeout(() => {
  document.querySelector('.mvb a[href*="sort=NAP_acc"]').click();
}, 100), { capture: true, once: true });
}"""


def opened(page: Page) -> None:
    """Open the section by keyboard."""
    fold = page.locator("summary", has_text=TITLE)
    expect(fold).to_be_visible(timeout=PATIENCE_MS)
    settled(page)
    fold.focus()
    page.keyboard.press("Enter")
    see(page, re.compile("One entry or one metric left out swaps the two leaders"))
    settled(page)


def refuse(page: Page) -> None:
    """A weight that cannot be is not taken."""
    field = page.get_by_role("spinbutton", name="STG_mIoU", exact=True)
    field.fill("11")
    field.press("Enter")
    settled(page)
    field.fill("")
    field.press("Enter")
    settled(page)
    expect(field).to_have_value("1")
    see(page, "With equal weights the order is the board’s own.")
    expect(page).not_to_have_url(re.compile("weight"))


def follow_the_links(page: Page) -> None:
    """From the section to what it is about and back, without a reload."""
    page.evaluate("window.notReloaded = true")
    page.get_by_role("link", name="How these are computed").click()
    expect(page.locator("h2#order")).to_be_in_viewport()
    page.go_back()
    opened(page)
    page.get_by_role("region", name="One entry left out").locator("a").first.click()
    expect(page.locator("h1")).to_have_text(re.compile("^uAI-NEXUS"))
    assert page.evaluate("window.notReloaded") is True


def shrink(page: Page) -> None:
    """On a phone, tables scroll in their frames."""
    page.set_viewport_size({"width": PHONE, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    ranks = page.get_by_role("region", name=re.compile("Each model’s rank"))
    box = ranks.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= PHONE
    assert ranks.evaluate("frame => getComputedStyle(frame).overflowX") == "auto"
    page.set_viewport_size({"width": 1280, "height": 900})


def printed(page: Page) -> None:
    """The table, the chart and one's own order are printed whole."""
    expect(page.get_by_test_id("stVegaLiteChart").locator("svg").first).to_be_visible()
    settled(page)
    check_print(page)
    page.emulate_media(media="print")
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2)
    for one in page.get_by_test_id("stVegaLiteChart").locator("svg").all():
        expect(one).to_be_visible()
    page.emulate_media(media="screen")


def test_weights_make_an_order_that_is_shared_by_the_address_downloaded_and_printed(
    visit: Visitor,
) -> None:
    page = visit("/")
    opened(page)
    refuse(page)
    expect(page.get_by_role("region", name=OWN)).to_have_count(0)
    for name, weight in (("STG_mIoU", "10"), ("RC_llm", "0")):
        field = page.get_by_role("spinbutton", name=name, exact=True)
        field.fill(weight)
        field.press("Enter")
        page.wait_for_url(re.compile(f"{name}.*%7E{weight}|{name}.*~{weight}"))
        settled(page)
    first = page.get_by_role("region", name=OWN).locator("tbody tr").first
    expect(first).to_contain_text("uAI-NEXUS-MedVLM-1.0e-27B-SFT", timeout=PATIENCE_MS)
    again = visit(page.url)
    see(again, re.compile("This link has a reader’s own weights"))
    see(again, re.compile("Yours, not official"))
    there = again.get_by_role("region", name=OWN).inner_text()
    # The address has the last weight before the page is drawn with it.
    expect(page.get_by_role("region", name=OWN)).to_have_text(there, use_inner_text=True)
    with again.expect_download(timeout=PATIENCE_MS) as download:
        again.get_by_role("button", name="Your order (CSV)").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert "yours, not official; weights CVS_acc 1," in text
    expect(
        again.get_by_test_id("stExpander").locator("svg [aria-label*='Leads in: ']").first
    ).to_be_attached()
    for kind, magic in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with again.expect_download(timeout=PATIENCE_MS) as download:
            again.get_by_role("button", name=f"Ranks ({kind})").click()
        assert download.value.suggested_filename.startswith("medvidbench_official_other_ranks_20")
        assert Path(download.value.path()).read_bytes().startswith(magic)
    printed(again)
    shrink(again)
    again.get_by_role("button", name="Equal weights").click()
    see(again, "With equal weights the order is the board’s own.")
    expect(again).not_to_have_url(re.compile("weight"))
    follow_the_links(again)


def test_a_weight_on_its_way_is_not_lost_when_the_page_runs_again(
    site: Site, visit: Visitor
) -> None:
    page = visit("/?board=Community&weight=SA_acc~2", script=FAR_AWAY)
    see(page, re.compile("Community board with SA_acc × 2"))
    settled(page)
    page.evaluate(COME_BACK)
    publish(site, "In the Meantime")

    def give(name: str, weight: str) -> None:
        field = page.get_by_role("spinbutton", name=name, exact=True)
        field.fill(weight)
        field.press("Enter")
        page.wait_for_url(re.compile(f"{name}.*~{weight}"))

    give("STG_mIoU", "10")
    see(page, "In the Meantime")
    assert page.evaluate("soonest") > 1000, "the page ran again while a weight was on its way"
    see(page, re.compile("Community board with SA_acc × 2, STG_mIoU × 10, all others × 1"))
    expect(page.get_by_role("spinbutton", name="STG_mIoU", exact=True)).to_have_value("10")
    page.evaluate(FOLLOW)
    give("RC_llm", "0")
    see(
        page,
        re.compile("Community board with SA_acc × 2, STG_mIoU × 10, RC_llm × 0, all others × 1"),
    )
    expect(page.locator(".mvb th[aria-sort=descending]")).to_contain_text("NAP_acc")
    expect(page).to_have_url(re.compile("sort=NAP_acc"))
    expect(page).to_have_url(re.compile("RC_llm"))
