"""Cross-site scripting in a real browser: the admin page and what it decides for readers.

That payloads are kept as typed, whichever field they are typed into, is tested by
tests/pages/test_admin_hostile.py. Here every field has them, and they are shown as text wherever
the admin and readers see them: in lists, dialogs, reviews of a change, refusals and outcomes. The
boards have few entries; test_browser_hostile.py covers long hostile lists.
"""

import json
import re
from collections.abc import Iterator
from itertools import cycle

import pytest
from playwright.sync_api import FilePayload, expect

from core.benchmark import METRIC_KEYS, METRICS
from core.changes import editing, placing, reporting, settings, submitting
from core.changes.editing import next_verification
from core.files.ids import new_id
from core.model.entries import Entry, Submission
from core.model.fields import FIELD_BY_PATH, TEXT_FIELDS
from core.model.policy import Policy, Track
from core.model.published import published_state
from core.model.state import now
from core.store.store import Store
from tests.browser.admin_visit import Admin, named, personal, state
from tests.browser.browser_site import Site, Visitor, load, see, serve
from tests.browser.hostile import plain, reads, unharmed
from tests.hostile_texts import COMPACT, PAYLOADS, mixed

pytestmark = pytest.mark.browser

NAME, GONE, TAKEN = (f"N{number} {PAYLOADS[number]}" for number in (1, 2, 3))
TEXTS = {
    one.path: "https://example.org/M3" if one.link else mixed(one.limit, cycle(PAYLOADS), "M3")
    for one in TEXT_FIELDS
}
MODEL = TEXTS["model_name"]
NOTE, REASON, LINE, CLOSED, TRACK = (
    mixed(limit, cycle(PAYLOADS[at:]), mark)
    for at, (limit, mark) in enumerate(
        ((900, "note"), (900, "reason"), (500, "line"), (500, "closed"), (500, "Track"))
    )
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Both boards have entries with the same hostile names.

    One is in the trash, a submission was given up, a report is open, and there is a track.
    """
    folder = tmp_path_factory.mktemp("hostile")
    root = folder / "data" / "demo"
    root.mkdir(parents=True)
    rows = [
        {"model_name": name, "organization": PAYLOADS[2], **dict.fromkeys(METRIC_KEYS, 1.0)}
        for name in (NAME, GONE, TAKEN)
    ]
    for name in ("leaderboard.json", "official_leaderboard.json"):
        (root / name).write_text(json.dumps(rows), encoding="utf-8")
    submission = Submission(
        submission_id=new_id(),
        model_name=PAYLOADS[3],
        organization=PAYLOADS[4],
        created=now(),
        key_hash="0" * 64,
        predictions_sha256="0" * 64,
        records=6245,
    )
    store = Store(root, published_state())
    there = Site("", root)
    ref = store.add_personal({"text": " ".join(PAYLOADS), "contact": PAYLOADS[0]})
    declined = next_verification(named(there, "official", NAME), "declined", REASON)
    for change in (
        submitting.submit(submission, "test"),
        submitting.release(submission.submission_id, PAYLOADS[5]),
        placing.remove(named(there, "official", GONE), "admin", REASON),
        reporting.report(named(there, "community", NAME).entry_id, PAYLOADS[1], "reader", ref),
        editing.verification(
            "official", named(there, "official", NAME), declined, "admin", {"verified_note": NOTE}
        ),
        settings.set_policy(
            store.read().policy,
            Policy(accept_submissions=False, closed_message=CLOSED, announcement=LINE,
                   tracks=(Track(name=TRACK, opens="2026-01-01", closes="2999-01-01"),)),
            "admin",
        ),
    ):  # fmt: skip
        store.commit(change)
    entry = named(there, "official", NAME)
    texts = {name: text for name, text in TEXTS.items() if name != "contact"}
    store.commit(editing.edit("official", entry, texts, "admin"))
    with serve(folder) as found:
        yield found


def shown(me: Admin, *texts: str) -> None:
    """Check that the dialog shows these as text, without any effect."""
    for text in texts:
        expect(me.dialog).to_contain_text(plain(text))
    unharmed(me.page)


def test_the_admin_page_shows_payloads_as_text(site: Site, visit: Visitor) -> None:
    entry = named(site, "official", MODEL)
    me = Admin(visit("/admin?part=Official board"), looks=False)
    unharmed(me.page)
    be_refused(me)
    me.search("M3 <svg onload")
    edit(me, entry)
    verify(me, entry)
    look_at_the_trash(me, site, entry)
    be_refused_a_promotion(me, site)
    read_a_report(me, site)
    me.part("Submissions")
    me.search(f"nobody {PAYLOADS[0]}", "Search by name or id")
    see(me.page, "No submission matches.")
    unharmed(me.page)
    look_at_settings(me)
    me.part("Audit")
    me.search("M4 <svg onload", "Search")
    me.pick("Kind", "Edited")
    see(me.page, re.compile("^1 of "))
    me.page.get_by_role("button", name="Details").click()
    shown(me, entry.model_name, named(site, "official", MODEL.replace("M3", "M4")).model_name)


def be_refused(me: Admin) -> None:
    """A hostile results file, and payloads in fields for links and numbers."""
    me.begin("Add an entry")
    me.dialog.get_by_text("Fill in the metrics from a results file").click()
    content = json.dumps({"aggregated_results": {one: {one: one} for one in PAYLOADS}})
    name = f"{PAYLOADS[15].replace('/', ' ')}.json"
    file: FilePayload = {"name": name, "mimeType": "text/html", "buffer": content.encode()}
    me.dialog.locator("input[type=file]").set_input_files(file)
    me.sees("Read as")
    unharmed(me.page)
    me.fill("Model URL", "javascript:window.hacked=1")
    me.fill(METRICS[0].name, COMPACT)
    me.refused("Review the change", "must start with https://", "expected a number or nothing, got")
    unharmed(me.page)
    me.leave()


def edit(me: Admin, entry: Entry) -> None:
    """Change its name: the review, the outcome and the row show hostile texts."""
    me.open(f"row_{entry.entry_id}", "Edit")
    for name, text in TEXTS.items():
        if name != "contact":
            field = FIELD_BY_PATH[name]
            expect(me.field(field.question or field.label)).to_have_value(text)
    me.fill("Model name", MODEL.replace("M3", "M4"))
    me.fill("Authors", COMPACT)
    me.review()
    shown(me, MODEL, MODEL.replace("M3", "M4"), TEXTS["declared.authors"], COMPACT)
    me.confirm("Save", f"Edited “{MODEL}”.")
    me.search("M4 <svg onload")
    row = me.row(f"row_{entry.entry_id}")
    for text in (MODEL.replace("M3", "M4"), TEXTS["declared.team"]):
        expect(row).to_contain_text(plain(text))
    unharmed(me.page)


def verify(me: Admin, entry: Entry) -> None:
    me.open(f"row_{entry.entry_id}", "Verification")
    me.fill("Note (shown with the entry)", f"new {NOTE}"[:900])
    me.fill("Reason (the owner reads it; required when declined)", COMPACT)
    me.review()
    shown(me, NOTE, f"new {NOTE}"[:900], REASON, COMPACT)
    me.leave()


def look_at_the_trash(me: Admin, site: Site, entry: Entry) -> None:
    """Removing shows the name; a purge refuses a payload as the name."""
    me.open(f"row_{entry.entry_id}", "Remove")
    shown(me, MODEL.replace("M3", "M4"))
    me.leave()
    (gone,) = state(site).trash
    trashed = f"trash_{gone.entry.entry_id}"
    expect(me.row(trashed)).to_contain_text(plain(REASON))
    me.open(trashed, "Purge")
    me.fill("Model name", REASON)
    me.press("Purge for good")
    shown(me, f"Type the name exactly as shown: {GONE}")
    me.leave()


def be_refused_a_promotion(me: Admin, site: Site) -> None:
    """Its name is on the Official board."""
    me.part("Community")
    me.search(TAKEN)
    me.open(f"row_{named(site, 'community', TAKEN).entry_id}", "Promote")
    me.fill("Note (shown beside the entry)", NOTE)
    me.dialog.get_by_text("The participant’s, checked").click()
    me.press("Promote")
    shown(me, f"A model named “{TAKEN}” is already on the Official board")
    me.leave()


def read_a_report(me: Admin, site: Site) -> None:
    (report,) = state(site).reports
    me.part("Inbox")
    text = personal(site, report.contact_ref)["text"]
    expect(me.row(f"report_{report.report_id}")).to_contain_text(plain(text))
    me.open(f"report_{report.report_id}", "Close")
    me.fill("What was done about it (kept with the report)", NOTE)
    shown(me, NAME)
    me.leave()


def look_at_settings(me: Admin) -> None:
    me.part("Settings")
    reads(me.page, TRACK)
    me.begin("Add a track")
    me.fill("Name", f"Other {TRACK}"[:500])
    me.review()
    shown(me, f"Other {TRACK}"[:500])
    me.leave()
    me.row("change_General").get_by_role("button").click()
    for label, text in (("Message while closed", CLOSED), ("Announcement", LINE)):
        expect(me.field(label)).to_have_value(text)
        me.fill(label, f"new {text}"[:500])
    me.review()
    shown(me, CLOSED, LINE, f"new {CLOSED}"[:500], f"new {LINE}"[:500])
    me.leave()


def test_readers_see_what_the_admin_typed_as_text(site: Site, visit: Visitor) -> None:
    entry = next(e for e in state(site).official if e.organization == TEXTS["organization"])
    reader = visit(f"/model?id={entry.entry_id}")
    see(reader, "As declared by the submitters.")
    told = entry.declared
    declared = (told.team, told.authors, told.base_model, entry.verified_note)
    assert all(declared)  # each is there to be read
    reads(reader, *map(str, (entry.model_name, entry.organization, *declared)))
    unharmed(reader)
    load(reader, f"{site.url}/?board=Official")
    see(reader, plain(LINE))
    unharmed(reader)
    load(reader, f"{site.url}/submit")
    see(reader, "Submissions are closed.")
    reads(reader, CLOSED)
    unharmed(reader)
