"""The admin page in a real browser: sign-in, and every dialog on entries.

Each is opened, filled in by hand and looked at. What an act does to the boards, and its undo, is
tested with AppTest in tests/pages (test_admin_page.py and its neighbours); here some are confirmed
and undone, one of each form.
"""

import json
import re
import time

import pytest
from playwright.sync_api import expect

from core.access.submission_keys import key_opens
from core.benchmark import METRIC_BY_KEY
from core.changes import editing, reporting
from core.changes.editing import next_verification
from core.changes.settings import set_policy
from core.model.entries import Entry
from core.model.policy import Policy, Track
from core.model.published import published_state
from core.store.store import Store
from tests.browser.admin_visit import DIALOG, Admin, kinds, named, names, sign_in, state
from tests.browser.browser_site import Site, Visitor, see, select, settled, stopped
from tests.browser.troubled_entry import TROUBLED, a_troubled_entry

pytestmark = pytest.mark.browser

MODEL = "QWen3VL-adapter-f"
OTHER = "SPIRAL-Qwen3VL-4B-SFT-v2"
OFFICIAL = "GPT-5.4"
LONG_AGO = "2026-03-04"
REPORT = "The scores are of another model. " + "Both files have the same words. " * 12


def test_wrong_password_then_promote_and_undo_then_out(visit: Visitor, site: Site) -> None:
    page = visit("/about")
    page.get_by_role("link", name="Admin").click()
    sign_in(page, "wrong")
    see(page, re.compile("Wrong password"))
    me = Admin(page)
    me.part("Official board")
    me.search(MODEL)
    me.begin("Promote a community entry")
    me.refused("Promote", "Choose the entry first.")
    select(me.dialog.get_by_role("combobox", name="Community entry"), re.compile(re.escape(MODEL)))
    me.sees("What is copied", "Northwestern Polytechnical University")
    me.leave()

    me.part("Community")
    row = f"row_{named(site, 'community', MODEL).entry_id}"
    me.row(row).locator(".tm").hover()  # truncated
    expect(page.locator("#tip")).to_have_text("Northwestern Polytechnical University")
    me.open(row, "Promote")
    me.sees("What is copied", "The owner never asked for verification.")
    me.refused("Promote", "Say whose scores these are.")
    with stopped(site):  # what is typed before its answer comes stays
        me.dialog.get_by_text("The participant’s, checked").click()
        me.fill("Note (shown beside the entry)", "Run with 16 frames.")
    expect(me.dialog).not_to_contain_text("Say whose scores these are.")
    me.confirm("Promote", f"Promoted “{MODEL}” to the Official board.")
    assert named(site, "official", MODEL).verified_note == "Run with 16 frames."
    expect(me.row(row)).to_have_count(0)
    me.undo(f"Promoted “{MODEL}” to the Official board.")
    assert MODEL in names(site, "community")
    expect(me.row(row)).to_contain_text(MODEL)

    page.get_by_role("button", name="Sign out").click()
    see(page, "Signed out.")
    expect(page.get_by_text(MODEL)).to_have_count(0)
    page.go_back()
    expect(page.get_by_text(MODEL)).to_have_count(0)


def test_an_entry_is_added_by_hand_once_and_taken_back(visit: Visitor, site: Site) -> None:
    me = Admin(visit("/admin?part=Official board"))
    before, earlier = names(site, "official"), len(kinds(site))
    me.search("Hand-VLM")
    me.begin("Add an entry")
    me.refused("Review the change", "Model name is required.", "Organization is required.")
    me.sees("Not done. Fix the 2 problems below")
    me.look.at("a refused dialog", "dark", within=DIALOG)
    assert me.look.wrong == []
    expect(me.field("Model name")).to_be_focused()
    expect(me.field("Organization")).to_have_attribute("aria-invalid", "true")
    me.fill("Model name", "Hand-VLM")
    me.fill("Organization", "Lab")
    me.fill(METRIC_BY_KEY["cvs_acc"].name, "1.5")
    me.refused("Review the change", "expected 0 to 1, got 1.5")
    expect(me.field(METRIC_BY_KEY["cvs_acc"].name)).to_be_focused()

    me.dialog.get_by_text("Fill in the metrics from a results file").click()
    upload(me, b"no JSON")
    me.sees("not JSON")
    older = {"TAL": {"overall": {"meanIoU@0.3": 0.41, "meanIoU@0.5": 0.31}}}
    with stopped(site):  # what is typed while the file is read stays
        upload(me, json.dumps({"aggregated_results": older}).encode())
        me.fill("Model URL", "https://example.org/hand")
    me.sees("2 metrics are below", "Missing:")
    expect(me.field("Model URL")).to_have_value("https://example.org/hand")
    expect(me.field("Model name")).to_have_value("Hand-VLM")
    expect(me.field(METRIC_BY_KEY["tag_miou_03"].name)).to_have_value("0.410")
    me.fill(METRIC_BY_KEY["cvs_acc"].name, "0,5")
    me.review("Hand-VLM", "https://example.org/hand", "0.410", "0.310", "0.500")
    assert names(site, "official") == before

    done = "Added “Hand-VLM” to the Official board."
    me.dialog.get_by_role("button", name="Add", exact=True).dblclick()
    me.told(done)
    added = named(site, "official", "Hand-VLM")
    assert (added.metrics["tag_miou_03"], added.metrics["cvs_acc"]) == (0.41, 0.5)
    assert added.metrics["dvc_f1"] is None
    expect(me.row(f"row_{added.entry_id}")).to_contain_text("Hand-VLM")
    me.undo(done, clicks=2)
    expect(me.row(f"row_{added.entry_id}")).to_have_count(0)
    assert names(site, "official") == before
    assert kinds(site)[earlier:] == ["add_official", "undo"]


