"""An admin who types payloads into every text field of the admin page, dialog by dialog.

Valid input is saved, other input is refused; the page is checked each time.
"""

import json
from collections.abc import Iterator

from playwright.sync_api import FilePayload, expect

from core.benchmark import METRICS
from core.model.entries import Entry
from core.model.fields import TEXT_FIELDS, Field
from core.ui.admin.edit import form_values
from tests.browser.admin_visit import Admin, personal, state, with_contact
from tests.browser.browser_site import Site
from tests.browser.hostile import COMPACT, PAYLOADS, mixed, plain, unharmed

FIELDS: dict[str, Field] = {field.path: field for field in TEXT_FIELDS}


def shown(me: Admin, *texts: str) -> None:
    """Check that the dialog shows these as text, without any effect."""
    for text in texts:
        expect(me.dialog).to_contain_text(plain(text))
    unharmed(me.page)


def fill_the_fields(me: Admin, payloads: Iterator[str], mark: str) -> dict[str, str]:
    """Fill in the form of an entry and go to its review; return its texts by name."""
    link = f"https://example.org/{mark}"
    texts = {
        name: link if field.link else mixed(field.limit, payloads, mark)
        for name, field in FIELDS.items()
    }
    for name, text in texts.items():
        me.fill(FIELDS[name].question or FIELDS[name].label, text)
    me.review()
    shown(me, *texts.values())
    return texts


def be_refused(me: Admin) -> None:
    """Payloads in fields for links and numbers; then the dialog is closed."""
    me.dialog.get_by_text("What the participant declared").click()
    links = [field.label for field in FIELDS.values() if field.link]
    numbers = [metric.name for metric in METRICS]
    for label in links:
        me.fill(label, "javascript:window.hacked=1")
    for name in numbers:
        me.fill(name, COMPACT)
    me.press("Review the change")
    summary = me.dialog.locator("[data-faults]")
    for text, refused in (
        ("must start with https://", links),
        ("expected a number or nothing, got", numbers),
    ):
        expect(summary.get_by_text(text)).to_have_count(len(refused))
        expect(me.dialog.get_by_text(text)).to_have_count(2 * len(refused))  # and at each field
    unharmed(me.page)
    me.press("Cancel")
    expect(me.dialog).to_have_count(0)


def add(me: Admin, site: Site, payloads: Iterator[str]) -> Entry:
    """An official entry by hand, after a refusal and a hostile results file."""
    me.begin("Add an entry")
    be_refused(me)
    me.begin("Add an entry")
    me.dialog.get_by_text("Fill in the metrics from a results file").click()
    content = json.dumps({"aggregated_results": {one: {one: one} for one in PAYLOADS}})
    name = f"{PAYLOADS[15].replace('/', ' ')}.json"
    file: FilePayload = {"name": name, "mimeType": "text/html", "buffer": content.encode()}
    me.dialog.locator("input[type=file]").set_input_files(file)
    me.sees("Read as")
    me.dialog.get_by_text("What the participant declared").click()
    texts = fill_the_fields(me, payloads, "M3")
    me.confirm("Add", f"Added “{texts['model_name']}” to the Official board.")
    return kept(me, site, texts)


def edit(me: Admin, site: Site, payloads: Iterator[str], entry: Entry) -> Entry:
    """Change all its texts: the review shows hostile old and new ones."""
    me.open(f"row_{entry.entry_id}", "Edit")
    texts = fill_the_fields(me, payloads, "M4")
    shown(me, entry.model_name, entry.organization)
    me.confirm("Save", f"Edited “{entry.model_name}”.")
    return kept(me, site, texts)


def kept(me: Admin, site: Site, texts: dict[str, str]) -> Entry:
    """The entry with the typed values, which its row shows."""
    (entry,) = [e for e in state(site).official if e.model_name == texts["model_name"]]
    assert texts.items() <= form_values(with_contact(site, entry)).items()
    me.search(texts["model_name"])
    row = me.row(f"row_{entry.entry_id}")
    for text in (entry.model_name, entry.declared.team or ""):
        expect(row).to_contain_text(plain(text))
    unharmed(me.page)
    return entry


