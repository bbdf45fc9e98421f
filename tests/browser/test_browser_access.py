"""Accessibility of all pages and dialogs with axe-core, light and dark; no shifts, no cut-offs."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import Look, Scheme, looking
from tests.browser.admin_visit import Admin, named
from tests.browser.browser_site import Site, Visitor, see, settled, tab_to

pytestmark = pytest.mark.browser

SECOND, THIRD = "QWen3VL-adapter-f", "SPIRAL-Qwen3VL-4B-SFT-v2"


def drawn(page: Page, there: str) -> Page:
    """The page, once the last element that it draws is there."""
    expect(page.locator(there).first).to_be_visible()
    settled(page)
    return page


def whole(look: Look, address: str, *schemes: Scheme, without: str = "") -> None:
    """A page as it was loaded from an address."""
    look.still(address)
    look.at(address, *schemes, without=without)
    look.zoomed(address)


def test_what_readers_see(site: Site, visit: Visitor) -> None:
    """The last three are checked in dark on a phone, in test_browser_model and _links."""
    ids = [named(site, "community", name).entry_id for name in (SECOND, THIRD)]
    chart = "[data-testid=stVegaLiteChart] :is(svg, canvas)"
    page = drawn(visit("/", width=1360), chart)
    with looking(page) as look:
        whole(look, "/")
        # The table was checked with the first view below it.
        for view in ("One metric", "Two metrics"):  # as loaded: test_browser_explore
            page.get_by_role("radio", name=view).click()
            expect(page).to_have_url(re.compile(view.replace(" ", r"\+")))
            drawn(page, chart)
            look.at(view, without=".mvb")
            look.zoomed(view)
        page.goto(f"{site.url}/?explore=Over+time")
        drawn(page, chart)
        whole(look, "Over time", without=".mvb")
        for address in ("/owner", f"/judge_status?model={ids[0]}"):
            page.goto(site.url + address)
            drawn(page, "h1")
            whole(look, address)
        page.goto(f"{site.url}/board/community")
        look.plain("the plain board")
        for address, there in {
            f"/model?id={ids[0]}": "#report",
            f"/compare?ids={','.join(ids)}": chart,
            "/about": "#contact",
        }.items():
            page.goto(site.url + address)
            drawn(page, there)
            whole(look, address, "light")


def test_forced_colours_show_what_is_chosen_and_the_keyboard_is_always_seen(
    visit: Visitor,
) -> None:
    page = drawn(visit("/?board=Community&compact=true", width=1360), ".mvb tbody tr")
    expect(page.get_by_role("radio", name="Community")).to_be_checked()
    page.get_by_role("link", name="Leaderboard", exact=True).focus()
    for _ in range(12):  # the bar, the controls, the table
        page.keyboard.press("Tab")
        ring = page.evaluate(
            "(() => { const one = document.activeElement; const box = one.closest('label') ?? one;"
            " const seen = (it) => { const style = getComputedStyle(it);"
            "   return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0; };"
            " return seen(one) || seen(box) || one.matches('input:not([type=checkbox])')"
            "   ? '' : one.outerHTML.slice(0, 200); })()"
        )
        assert ring == ""
    page.emulate_media(forced_colors="active")
    colour = "one => getComputedStyle(one).backgroundColor"
    board = page.get_by_role("radiogroup", name="Board").get_by_role("radio")
    official, community = (board.nth(at).evaluate(colour) for at in (0, 1))
    assert official != community
    bar = page.get_by_test_id("stTopNavLink")
    assert bar.nth(0).evaluate(colour) != bar.nth(1).evaluate(colour)
    track = page.locator(".st-key-compact label:has(input) > div").first
    assert track.evaluate("one => getComputedStyle(one).borderStyle") == "solid"
    page.emulate_media(forced_colors="none")


def test_what_participants_see(site: Site, visit: Visitor, tmp_path: Path) -> None:
    form = "[data-testid=stForm]"
    page = drawn(visit("/submit", width=390), form)
    with looking(page) as look:
        look.still("Submit on a phone")
        look.at("Submit on a phone", "dark")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.set_viewport_size({"width": 1360, "height": 900})
        page.reload()
        drawn(page, form)
        whole(look, "Submit", "light")
        submit_and_see(look, few(site, tmp_path))


def few(site: Site, folder: Path) -> Path:
    """A small file with some answers missing."""
    records = json.loads((site.samples / "sample_good.json").read_text(encoding="utf-8"))[::10]
    for record in records[::50]:
        record["prediction"] = ""
    path = folder / "few.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    return path


def submit_and_see(look: Look, path: Path) -> None:
    """Submit a file, and look at what is seen on the way, to the tabs of its owner."""
    page = look.page
    page.locator("input[type=file]").set_input_files(path)
    see(page, re.compile("^Ready with"))
    look.at("a checked file")
    submit = page.get_by_role("button", name="Submit and evaluate")
    submit.click()
    see(page, re.compile("^Not submitted"))
    look.at("a refused form")
    page.get_by_role("textbox", name="Model name (required)").fill("Accessible Model")
    page.get_by_role("textbox", name="Organization (required)").fill("Lab")
    page.get_by_text("I have read the terms of submission.").click()
    submit.click()
    see(page, "What to do next")
    look.at("a result")
    page.set_viewport_size({"width": 390, "height": 844})
    frame = page.get_by_role("region", name="Scores by metric")
    assert frame.evaluate("one => one.scrollWidth <= one.clientWidth")
    look.at("a result on a phone", "dark")
    page.set_viewport_size({"width": 1360, "height": 900})
    page.get_by_role("link", name="My submissions").click()
    see(page, "Accessible Model")
    look.at("My submissions")
    tabs = page.get_by_role("tab")
    for number in range(1, tabs.count()):
        tabs.nth(number).click()
        look.at(f"My submissions, {tabs.nth(number).inner_text()}", within="[data-testid=stTabs]")
    page.set_viewport_size({"width": 390, "height": 844})
    last = tabs.last.bounding_box()
    assert last and last["x"] + last["width"] <= 390  # all tabs are seen on a phone


def test_what_the_admin_sees(visit: Visitor) -> None:
    page = drawn(visit("/admin", width=1360), "[data-testid=stForm]")
    with looking(page) as look:
        whole(look, "/admin")
        look_at_the_parts(Admin(page), look)


def look_at_the_parts(me: Admin, look: Look) -> None:
    parts = (
        "Inbox", "Official board", "Submissions", "Re-scoring", "Settings", "Health", "Audit",
        "Community",
    )  # fmt: skip
    all_parts = me.page.get_by_role("radiogroup", name="Part").get_by_role("radio")
    expect(all_parts).to_have_count(len(parts))
    for part in parts:
        me.part(part)
        look.at(f"Admin, {part}")  # dialogs: where they are opened (Admin.looked)


def test_comparing_by_keyboard_alone(visit: Visitor) -> None:
    page = visit("/compare")
    field = page.get_by_role("combobox", name=re.compile("^Models to compare"))
    for name in (SECOND, THIRD):
        tab_to(page, field)
        page.keyboard.type(name)
        expect(page.get_by_role("option")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page.get_by_label(re.compile(f"^Remove {name}"))).to_be_attached()
        page.keyboard.press("Escape")  # closes the list
    see(page, re.compile(f"^{SECOND} scores higher than {THIRD} on"))
    tab_to(page, page.get_by_role("button", name="Copy", exact=True))
    page.keyboard.press("Enter")
    see(page, re.compile("^(Copied|Selected: copy it with)"))


def test_promoting_by_keyboard_alone(site: Site, visit: Visitor) -> None:
    page = visit("/admin")
    me = Admin(page)
    me.part("Community")
    row = me.row(f"row_{named(site, 'community', SECOND).entry_id}")
    tab_to(page, row.get_by_role("button", name=re.compile("^Actions")))
    page.keyboard.press("Enter")
    menu = page.get_by_test_id("stPopoverBody")
    expect(menu.get_by_text(SECOND, exact=True)).to_be_visible()  # whole, if the row truncates it
    promote = menu.get_by_role("button", name="Promote")
    tab_to(page, promote)
    page.keyboard.press("Enter")
    expect(me.dialog).to_be_visible()
    tab_to(page, me.dialog.get_by_role("radio").first)
    page.keyboard.press("Space")  # the participant's scores
    expect(me.dialog.get_by_role("radio").first).to_be_checked()
    settled(page)
    tab_to(page, me.dialog.get_by_role("button", name="Promote", exact=True))
    page.keyboard.press("Enter")
    me.told(f"Promoted “{SECOND}” to the Official board.")
    tab_to(page, me.bar(f"Promoted “{SECOND}” to the Official board.").get_by_role("button").first)
    page.keyboard.press("Enter")
    me.told(f"Undone: Promoted “{SECOND}” to the Official board.")
    assert named(site, "community", SECOND)