def upload(me: Admin, data: bytes) -> None:
    file = {"name": "results.json", "mimeType": "application/json", "buffer": data}
    me.dialog.locator("input[type=file]").set_input_files([file])  # type: ignore[list-item]


def test_an_official_entry_is_edited_verified_marked_and_given_a_key(
    visit: Visitor, site: Site
) -> None:
    store = Store(site.root, published_state())
    challenge = Policy(tracks=(Track(name="Challenge"),))
    store.commit(set_policy(store.read().policy, challenge, "test"))
    me, entry = Admin(visit("/admin?part=Official board")), named(site, "official", OFFICIAL)
    me.search(OFFICIAL)
    for act in (edit, edit_with_another, verify, mark, give_a_key, remove):
        act(me, site, entry)
        assert named(site, "official", OFFICIAL) == entry  # undone, or not done


def edit(me: Admin, site: Site, entry: Entry) -> None:
    row = f"row_{entry.entry_id}"
    me.open(row, "Edit")
    me.fill("Organization", "Another Lab")
    me.fill("Model URL", "javascript:alert(1)")
    me.refused("Review the change", "must start with https://")
    me.fill("Model URL", "https://example.org/m")
    me.review(entry.organization, "Another Lab", "https://example.org/m")
    click_again_beside(me)
    me.press("Back")
    expect(me.field("Organization")).to_have_value("Another Lab")
    me.review("Another Lab")
    me.confirm("Save", f"Edited “{OFFICIAL}”.")
    expect(me.row(row)).to_contain_text("Another Lab")
    edited = named(site, "official", OFFICIAL)
    assert (edited.organization, edited.model_url) == ("Another Lab", "https://example.org/m")
    me.undo(f"Edited “{OFFICIAL}”.")
    expect(me.row(row)).not_to_contain_text("Another Lab")


def click_again_beside(me: Admin) -> None:
    """The second click of a double click, beside the dialog that became smaller, has no effect."""
    title = me.dialog.get_by_text("Edit an entry").bounding_box()
    assert title is not None
    session, began = me.page.context.new_cdp_session(me.page), time.time()
    # With times of their own, so that a busy machine does not make two clicks of them.
    for x, at in ((title["x"] + 5, began), (5.0, began + 0.2)):
        for kind in ("mousePressed", "mouseReleased"):
            click = {"type": kind, "x": x, "y": title["y"] + 5, "button": "left", "clickCount": 1}
            session.send("Input.dispatchMouseEvent", {**click, "timestamp": at})
    session.detach()
    settled(me.page)


def edit_with_another(me: Admin, site: Site, entry: Entry) -> None:
    """Somebody else edits the same field while the dialog is open: what was typed stays.

    The rows' menus stay the same ones: a menu opened while the page closes the dialog stays open.
    """
    store = Store(site.root, published_state())
    me.open(f"row_{entry.entry_id}", "Edit")
    settled(me.page)
    menu = me.menu(f"row_{entry.entry_id}").get_attribute("class")
    me.fill("Organization", "My Lab")
    theirs = {"organization": "Their Lab", "model_url": "https://example.org/theirs"}
    store.commit(editing.edit("official", entry, theirs, "test"))
    me.refused("Review the change", "Somebody else has changed this")
    expect(me.field("Organization")).to_have_value("My Lab")
    expect(me.field("Model URL")).to_have_value("https://example.org/theirs")
    me.leave()
    settled(me.page)
    assert me.menu(f"row_{entry.entry_id}").get_attribute("class") == menu
    back = {"organization": entry.organization, "model_url": entry.model_url}
    store.commit(editing.edit("official", named(site, "official", OFFICIAL), back, "test"))


