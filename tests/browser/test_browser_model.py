"""The pages of a model and of a comparison in a real browser: links, sharing, keyboard, phone."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from core.model.published import published_state
from tests.browser.accessibility import looking
from tests.browser.browser_site import Site, Visitor, check_print, load, see, select, settled
from tests.core.job_world import wait_for

pytestmark = pytest.mark.browser

PHONE = 390  # CSS pixels wide
FIRST, SECOND, THIRD = (
    "uAI-NEXUS-MedVLM-1.0e-27B-SFT",
    "uAI-NEXUS-MedVLM-1.0b-4B-RL",
    "GPT-5.4",
)
IDS = {entry.model_name: entry.entry_id for entry in published_state().official}
PAIR = f"/compare?ids={IDS[FIRST]},{IDS[SECOND]}"
SENTENCE = re.compile(rf"{re.escape(FIRST)} scores higher than {re.escape(SECOND)} on \d metrics")


def title(page: Page, text: str) -> None:
    expect(page.locator("h1")).to_have_text(text)
    settled(page)


def fits(page: Page) -> bool:
    """Whether the page does not scroll sideways, regardless of its frames' content."""
    inner = "document.querySelector('[data-testid=stMain]').scrollWidth"
    return page.evaluate(f"Math.max(document.documentElement.scrollWidth, {inner}) <= innerWidth")


def test_from_the_board_to_a_model_to_a_comparison_and_back(visit: Visitor) -> None:
    page = visit("/")
    expect(page.locator("#mvb-stg_miou")).to_be_attached()  # the whole table, after its first rows
    wait_for(lambda: page.evaluate("window.siteScript"), "the script that follows links")
    settled(page)
    page.evaluate("window.notReloaded = true")
    page.locator(f".mvb a[href*='./model?id={IDS[SECOND]}']").first.click()
    title(page, SECOND)
    expect(page).to_have_title(f"{SECOND} · MedVidBench")
    see(page, re.compile("2nd of 10 models on the Official board, average rank 2.30"))
    see(page, re.compile("Strongest: CVS_acc"))
    see(page, re.compile(r"1 \+ 4 \+ 4 .* = 23; 23 / 10 = 2.30"))
    page.locator(f"a[data-go='model-{IDS[FIRST]}']").click()  # the neighbour above
    title(page, FIRST)
    page.get_by_role("link", name="Compare", exact=True).press("Enter")
    title(page, "Compare")
    see(page, "Choose one more model.")
    field = page.get_by_role("combobox", name="Models to compare, two to four")
    picked = page.locator("[data-tag]", has_text=SECOND)
    select(field, f"{SECOND} · Official", picked)
    page.keyboard.press("Escape")  # the list stays open for the next choice
    see(page, SENTENCE)
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(3)
    page.get_by_role("link", name=re.compile(f"B: {re.escape(SECOND)}")).click()
    title(page, SECOND)
    page.go_back()
    title(page, "Compare")
    see(page, SENTENCE)
    page.go_back()
    title(page, FIRST)
    page.go_back()
    page.go_back()
    see(page, re.compile("Official board: .* 10 models"))
    assert page.evaluate("window.notReloaded") is True


def test_a_shared_comparison_is_the_same_and_its_sentence_is_copied(
    site: Site, visit: Visitor
) -> None:
    page = visit(PAIR)
    see(page, SENTENCE)
    settled(page)
    quote = page.locator("#quote-B")
    link = f"{site.url}/compare?ids={IDS[FIRST]},{IDS[SECOND]})"
    expect(quote).to_contain_text(f"Official, {datetime.now(UTC).day} ")
    expect(quote).to_contain_text(link)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    page.get_by_role("button", name="Copy", exact=True).press("Enter")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == quote.text_content()
    again = visit(page.url)
    see(again, SENTENCE)
    assert again.locator("#quote-B").text_content() == quote.text_content()
    check_print(again)


def test_on_a_phone_both_pages_stay_within_the_screen(visit: Visitor) -> None:
    page = visit(f"/model?id={IDS[THIRD]}", width=PHONE)
    title(page, THIRD)
    see(page, "Report a problem with this entry")
    assert fits(page)
    with looking(page) as look:
        look.still("a model on a phone")
        look.at("a model on a phone", "dark")
    frame = page.get_by_role("region", name="Scores by metric")
    assert frame.evaluate("one => one.scrollWidth <= one.clientWidth")  # a row is a paragraph
    label = "cell => getComputedStyle(cell, '::before').fontWeight"
    assert {cell.evaluate(label) for cell in frame.locator("tbody td[data-label]").all()} == {"400"}
    page.goto(page.url.split("/model")[0] + PAIR)
    see(page, SENTENCE)
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(3)
    settled(page)
    assert fits(page)
    with looking(page) as look:
        look.still("a comparison on a phone")
        look.at("a comparison on a phone", "dark")


def test_links_from_before_a_model_had_a_page_and_unknown_ones_lead_somewhere(
    site: Site, visit: Visitor
) -> None:
    page = visit(f"/?board=Community&entry={IDS[THIRD]}#entry")
    title(page, THIRD)
    see(page, re.compile("The maintainers have verified this model on"))
    load(page, f"{site.url}/model?id=%3Cb%3Enobody")
    see(page, re.compile("No entry has this address"))
    select(page.get_by_role("combobox", name="Model"), f"{SECOND} · Official")
    title(page, SECOND)
    expect(page).to_have_url(re.compile(rf"/model\?id={IDS[SECOND]}$"))
    check_print(page)
