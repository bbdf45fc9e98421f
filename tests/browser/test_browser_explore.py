"""The Explore section in a real browser: clicks in charts, shared links, keyboard, phone, files."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from core.benchmark import METRIC_KEYS
from core.changes import submitting
from core.files.ids import new_id
from core.model.entries import BOARD_NAMES, Declared, Entry, Submission
from core.model.published import published_state
from core.model.state import now
from core.ranking.board import shown_board
from core.store.store import Store
from core.usecases.statistics import statistics_of
from tests.browser.accessibility import MOST_SHIFT, jumped
from tests.browser.browser_site import PATIENCE_MS, Site, Visitor, see, select, settled
from tests.browser.far_away import FAR_AWAY
from tests.core.job_world import wait_for

pytestmark = pytest.mark.browser

PHONE = 390
CHART = "stVegaLiteChart"
PINNED = ".pins a[data-go^=unpin]"


# Resolves when the browser has nothing left to do.
IDLE = "() => new Promise((done) => requestIdleCallback(() => requestIdleCallback(done)))"


def chart(page: Page) -> Locator:
    """The charts of the page, drawn: that happens after the script has finished, and a click on
    what is replaced is lost."""
    found = page.get_by_test_id(CHART)
    expect(found.locator("svg, canvas").first).to_be_visible(timeout=PATIENCE_MS)
    settled(page)
    page.evaluate(IDLE)
    return found


def mark(page: Page, name: str) -> Locator:
    """The first mark of a model."""
    found = chart(page).locator(f"path[aria-label*='Model: {name};']").first
    found.scroll_into_view_if_needed()
    return found


def click(page: Page, name: str) -> None:
    mark(page, name).click(force=True)


def toggle(page: Page, name: str, pinned: int) -> None:
    """Click a model's mark so that so many are pinned."""
    click(page, name)
    expect(page.locator(PINNED)).to_have_count(pinned)


def tap(page: Page, there: Locator) -> None:
    """Tap as a finger does, in a window opened without touch."""
    box = there.bounding_box()
    assert box is not None
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    for kind, points in (("touchStart", [point]), ("touchEnd", [])):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    session.detach()


FOLLOW = """(to) => {
  const link = document.createElement('a');
  link.href = to;
  link.dataset.go = 'view';
  document.body.append(link);
  link.click();
  link.remove();
}"""


def lead(page: Page, address: str, question: str) -> None:
    """Follow a link to another view, without a reload."""
    page.evaluate(FOLLOW, address)
    see(page, re.compile(re.escape(question)))
    settled(page)


FIRST, SECOND = "uAI-NEXUS-MedVLM-1.0e-27B-SFT", "uAI-NEXUS-MedVLM-1.0b-4B-RL"
DECLARED = "Says-How-Large-{}B"
OFFICIAL, COMMUNITY = (SECOND, "?"), (DECLARED.format(7), "?board=Community&")
VIEWS = {
    "explore=Two+metrics": ("How does NAP_acc relate to STG_mIoU?", OFFICIAL),
    "": ("The bluer, the better", OFFICIAL),
    "ranks=Lines": ("Rank within each metric", OFFICIAL),
    "explore=One+metric": ("which model is best?", OFFICIAL),
    "explore=Over+time": ("How has the best average rank changed?", OFFICIAL),
    "explore=One+metric&parts=By+source+dataset&metric=NAP_acc": ("By source dataset", COMMUNITY),
    "explore=Two+metrics&against=Model+size": ("relate to model size?", COMMUNITY),
    "explore=Two+metrics&against=Date": ("relate to the date?", COMMUNITY),
    "explore=Over+time&over=NAP_acc": ("How has the best NAP_acc changed?", COMMUNITY),
}


@pytest.fixture(scope="module")
def site(site: Site) -> Site:
    """With models whose size, date and values by source dataset are known."""
    store = Store(site.root, published_state())
    for size in (3, 7):
        submission = Submission(
            submission_id=new_id(), model_name=DECLARED.format(size), organization="Lab",
            created=now(), key_hash="0" * 64, predictions_sha256="0" * 64, records=6245,
        )  # fmt: skip
        cell = {"value": size / 10, "n": 200, "records": 200}
        entry = Entry(
            entry_id=submission.submission_id,
            model_name=submission.model_name,
            organization="Lab",
            metrics=dict.fromkeys(METRIC_KEYS, size / 10),
            by_dataset={"nap_acc": {"AVOS": cell, "CoPESD": cell}},
            declared=Declared(parameters=f"{size}B"),
            date=f"2026-01-0{size}",
        )
        store.commit(submitting.submit(submission, "test"))
        store.commit(submitting.add(submission.submission_id, entry))
    # Pages are drawn again when the figures arrive.
    boards = [shown_board(store.read(), name) for name in BOARD_NAMES]
    wait_for(lambda: all(statistics_of(site.root, board) for board in boards), "the figures")
    return site


def test_a_click_in_each_chart_pins_a_model_and_another_unpins_it(visit: Visitor) -> None:
    first, *others = VIEWS.items()
    page = visit(f"/?{first[0]}")
    chart(page)
    assert jumped(page) < MOST_SHIFT
    page.evaluate("window.notReloaded = true")
    for query, (question, (name, board)) in (first, *others):
        if query != first[0]:
            lead(page, f"./{board}{query}", question)
        toggle(page, name, 1)
        expect(page.locator(PINNED)).to_contain_text(name)
        page.wait_for_url(re.compile(r"pin="))
        settled(page)
        toggle(page, name, 0)
    lead(page, "./?board=community", "The bluer, the better")  # misspelt: no error
    assert page.evaluate("window.notReloaded") is True