def verify(me: Admin, site: Site, entry: Entry) -> None:
    row = f"row_{entry.entry_id}"
    me.open(row, "Verification")
    date = me.dialog.get_by_test_id("stDateInput").locator("input")
    date.fill(LONG_AGO)
    date.press("Enter")
    me.fill("Note (shown with the entry)", "Checked twice.")
    me.review(LONG_AGO, "Checked twice.")
    me.confirm("Save", f"Verification of “{OFFICIAL}”: verified.")
    verified = named(site, "official", OFFICIAL)
    assert (verified.verified_date, verified.verified_note) == (LONG_AGO, "Checked twice.")
    expect(me.row(row)).to_contain_text("4 Mar 2026")
    me.undo(f"Verification of “{OFFICIAL}”: verified.")


def mark(me: Admin, site: Site, entry: Entry) -> None:
    me.open(f"row_{entry.entry_id}", "Marks")
    me.dialog.get_by_text("Off-the-shelf: not trained for this benchmark").click()
    me.dialog.get_by_text("From the organisers of the benchmark").click()
    me.choose("Track", "Challenge")
    me.review("Off-the-shelf", "From the organisers", "Challenge")
    me.leave()


def give_a_key(me: Admin, site: Site, entry: Entry) -> None:
    me.open(f"row_{entry.entry_id}", "New key")
    me.confirm("Make a new key", f"New submission key of “{OFFICIAL}”.")
    key = me.page.get_by_test_id("stCode").get_by_text(re.compile("^mvb-")).inner_text().strip()
    assert key_opens(key, state(site).submissions[entry.upload_id].key_hash)
    me.undo(f"New submission key of “{OFFICIAL}”.")
    expect(me.page.get_by_text(key)).to_have_count(0)
    assert key not in me.page.content()
    assert not any(key_opens(key, made.key_hash) for made in state(site).submissions.values())


def remove(me: Admin, site: Site, entry: Entry) -> None:
    me.open(f"row_{entry.entry_id}", "Remove")
    me.sees(OFFICIAL)
    me.fill("Reason (the owner reads it; kept in the audit log)", "Asked by its authors.")
    me.leave()


def test_requests_are_dealt_with_and_an_entry_is_hidden_deleted_and_purged(
    visit: Visitor, site: Site
) -> None:
    store, entry = Store(site.root, published_state()), named(site, "community", OTHER)
    told = store.add_personal({"text": REPORT, "contact": "r@x.org"})
    store.commit(reporting.report(entry.entry_id, "Scores", "reader", told))
    asked = next_verification(entry, "asked")
    store.commit(editing.verification("community", entry, asked, "owner"))
    a_troubled_entry(store)
    me = Admin(visit("/admin?part=Community"))
    entry = named(site, "community", OTHER)
    me.part("Inbox")
    close_a_report(me, site)
    set_the_state(me, entry)
    look_at_the_troubled(me)
    me.part("Community")
    be_warned_of_promoting_it(me)
    hide_and_show(me, visit, entry)
    assert named(site, "community", OTHER) == entry
    delete_and_purge(me, site, entry)
    assert store.verify() == []
    assert "another model" not in (site.root / "reports.json").read_text(encoding="utf-8")


def look_at_the_troubled(me: Admin) -> None:
    me.open(f"flagged_{TROUBLED}", "Review")
    me.press("Cancel")
    me.open(f"surplus_{TROUBLED}", "Review")
    me.sees("90 answers have more segments", "0.001")
    me.press("Cancel")


def be_warned_of_promoting_it(me: Admin) -> None:
    me.open(f"row_{TROUBLED}", "Promote")
    me.sees(
        "Missing metrics, ranked last: NAP_acc, SA_acc,",
        "Caption scores are held: 2 records with flagged captions.",
        "Held for surplus segments: TAG@0.3.",
        "Low coverage: CVS_acc 15.4 %.",
        "1 open report about this entry.",
        "The owner never asked for verification.",
    )
    me.refused("Promote", "Not done. Fix the problem below", "Say whose scores these are.")
    expect(me.dialog.get_by_role("radio").first).to_be_focused()
    me.dialog.get_by_text("From the maintainers’ own run").click()
    expect(me.dialog.get_by_test_id("stFileUploader")).to_be_visible()  # and moves the button
    me.refused("Promote", "Choose the results file of your own run.")
    expect(me.dialog.get_by_test_id("stFileUploader").locator("button").last).to_be_focused()
    upload(me, b"no JSON")
    me.sees("not JSON")
    me.leave()


