"""The landing page in a real browser: table, controls, address, phone, other people's changes."""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Page, expect

from core.benchmark import METRIC_KEYS
from core.changes.settings import set_policy
from core.model.published import published_state
from core.store.store import Store
from tests.browser.browser_site import PATIENCE_MS, Site, Visitor, load, see, settled, stopped
from tests.browser.published_entry import publish
from tests.core.job_world import wait_for

pytestmark = pytest.mark.browser

PHONE = 390  # CSS pixels wide
HALF_A_MINUTE_LATER = """() => {
  const before = performance.now.bind(performance);
  performance.now = () => before() + 30000;
}"""


def models(page: Page) -> list[str]:
    """Names in the table's order, without their badges."""
    return page.locator(".mvb tbody th").evaluate_all(
        "all => all.map(th => th.querySelector('.nm').textContent)"
    )


def test_the_board_is_read_sorted_switched_shared_by_its_address_and_downloaded_as_shown(
    visit: Visitor,
) -> None:
    page = visit("/")
    see(page, re.compile("Official board: .* 10 models"))
    expect(page).to_have_title("Leaderboard · MedVidBench")
    by_rank = models(page)
    assert by_rank[0] == "uAI-NEXUS-MedVLM-1.0e-27B-SFT"
    assert page.locator(".mvb thead .h").count() == len(METRIC_KEYS)
    expect(page.locator("#mvb-stg_miou")).to_be_attached()  # by then the first rows are replaced
    page.get_by_role("link", name="VS_llm", exact=True).click()
    sorted_header = page.locator(".mvb th[aria-sort=descending]")
    expect(sorted_header).to_contain_text("VS_llm")
    by_metric = models(page)
    assert by_metric[0] == "uAI-NEXUS-MedVLM-1.0d-4B-SFT"
    assert sorted(by_metric) == sorted(by_rank)
    page.get_by_role("radio", name="Community").click()
    see(page, re.compile("Community board: "))
    page.wait_for_url(re.compile("board=Community"))
    expect(page).to_have_url(re.compile("sort=VS_llm"))
    again = visit(page.url.replace("Community", "community"))
    see(again, re.compile("Community board: "))
    expect(again.locator(".mvb th[aria-sort=descending]")).to_contain_text("VS_llm")
    settled(again)
    assert models(again) == models(page)
    expect(again).to_have_url(page.url)
    download_it(again)


