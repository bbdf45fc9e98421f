"""The Explore section in a real browser: clicks in charts, shared links, keyboard, phone, files."""

import re
from pathlib import Path

import pytest
from browser_site import PATIENCE_MS, Visitor, check_print, see, select, settled
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

PHONE = 390
CHART = "stVegaLiteChart"
PINNED = ".pins a[data-go^=unpin]"


def chart(page: Page) -> Locator:
    found = page.get_by_test_id(CHART)
    expect(found.locator("svg, canvas").first).to_be_visible(timeout=PATIENCE_MS)
    settled(page)
    return found


def click(page: Page, name: str) -> None:
    """Click the first mark of a model."""
    found = chart(page).locator(f"path[aria-label*='Model: {name};']").first
    found.scroll_into_view_if_needed()
    found.click(force=True)


FIRST, SECOND = "uAI-NEXUS-MedVLM-1.0e-27B-SFT", "uAI-NEXUS-MedVLM-1.0b-4B-RL"


@pytest.mark.parametrize(
    "address",
    ["/", "/?ranks=Lines", "/?explore=One+metric", "/?explore=Two+metrics", "/?explore=Over+time"],
)
def test_a_click_in_a_chart_pins_a_model_and_another_unpins_it(
    visit: Visitor, address: str
) -> None:
    page = visit(address)
    click(page, SECOND)
    expect(page.locator(PINNED)).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.locator(PINNED)).to_contain_text(SECOND)
    page.wait_for_url(re.compile(r"pin="))
    click(page, SECOND)
    expect(page.locator(PINNED)).to_have_count(0, timeout=PATIENCE_MS)


def test_view_pins_and_filters_are_shared_by_the_address_and_go_back(visit: Visitor) -> None:
    page = visit("/")
    click(page, SECOND)
    expect(page.locator(PINNED)).to_have_count(1)
    click(page, FIRST)
    expect(page.locator(PINNED)).to_have_count(2)
    colours = "all => all.map(a => a.querySelector('b').style.color)"
    before = page.locator(PINNED).evaluate_all(colours)
    page.get_by_role("radio", name="One metric").click()
    see(page, re.compile("CVS Assessment, accuracy: which model is best"))
    settled(page)
    shown = page.get_by_text(re.compile("Dense Video Captioning, F1: which model is best"))
    select(page.get_by_role("combobox", name="Metric"), "DVC_F1", shown)
    expect(shown).to_be_visible()
    settled(page)
    page.get_by_role("button", name=re.compile("Filters")).click()
    page.get_by_role("button", name="not off-the-shelf", exact=True).click()
    see(page, "7 of 10 models pass the filters.")
    settled(page)
    again = visit(page.url)
    see(again, re.compile("Dense Video Captioning, F1: which model is best"))
    see(again, "7 of 10 models pass the filters.")
    assert again.locator(PINNED).evaluate_all(colours) == before
    assert again.url == page.url


def test_by_keyboard_a_model_is_pinned_and_unpinned(visit: Visitor) -> None:
    page = visit("/")
    chart(page)
    box = page.get_by_role("combobox", name="Pin a model")
    box.focus()
    page.keyboard.type("GPT")
    page.keyboard.press("Enter")
    expect(page.locator(PINNED)).to_contain_text("GPT-5.4", timeout=PATIENCE_MS)
    settled(page)
    page.locator(PINNED).focus()
    page.keyboard.press("Enter")
    expect(page.locator(PINNED)).to_have_count(0, timeout=PATIENCE_MS)


def test_a_brush_selects_models_that_one_button_pins(visit: Visitor) -> None:
    page = visit("/?explore=Two+metrics")
    found = chart(page)
    found.scroll_into_view_if_needed()
    box = found.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 5, box["y"] + 15)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 80, steps=5)
    page.mouse.up()
    see(page, re.compile(f"Selected: .*{re.escape(FIRST)}"))
    page.get_by_role("button", name="Pin them").click()
    expect(page.locator(PINNED).first).to_be_visible(timeout=PATIENCE_MS)


def test_the_data_are_a_table_and_files_that_are_made_when_asked_for(visit: Visitor) -> None:
    page = visit("/")
    chart(page)
    page.get_by_role("button", name="Data and pictures").click()
    expect(page.get_by_role("cell", name=FIRST).last).to_be_visible(timeout=PATIENCE_MS)
    begins = {"PNG": b"\x89PNG", "SVG": b"<svg", "CSV": b"\xef\xbb\xbf"}
    for name, magic in begins.items():
        with page.expect_download(timeout=PATIENCE_MS) as download:
            page.get_by_role("button", name=name, exact=True).last.click()
        assert download.value.suggested_filename.startswith("medvidbench_official_ranks_20")
        assert Path(download.value.path()).read_bytes().startswith(magic)


@pytest.mark.parametrize("view", ["", "?explore=One+metric", "?explore=Two+metrics"])
def test_on_a_phone_a_chart_keeps_to_the_page(visit: Visitor, view: str) -> None:
    page = visit(f"/{view}", width=PHONE)
    found = chart(page)
    box = found.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE


def test_table_chart_and_own_order_are_printed_whole(visit: Visitor) -> None:
    page = visit("/?weight=STG_mIoU~3")
    chart(page)
    see(page, re.compile("Yours, not official"))
    settled(page)
    check_print(page)
    page.emulate_media(media="print")
    expect(page.get_by_test_id(CHART).locator("svg")).to_be_visible()
    page.emulate_media(media="screen")


def test_a_row_of_the_table_pins_its_model_and_shows_it(visit: Visitor) -> None:
    page = visit("/?explore=One+metric")
    chart(page)
    page.evaluate("window.notReloaded = true")
    row = page.locator(".mvb tbody tr", has_text=SECOND).locator(".pin")
    row.click()
    expect(page.locator(PINNED)).to_contain_text(SECOND)
    page.wait_for_url(re.compile(r"explore=One\+metric&pin="))
    expect(row).to_have_css("color", "rgb(0, 114, 178)")
    settled(page)
    row.press("Enter")
    expect(page.locator(PINNED)).to_have_count(0)
    assert page.evaluate("window.notReloaded") is True
