"""The admin page with AppTest: payloads typed into every field are kept as typed, or refused.

That they are shown as text is tested in a browser, by test_browser_hostile_admin.py.
"""

import datetime
import json
from collections.abc import Iterator, Mapping
from itertools import cycle
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.benchmark import METRICS
from core.changes import reporting
from core.model.entries import Entry
from core.model.fields import TEXT_FIELDS
from core.ui.admin.edit import form_values
from core.usecases.services import Services
from tests.hostile_texts import COMPACT, PAYLOADS, mixed
from tests.pages.admin_pages import demo_server, entries, field, first, opened, told
from tests.pages.visited import press


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    return demo_server(tmp_path, monkeypatch)


def hostile_texts(mark: str) -> dict[str, str]:
    """A text for each field of an entry, by name."""
    payloads, link = cycle(PAYLOADS), f"https://example.org/{mark}"
    return {one.path: link if one.link else mixed(one.limit, payloads, mark) for one in TEXT_FIELDS}


def type_in(app: AppTest, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        app.text_input(key=field(app, name)).set_value(text)


def kept(place: Services, texts: Mapping[str, str]) -> Entry:
    """The official entry with exactly these values."""
    (entry,) = [e for e in entries(place, "official") if e.model_name == texts["model_name"]]
    assert texts.items() <= form_values(place.store.with_contact(entry)).items()
    return entry


def test_in_fields_for_links_and_numbers_payloads_are_refused(place: Services) -> None:
    count = len(entries(place, "official"))
    app = press(opened(), "Add an entry")
    links = {one.path: "javascript:window.hacked=1" for one in TEXT_FIELDS if one.link}
    numbers = {f"metrics.{metric.key}": COMPACT for metric in METRICS}
    type_in(app, links | numbers)
    press(app, "Review the change")
    assert told(app).count("must start with https://") >= len(links)
    assert told(app).count("expected a number or nothing, got") >= len(numbers)
    assert len(entries(place, "official")) == count


def test_an_entry_is_added_and_edited_with_payloads_in_every_field(place: Services) -> None:
    app = press(opened(), "Add an entry")
    results = json.dumps({"aggregated_results": {one: {one: one} for one in PAYLOADS}}).encode()
    file = (f"{PAYLOADS[15].replace('/', ' ')}.json", results, "text/html")
    app.file_uploader(key="results_file").set_value(file).run()
    assert "Read as" in told(app)
    texts = hostile_texts("M3")
    type_in(app, texts)
    press(app, "Review the change")
    press(app, "Add", "ask_confirm")
    assert f"Added “{texts['model_name']}” to the Official board." in told(app)
    added = kept(place, texts)
    press(app, "Edit", f"Edit_{added.entry_id}")
    texts = hostile_texts("M4")
    type_in(app, texts)
    press(app, "Review the change")
    assert added.model_name in told(app)
    assert texts["model_name"] in told(app)
    press(app, "Save")
    assert kept(place, texts).entry_id == added.entry_id


@pytest.fixture
def payloads() -> Iterator[str]:
    return cycle(PAYLOADS)


def test_notes_and_reasons_are_kept_and_a_purge_is_refused(
    place: Services, payloads: Iterator[str]
) -> None:
    note, reason = mixed(900, payloads, "note"), mixed(900, payloads, "reason")
    entry = first(place, "official")
    app = press(opened(), "Verification", f"Verification_{entry.entry_id}")
    app.selectbox(key=field(app, "state")).set_value("declined")
    type_in(app, {"reason": reason, "verified_note": note})
    press(app, "Review the change")
    press(app, "Save")
    verified = first(place, "official")
    assert verified.verified_note == note
    assert verified.verification
    assert verified.verification.reason == reason
    press(app, "Remove", f"Remove_{entry.entry_id}")
    type_in(app, {"reason": reason})
    press(app, "Remove", "ask_confirm")
    (gone,) = place.store.read().trash
    assert gone.deletion.reason == reason
    press(app, "Purge", f"Purge_{entry.entry_id}")
    type_in(app, {"name": reason})
    press(app, "Purge for good")
    assert f"Type the name exactly as shown: {entry.model_name}" in told(app)
    assert place.store.read().trash == (gone,)


def test_a_report_is_closed_with_a_note(place: Services, payloads: Iterator[str]) -> None:
    note = mixed(900, payloads, "note")
    ref = place.store.add_personal({"text": " ".join(PAYLOADS), "contact": PAYLOADS[0]})
    entry = first(place, "community")
    place.store.commit(reporting.report(entry.entry_id, PAYLOADS[1], "reader", ref))
    app = opened("Inbox")
    press(app, "Close", f"Close_{place.store.read().reports[0].report_id}")
    type_in(app, {"note": note})
    press(app, "Close it")
    (report,) = place.store.read().reports
    assert (report.state, report.closed_note) == ("closed", note)


def test_settings_and_tracks_are_kept(place: Services, payloads: Iterator[str]) -> None:
    name, message, line = (mixed(500, payloads, mark) for mark in ("Track", "closed", "line"))
    app = press(opened("Settings"), "Add a track")
    type_in(app, {"name": name})
    app.date_input(key=field(app, "opens")).set_value(datetime.date(2026, 1, 1))
    press(app, "Review the change")
    press(app, "Save")
    press(app, "Change", "change_General")
    app.toggle(key=field(app, "accept_submissions")).set_value(False)
    type_in(app, {"closed_message": message, "announcement": line})
    press(app, "Review the change")
    assert message in told(app)
    press(app, "Save")
    policy = place.store.read().policy
    assert [track.name for track in policy.tracks] == [name]
    assert (policy.accept_submissions, policy.closed_message, policy.announcement) == (
        False, message, line,
    )  # fmt: skip