def download_it(page: Page) -> None:
    """What is downloaded is the table as shown, with an address for that day's."""
    page.get_by_role("button", name="Download or cite").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    name = download.value.suggested_filename
    assert re.fullmatch(r"medvidbench_community_\d{4}-\d\d-\d\d\.csv", name)
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["model_name"] for row in rows] == models(page)
    see(page, "Cite the benchmark")
    see(page, f"url     = {{{rows[0]['url']}}}")  # of the citation in BibTeX
    load(page, rows[0]["url"].replace(rows[0]["as_of"], "2026-01-31"))
    see(page, re.compile("Board as of 31 Jan 2026"))
    settled(page)
    page.get_by_role("link", name=models(page)[0], exact=True).click()
    see(page, re.compile("Intervals are computed for today’s boards only"))
    page.get_by_role("link", name="Show today’s board").click()
    expect(page.get_by_text("Board as of")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/model\?id=[^&]+$"))


def test_a_search_typed_at_once_stays_and_hides_the_others_and_a_wrong_address_falls_back(
    visit: Visitor,
) -> None:
    page = visit("/?board=nonsense&sort=%3Cscript%3E&columns=no")
    see(page, re.compile("Official board: "))
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
    settled(page)  # a page that is redrawn briefly has two fields
    field = page.get_by_role("textbox", name="Search by name or team")
    field.click()
    page.keyboard.type("openai")
    see(page, re.compile("1 of 10 models for “openai”"))
    settled(page)
    page.wait_for_timeout(1500)  # a recreated field would appear by then
    expect(field).to_have_value("openai")
    expect(field).to_be_focused()
    see(page, re.compile("1 of 10 models for “openai”"))
    assert models(page) == ["GPT-5.4"]
    field.fill("no such model")
    see(page, re.compile("No model or team on this board matches"))
    see(page, "How to get on the Official board")  # what is below the table remains
    page.get_by_role("button", name="Clear the search").click()
    expect(page.locator(".mvb tbody tr")).to_have_count(10)


def test_new_entries_show_without_a_reload_explained_without_colour_and_a_reader_keeps_their_place(
    site: Site, visit: Visitor
) -> None:
    page = visit("/?board=Community")
    see(page, re.compile("Community board: "))
    assert "Half Judged" not in models(page)
    page.evaluate("window.notReloaded = true")
    publish(site, "Half Judged")
    see(page, "Half Judged")
    assert "Half Judged" in models(page)
    assert page.evaluate("window.notReloaded") is True
    row = page.locator(".mvb tbody tr", has_text="Half Judged")
    expect(page.locator("#mvb-stg_miou")).to_be_attached()  # the whole table, after its first rows
    fits(page)
    expect(row).to_contain_text("judge pending")
    missing = row.locator("td.m").first
    expect(missing).to_have_text("—")
    missing.hover()
    see(page, "Judge pending: the captions are not graded yet.")
    assert page.locator(".mvb td.b").count() >= len(METRIC_KEYS) - 1
    best = page.locator(".mvb td.b").first
    expect(best).to_have_css("font-weight", re.compile("[6-9]00"))
    mark = "cell => getComputedStyle(cell, '::before').content"
    wait_for(lambda: "●" in best.evaluate(mark), "the mark of the best, once the table stands")
    page.mouse.move(0, 0)
    page.set_viewport_size({"width": 700, "height": 900})
    keep_the_place(site, page)


# Counts how often the table was not there.
MISSED = """() => {
  window.missed = 0;
  new MutationObserver(() => {
    if (!document.querySelector('.mvb table')) window.missed += 1;
  }).observe(document.body, { childList: true, subtree: true });
}"""
FOCUSED = """() => {
  const cell = document.activeElement;
  return [cell.parentElement.querySelector('.nm')?.textContent, cell.cellIndex];
}"""


def keep_the_place(site: Site, page: Page) -> None:
    """The table changes around a reader who is in it, in a window that shows part of it."""
    wait_for(lambda: page.evaluate("window.siteScript"), "the scripts")
    settled(page)
    frame, reason = page.locator(".mvb .frame"), "Judge pending"
    page.get_by_role("link", name="Half Judged", exact=True).focus()
    for _ in range(11):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#tip")).to_contain_text(reason)
    place = page.evaluate(FOCUSED)
    assert place == ["Half Judged", 12]
    scrolled = frame.evaluate("frame => frame.scrollLeft")
    assert scrolled > 0
    page.evaluate(MISSED)
    publish(site, "Somebody Else's", value=0.6)
    see(page, "Somebody Else's")
    assert page.evaluate("missed") == 0
    assert page.evaluate(FOCUSED) == place
    expect(page.locator("#tip")).to_contain_text(reason)
    assert frame.evaluate("frame => frame.scrollLeft") == scrolled
    page.get_by_role("link", name="NAP_acc", exact=True).click()
    expect(page.locator(".mvb th[aria-sort=descending]")).to_contain_text("NAP_acc")
    assert page.evaluate("missed") == 0
    page.locator(".mvb tbody th .nm").first.focus()
    page.keyboard.press("ArrowDown")
    page.evaluate("document.activeElement.closest('tr').remove()")  # hidden by an admin
    expect(frame).to_be_focused()


def board(visit: Visitor, address: str = "/", width: int = 1280) -> Page:
    """The whole board, whose first rows were replaced, with its scripts."""
    page = visit(address, width=width)
    expect(page.locator("#mvb-nap_acc")).to_be_attached()
    wait_for(lambda: page.evaluate("window.siteScript"), "the scripts")
    settled(page)
    return page


def fits(page: Page) -> None:
    """Check that all columns are visible without scrolling the table."""
    wide = "frame => [frame.scrollWidth, frame.clientWidth]"
    needed, there = page.locator(".mvb .frame").evaluate(wide)
    assert needed <= there


# Replaces an element below the pointer, as a rerun does, and waits until the browser noticed and
# a tooltip would have opened.
REDRAWN = """(old) => new Promise((done) => {
  document.addEventListener('pointerover', () => setTimeout(done, 500), { once: true });
  old.replaceWith(old.cloneNode(true));
})"""


def test_reasons_open_by_pointer_touch_and_keyboard_and_lead_to_about(
    visit: Visitor, site: Site
) -> None:
    page = board(visit, "/?sort=STG_mIoU")
    tip = page.locator("#tip")
    undated, why = page.locator(".mvb tbody td.m").first, "Verified by the maintainers; the day is"
    expect(undated).to_have_text("no date")  # the first of the published results has none
    undated.hover()
    expect(tip).to_contain_text(why)
    page.keyboard.press("Escape")
    expect(tip).not_to_be_attached()
    undated.evaluate(REDRAWN)
    expect(tip).not_to_be_attached()  # the pointer has not moved
    page.mouse.move(0, 0)
    undated.hover()
    expect(tip).to_contain_text(why)
    page.keyboard.press("Escape")
    undated.click()  # as by a finger
    expect(tip).to_contain_text(why)
    first = page.locator(".mvb tbody tr").first
    page.locator(".mvb .cap").click()
    expect(tip).not_to_be_attached()
    first.locator("td").first.focus()
    page.keyboard.press("ArrowRight")  # from the rank to the name
    expect(first.locator(".nm")).to_be_focused()
    expect(tip).to_contain_text("organisers: From the organisers of the benchmark.")
    for _ in range(first.locator("td").count() - 1):
        page.keyboard.press("ArrowRight")  # to the last cell
    expect(tip).to_contain_text(why)
    page.locator(".mvb .cap").evaluate(REDRAWN)  # where the pointer rests
    expect(tip).to_contain_text(why)
    page.locator('a[data-go="sort-nap_acc"]').focus()
    page.keyboard.press("Tab")  # into the definition
    expect(page.locator('a[data-go="about-nap_acc"]')).to_be_focused()
    with stopped(site):  # a busy server
        page.keyboard.press("Enter")
        page.evaluate(HALF_A_MINUTE_LATER)
    expect(page.locator("#nap_acc")).to_be_in_viewport()


def test_ten_models_fit_one_screen_keep_their_marks_and_lead_to_definitions_and_details(
    visit: Visitor,
) -> None:
    page = board(visit)
    page.set_viewport_size({"width": 1360, "height": 900})
    assert page.locator(".mvb tbody tr").count() == 10
    expect(page.get_by_text("Who is best at what?")).to_be_in_viewport(ratio=1)
    fits(page)
    header = page.locator(".mvb th[aria-describedby=mvb-stg_miou]")
    assert not page.locator("#mvb-stg_miou").is_visible()
    header.get_by_role("link").first.focus()  # as by the keyboard
    expect(page.locator("#mvb-stg_miou")).to_be_visible()
    expect(page.locator("#mvb-stg_miou")).to_contain_text("Box IoU")
    best = page.locator(".mvb td.b").first
    colour = "cell => getComputedStyle(cell).backgroundColor"
    before = best.evaluate(colour)
    best.hover()  # a row under the pointer keeps its marks
    assert best.evaluate(colour) == before != page.locator(".mvb td.s").first.evaluate(colour)
    rows = page.locator(".mvb tbody tr").evaluate_all("all => all.map(row => row.offsetHeight)")
    assert max(rows) < 40  # one line each
    page.get_by_text("Compact", exact=True).click()
    page.wait_for_url(re.compile("compact=true"))
    expect(page.locator(".mvb.tight")).to_be_visible()
    assert page.locator(".mvb tbody tr").first.evaluate("row => row.offsetHeight") < min(rows)
    page.set_viewport_size({"width": 1920, "height": 900})
    fits(page)
    assert page.locator(".mvb tbody th").first.evaluate("cell => cell.offsetWidth") < 400
    page.set_viewport_size({"width": 1280, "height": 900})
    fits(page)
    page.locator(".mvb tbody tr .nm").first.click()
    see(page, "Report a problem with this entry")
    expect(page.locator("h1")).to_have_text("uAI-NEXUS-MedVLM-1.0e-27B-SFT")


def test_a_phone_shows_one_metric_and_names_that_are_cut(site: Site, visit: Visitor) -> None:
    long = "A-Very-Long-Name-" * 4 + "of-80-letters"
    publish(site, long, value=0.71)
    page = board(visit, "/?board=Community", width=PHONE)
    shown = page.locator(".mvb thead tr:last-child th:visible")
    expect(shown).to_have_count(4)
    assert [text.split("\n")[0] for text in shown.all_inner_texts()[:3]] == [
        "Rank",
        "Model",
        "CVS_acc",
    ]
    fits(page)
    page.get_by_text("Metric: CVS_acc").click()
    metric = page.locator('a[data-go="column-stg_miou"]')
    publish(site, "Somebody Else's on a phone", value=0.6)
    see(page, "Somebody Else's on a phone")
    expect(metric).to_be_visible()  # the list is still open,
    expect(page.locator(".mvb .pick summary")).to_be_focused()  # and has the focus
    metric.click()
    page.wait_for_url(re.compile("column=STG_mIoU"))
    expect(shown.nth(2)).to_contain_text("STG_mIoU")
    expect(metric).to_be_hidden()
    expect(page.locator(".mvb .pick summary")).to_be_focused()
    settled(page)  # a table that is drawn again takes its open tip away
    fits(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    name = page.locator(".mvb .nm", has_text=long)
    assert name.evaluate("link => link.scrollHeight > link.clientHeight + 2")
    page.get_by_text("Metric: STG_mIoU").click()
    page.keyboard.press("Escape")
    with suppress(AssertionError):  # figures that arrive just now draw the table again
        name.focus()
        expect(page.locator("#tip")).to_contain_text(long, timeout=10_000)
    name.blur()
    name.focus()
    expect(page.locator("#tip")).to_contain_text(long)


def test_a_reader_without_scripts_reads_the_board_and_its_models(
    site: Site, visit: Visitor
) -> None:
    context = visit.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/?board=Community")
    expect(page.get_by_text(re.compile("^Community board: "))).to_be_visible()
    expect(page.locator("noscript a").first).to_be_visible()
    assert "_stcore" not in page.locator("body").inner_text()
    page.get_by_role("link", name="Official", exact=True).click()
    expect(page.locator(".mvb tbody tr")).to_have_count(10)
    page.get_by_role("link", name="GPT-5.4").click()  # to the app's page, which leads on
    page.wait_for_url(re.compile("/model/[^?]+$"))
    expect(page.get_by_role("heading", name="GPT-5.4")).to_be_visible()
    page.get_by_role("link", name="Community board").first.click()
    expect(page.get_by_role("heading", name="Community board")).to_be_visible()
    context.close()


@contextmanager
def announced(site: Site, text: str) -> Iterator[None]:
    """The board's announcement, for a while."""
    store = Store(site.root, published_state())
    before = store.read().policy
    store.commit(set_policy(before, msgspec.structs.replace(before, announcement=text), "admin"))
    yield
    store.commit(set_policy(store.read().policy, before, "admin"))


@pytest.mark.parametrize(
    ("width", "theme", "announcement"),
    [
        (1280, "", ""),
        (768, "Light", "Closes on https://example.org/a. " + "Ask the organisers. " * 9),
        (PHONE, "Dark", "Results: https://example.org/a and https://example.com/b!"),
    ],
)
def test_the_table_stays_where_it_was_drawn(
    site: Site, visit: Visitor, width: int, theme: str, announcement: str
) -> None:
    """In the first answer, and in Streamlit's page, which replaces it."""
    with announced(site, announcement) if announcement else nullcontext():
        assert_stays(visit, width, theme)


def assert_stays(visit: Visitor, width: int, theme: str) -> None:
    page = visit(
        "/",
        width=width,
        script=f"if ('{theme}') localStorage['stActiveTheme-/-v2'] = '\"{theme}\"';"
        "window.tops = new Set(); window.colours = new Set(); (function look() {"
        "  const frame = document.querySelector('.mvb .frame');"
        "  const page = document.querySelector('#early,[data-testid=stApp]');"
        "  const top = Math.round(frame?.getBoundingClientRect().top);"
        "  if (frame) window.colours.add(getComputedStyle(page).backgroundColor);"
        "  if (page?.id === 'early') window.early = top; else if (frame) window.tops.add(top);"
        "  requestAnimationFrame(look); })();"
        "window.shifted = 0; new PerformanceObserver(list => {"
        "  for (const shift of list.getEntries()) window.shifted += shift.value;"
        "}).observe({type: 'layout-shift', buffered: true})",
    )
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_attached(timeout=PATIENCE_MS)
    expect(page.get_by_role("textbox", name="Search by name or team")).to_be_visible()
    assert page.evaluate("[...window.tops]") == [page.evaluate("window.early")]
    white, dark = "rgb(255, 255, 255)", "rgb(15, 22, 32)"
    assert page.evaluate("[...window.colours]") == [dark if theme == "Dark" else white]
    assert page.evaluate("window.shifted") < 0.1  # it used to be 0.1 to 0.2
    assert page.evaluate("document.documentElement.scrollWidth") <= width