# Notes the first click in a chart that is sent, and can send a message.
MESSAGES = """
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (message) {
  window.sendBytes = (bytes) => send.call(this, new Uint8Array(bytes));
  if (new TextDecoder().decode(message).includes('explore_chart_'))
    window.clicked ??= [...message];
  return send.call(this, message);
};
"""
# The least height of the page's content from now on, frame by frame.
LEAST_HEIGHT = """() => {
  const main = document.querySelector('[data-testid=stMain]');
  window.least = main.scrollHeight;
  const look = () => {
    window.least = Math.min(window.least, main.scrollHeight);
    requestAnimationFrame(look);
  };
  look();
  return window.least;
}"""


# The height before and after Streamlit empties the chart, while the one before is hidden.
EMPTIED = """() => {
  const place = document.querySelector('.st-key-explore_drawn');
  const before = place.cloneNode(true).firstElementChild;
  before.style.display = 'none';
  place.append(before);
  const high = place.offsetHeight;
  place.querySelector('[data-testid=stVegaLiteChart]').replaceChildren();
  return new Promise((tell) => requestAnimationFrame(() => tell([high, place.offsetHeight])));
}"""


def test_a_click_counts_once_and_nothing_moves_while_the_chart_is_redrawn(visit: Visitor) -> None:
    page = visit("/", script=MESSAGES)
    mark(page, SECOND)
    before = page.evaluate(LEAST_HEIGHT)
    toggle(page, SECOND, 1)
    chart(page)
    assert page.evaluate("window.least") == before
    # A slow browser does this now and then: it sends the click again, with today's address.
    message = BackMsg.FromString(bytes(page.evaluate("window.clicked")))
    message.rerun_script.query_string = urlsplit(page.url).query
    page.evaluate("bytes => sendBytes(bytes)", list(message.SerializeToString()))
    toggle(page, FIRST, 2)
    toggle(page, SECOND, 1)
    toggle(page, SECOND, 2)  # the key of a chart is not used twice
    chart(page)
    high, then = page.evaluate(EMPTIED)
    assert then == high > 100


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
    expect(again).to_have_url(page.url)


def test_by_keyboard_a_model_is_pinned_and_the_data_are_a_table_and_files(visit: Visitor) -> None:
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
    settled(page)
    page.get_by_role("button", name="Data and pictures").click()
    expect(page.get_by_role("cell", name=FIRST).last).to_be_visible(timeout=PATIENCE_MS)
    begins = {"PNG": b"\x89PNG", "SVG": b"<svg", "CSV": b"\xef\xbb\xbf"}
    for name, magic in begins.items():
        with page.expect_download(timeout=PATIENCE_MS) as download:
            page.get_by_role("button", name=name, exact=True).last.click()
        assert download.value.suggested_filename.startswith("medvidbench_official_ranks_20")
        assert Path(download.value.path()).read_bytes().startswith(magic)


def test_on_a_phone_charts_fit_the_page_and_a_tap_pins_and_shows_values(visit: Visitor) -> None:
    page = visit("/", width=PHONE)
    for query in ("", "explore=Two+metrics", "explore=One+metric"):
        if query:
            lead(page, f"./?{query}", VIEWS[query][0])
        box = chart(page).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    tap(page, mark(page, SECOND))
    expect(page.locator(PINNED)).to_contain_text(SECOND)
    tip = page.locator("#tip")
    expect(tip).to_contain_text(
        re.compile(r"CVS_acc: 0\.898\s+95 % interval: — .*Rank: 1 of 10", re.S)
    )
    settled(page)
    page.get_by_role("heading", name="Explore").click()
    expect(tip).not_to_be_attached()
    row = page.locator(".mvb tbody tr", has_text=FIRST).locator(".pin")
    row.scroll_into_view_if_needed()
    tap(page, row)
    expect(page.locator(PINNED)).to_have_count(2)


def test_a_choice_right_after_another_keeps_both_on_a_slow_connection(visit: Visitor) -> None:
    page = visit("/", script=FAR_AWAY)
    chart(page)
    controls = page.locator(".st-key-explore_controls")
    page.evaluate(
        """() => {
          const choice = (text) => [...document.querySelectorAll(
            '.st-key-explore_controls [role=radio]')].find((one) => one.textContent === text);
          choice('Lines').click();
          setTimeout(() => choice('One metric').click(), 100);
        }"""
    )
    see(page, re.compile("which model is best"))
    settled(page)
    expect(page).to_have_url(re.compile(r"explore=One\+metric"))
    expect(page).to_have_url(re.compile("ranks=Lines"))
    controls.get_by_role("radio", name="Ranks").first.click()
    expect(controls.get_by_role("radio", name="Lines")).to_be_checked()


def test_a_row_of_the_table_and_a_brush_pin_models(visit: Visitor) -> None:
    page = visit("/?explore=One+metric")
    chart(page)
    assert jumped(page) < MOST_SHIFT
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
    lead(page, "./?explore=Two+metrics", "How does NAP_acc relate to STG_mIoU?")
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