def close_a_report(me: Admin, site: Site) -> None:
    row = f"report_{state(site).reports[0].report_id}"
    expect(me.row(row)).to_contain_text("The scores are of another model.")
    told = me.row(row).get_by_text("Both files have")
    assert told.evaluate("one => one.offsetHeight") > 40  # read in the list, on several lines
    me.open(row, "Close")
    me.fill("What was done about it (kept with the report)", "Asked the authors.")
    me.confirm("Close it", "Closed a report.")
    expect(me.row(row)).to_have_count(0)
    me.undo("Closed a report.")
    expect(me.row(row)).to_have_count(1)
    assert state(site).reports[0].state == "open"


def set_the_state(me: Admin, entry: Entry) -> None:
    me.open(f"asked_{entry.entry_id}", "Set state")
    me.choose("State", "declined")
    me.refused("Review the change", "Give a reason in one sentence")
    me.choose("State", "contacted")
    me.review("contacted")
    me.leave()


def hide_and_show(me: Admin, visit: Visitor, entry: Entry) -> None:
    row = f"row_{entry.entry_id}"
    me.open(row, "Hide")
    me.confirm("Hide", f"Hid “{OTHER}”.")
    expect(me.row(row)).to_contain_text("hidden")
    reader = visit("/?board=Community")
    expect(reader.locator(".mvb tbody tr").first).to_be_visible()
    expect(reader.locator(".mvb tbody tr", has_text=OTHER)).to_have_count(0)
    me.open(row, "Show")
    me.confirm("Show it", f"“{OTHER}” is shown again.")


def delete_and_purge(me: Admin, site: Site, entry: Entry) -> None:
    trashed = f"trash_{entry.entry_id}"
    me.open(f"row_{entry.entry_id}", "Delete")
    me.confirm("Delete", f"Deleted “{OTHER}”.")
    assert OTHER not in names(site, "community")
    me.open(trashed, "Purge")
    me.fill("Model name", "another name")
    me.refused("Purge for good", f"Type the name exactly as shown: {OTHER}")
    assert [gone.entry.model_name for gone in state(site).trash] == [OTHER]
    me.fill("Model name", OTHER)
    done = f"Purged “{OTHER}”. This cannot be undone."
    me.confirm("Purge for good", done)
    expect(me.bar(done).get_by_role("button", name="Undo")).to_have_count(0)
    assert not state(site).trash


def test_the_page_does_not_scroll_sideways_on_a_phone(visit: Visitor, site: Site) -> None:
    store, entry = Store(site.root, published_state()), named(site, "community", MODEL)
    store.commit(editing.edit("community", entry, {"organization": "Lab"}, "admin"))
    back = {
        "organization": entry.organization,
        "contact_ref": store.add_personal({"contact": "somebody.with.a.long.name@lab.example.org"}),
    }
    store.commit(editing.edit("community", named(site, "community", MODEL), back, "admin"))
    me = Admin(visit("/admin?part=Community", width=390))
    see(me.page, MODEL)
    assert me.page.evaluate("document.documentElement.scrollWidth") <= 390
    entries = me.page.locator("[class*=st-key-line_row_]")
    expect(entries.first).to_be_visible()
    sizes = entries.evaluate_all(
        "rows => ['.nm', '.figures'].map(part => rows.map(row => getComputedStyle("
        "row.querySelector(part)).fontSize))"
    )
    assert [set(found) for found in sizes] == [{"14px"}, {"12px"}]  # names, figures
    placed = entries.evaluate_all(
        """rows => rows.map(row => [row.offsetHeight, row.querySelector('.figures').offsetHeight,
        row.querySelector('button').getBoundingClientRect().top - row.getBoundingClientRect().top])
        """
    )
    # Its figures are one line below its name and menu; the name may wrap.
    assert max(height for height, _, _ in placed) <= 80
    assert max(figures for _, figures, _ in placed) <= 24
    ends = entries.locator(".date").evaluate_all(
        "dates => dates.map(one => one.getBoundingClientRect().right)"
    )
    assert max(ends) <= 390 - 16  # a long contact is cut, not the date beside it
    assert max(menu for _, _, menu in placed) <= 16
    me.part("Audit")
    lines = me.page.locator("[class*=st-key-line_audit_]")
    expect(lines.first).to_be_visible()
    heights = lines.evaluate_all("all => all.map(one => one.offsetHeight)")
    assert max(heights) <= 104  # three rows of words: the third for a long name with two buttons
    me.part("Community")
    me.open(f"row_{named(site, 'community', MODEL).entry_id}", "Edit")
    assert me.page.evaluate("document.documentElement.scrollWidth") <= 390