def verify(me: Admin, site: Site, payloads: Iterator[str], entry: Entry) -> None:
    note, reason = mixed(900, payloads, "note"), mixed(900, payloads, "reason")
    me.open(f"row_{entry.entry_id}", "Verification")
    me.choose("State", "declined")
    me.fill("Reason (the owner reads it; required when declined)", reason)
    me.fill("Note (shown with the entry)", note)
    me.review()
    shown(me, note, reason)
    me.confirm("Save", f"Verification of “{entry.model_name}”: declined.")
    now = next(e for e in state(site).official if e.entry_id == entry.entry_id)
    assert now.verified_note == note
    assert now.verification
    assert now.verification.reason == reason


def remove_and_restore(me: Admin, payloads: Iterator[str], entry: Entry) -> None:
    """With a reason; a purge refuses a payload as the name."""
    reason = mixed(900, payloads, "reason")
    me.open(f"row_{entry.entry_id}", "Remove")
    shown(me, entry.model_name)
    me.fill("Reason (kept in the audit log)", reason)
    me.confirm("Remove", f"Removed “{entry.model_name}”.")
    trashed = f"trash_{entry.entry_id}"
    expect(me.row(trashed)).to_contain_text(plain(reason))
    me.open(trashed, "Purge")
    me.fill("Model name", reason)
    me.press("Purge for good")
    shown(me, f"Type the name exactly as shown: {entry.model_name}")
    me.press("Cancel")
    me.row(trashed).get_by_role("button", name="Restore").click()
    me.told(f"Restored “{entry.model_name}”.")
    unharmed(me.page)


def promote_and_close_a_report(me: Admin, site: Site, payloads: Iterator[str]) -> None:
    """Its note; the promotion is refused, since the name is on the Official board."""
    me.part("Community")
    report = next(one for one in state(site).reports if one.state == "open")
    entry = next(e for e in state(site).community if e.entry_id == report.entry_id)
    me.search(entry.model_name)
    me.open(f"row_{entry.entry_id}", "Promote")
    me.fill("Note (shown beside the entry)", mixed(900, payloads, "note"))
    me.dialog.get_by_text("The participant’s, checked").click()
    me.press("Promote")
    shown(me, f"A model named “{entry.model_name}” is already on the Official board")
    me.press("Cancel")
    me.part("Inbox")
    text = personal(site, report.contact_ref)["text"]
    expect(me.row(f"report_{report.report_id}")).to_contain_text(plain(text))
    me.open(f"report_{report.report_id}", "Close")
    me.fill("What was done about it (kept with the report)", mixed(900, payloads, "note"))
    me.confirm("Close it", "Closed a report.")
    unharmed(me.page)


def set_a_track(me: Admin, payloads: Iterator[str]) -> str:
    name = mixed(500, payloads, "Track")
    me.part("Settings")
    me.begin("Add a track")
    me.fill("Name", name)
    me.day("Opens", "2026-01-01")
    me.day("Closes", "2999-01-01")
    me.review()
    shown(me, name)
    me.confirm("Save", f"Saved the track “{name}”.")
    unharmed(me.page)
    return name


def close_and_announce(me: Admin, payloads: Iterator[str]) -> tuple[str, str]:
    """Submissions closed with a message, and an announcement above the boards."""
    message, line = mixed(500, payloads, "closed"), mixed(500, payloads, "line")
    me.row("change_General").get_by_role("button").click()
    me.dialog.get_by_text("Accept submissions").click()
    me.fill("Message while closed", message)
    me.fill("Announcement", line)
    me.review()
    shown(me, message, line)
    me.confirm("Save", "Changed the settings.")
    unharmed(me.page)
    return message, line
