"""The admin page with AppTest: every act on entries with its confirmation and undo."""

import json
import re
from pathlib import Path

import pytest

from core.access.submission_keys import key_opens
from core.benchmark import METRIC_KEYS, SCORED_KEYS
from core.changes import reporting
from core.model.published import own_run
from core.ranking.board import shown_board
from core.usecases import judge_runs, moderate
from core.usecases.services import Services
from tests.pages.admin_pages import demo_server, entries, field, first, markup, opened, told
from tests.pages.published_upload import publish_upload
from tests.pages.visited import open_page, press, shown


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    return demo_server(tmp_path, monkeypatch)


# The Official board


def test_promote_is_shown_first_done_and_undone(place: Services) -> None:
    entry = first(place, "community")
    app = press(press(opened(), "Promote a community entry"), "Promote", "ask_confirm")
    assert "Choose the entry first." in told(app)
    app.selectbox(key=field(app, "entry")).set_value(entry.entry_id).run()
    assert "Choose the entry first." not in told(app)  # solved
    assert entry.organization in told(app)
    app.text_input(key=field(app, "verified_note")).set_value("Run with 16 frames.")
    press(app, "Promote", "ask_confirm")
    assert "Say whose scores these are." in told(app)
    assert entry in entries(place, "community")
    app.radio(key=field(app, "scores")).set_value("checked")
    press(app, "Promote", "ask_confirm")
    moved = entries(place, "official")[-1]
    assert moved.verification.scores == "checked"
    page = shown(open_page("model", id=moved.entry_id))
    assert "The scores are the participant’s, checked by the maintainers." in page
    assert (moved.model_name, moved.metrics) == (entry.model_name, entry.metrics)
    assert (moved.status, moved.verified_note) == ("api_verified", "Run with 16 frames.")
    press(app, "Undo")
    assert first(place, "community") == entry
    assert moved not in entries(place, "official")


def test_promoting_with_the_maintainers_own_run_replaces_what_was_made_from_the_upload(
    place: Services,
) -> None:
    publish_upload(
        place, "own-run-entry", "Own-VLM", b"[]", metrics=dict.fromkeys(METRIC_KEYS, 0.1),
        coverage={"cvs_acc": {"scored": 60, "answered": 60, "records": 648}},
    )  # fmt: skip
    before = place.store.read().find("own-run-entry")[1]
    app = opened("Community")
    assert "covers 9.2 %<" in markup(app)
    press(app, "Promote", "Promote_own-run-entry")
    assert "The owner never asked for verification." in told(app)
    assert "Low coverage: CVS_acc" in told(app)
    assert "then **rank 11 of 11** on the Official board" in told(app)
    app.radio(key=field(app, "scores")).set_value("own run").run()
    assert "the results file decides the rank on the Official board" in told(app)
    press(app, "Promote", "ask_confirm")
    assert "Choose the results file of your own run." in told(app)
    older = {"TAL": {"overall": {"meanIoU@0.3": 0.41, "meanIoU@0.5": 0.31}}}
    data = json.dumps({"aggregated_results": older}).encode()
    (upload,) = [one for one in app.get("file_uploader") if str(one.key).endswith("own_results")]
    upload.set_value(("r.json", data, "application/json")).run()
    assert "0.410" in told(app)
    assert "Choose the results file of your own run." not in told(app)  # solved
    assert "Low coverage" not in told(app)  # the upload's
    assert "Missing metrics, ranked last: CVS_acc, " in told(app)
    press(app, "Promote", "ask_confirm")
    moved = place.store.read().find("own-run-entry")[1]
    assert (moved.board, own_run(moved), moved.coverage) == ("official", True, {})
    assert (moved.metrics["tag_miou_03"], moved.metrics["cvs_acc"]) == (0.41, None)
    assert moved.history[-1].metrics == before.metrics
    page = shown(open_page("model", id="own-run-entry"))
    assert "The scores are from the maintainers’ own run of the model." in page
    assert judge_runs.refusal(place, moved, "admin") == judge_runs.OWN_RUN
    press(app, "Undo")
    assert place.store.read().find("own-run-entry")[1] == before


def test_the_rank_after_promoting_is_that_of_the_scores_that_will_count(place: Services) -> None:
    poor = dict.fromkeys(METRIC_KEYS, 0.1)
    publish_upload(place, "entry-poor", "Poor-VLM", b"[]", metrics=poor, strict={})
    app = press(opened("Community"), "Promote", "Promote_entry-poor")
    assert "then **rank 11 of 11** on the Official board" in told(app)
    app.radio(key=field(app, "scores")).set_value("own run").run()
    (upload,) = [one for one in app.get("file_uploader") if str(one.key).endswith("own_results")]
    data = json.dumps({"metrics": dict.fromkeys(SCORED_KEYS, 1.0)}).encode()
    upload.set_value(("r.json", data, "application/json")).run()
    (then,) = re.findall(r"then \*\*rank (\d+) of 11\*\* on the Official board", told(app))
    press(app, "Promote", "ask_confirm")
    rank = shown_board(place.store.read(), "official").by_id["entry-poor"].rank
    assert rank == int(then) < 11


def test_an_edit_of_a_computed_score_says_that_it_is_changed_by_hand(place: Services) -> None:
    metrics = dict.fromkeys(METRIC_KEYS, 0.5)
    publish_upload(place, "made-entry", "Made", b"[]", metrics=metrics, strict={"cvs_acc": 0.4})
    app = press(opened("Community"), "Edit", "Edit_made-entry")
    app.text_input(key=field(app, "organization")).set_value("Another Lab")
    press(app, "Review the change")
    assert "by hand" not in told(app)
    press(app, "Back")
    app.text_input(key=field(app, "metrics.cvs_acc")).set_value("0.9")
    press(app, "Review the change")
    assert "Computed scores that you change by hand: CVS_acc." in told(app)
    assert "upload: their strict scores and scores by dataset are removed." in told(app)
    press(app, "Back")
    app.text_input(key=field(app, "metrics.cvs_acc")).set_value("0.500")
    app.text_input(key=field(app, "metrics.nap_acc")).set_value("0.9")  # it has neither
    press(app, "Review the change")
    assert "Computed scores that you change by hand: NAP_acc." in told(app)
    assert "no longer match the upload." in told(app)


def test_an_entry_is_added_by_hand_after_a_look_and_out_of_range_is_refused(
    place: Services,
) -> None:
    count = len(entries(place, "official"))
    app = press(opened(), "Add an entry")
    app.text_input(key=field(app, "model_name")).set_value("New-VLM")
    app.text_input(key=field(app, "organization")).set_value("Lab")
    app.text_input(key=field(app, "metrics.cvs_acc")).set_value("1.5")
    press(app, "Review the change")
    assert "expected 0 to 1" in told(app)
    app.text_input(key=field(app, "metrics.cvs_acc")).set_value("0.5")
    app.text_input(key=field(app, "contact")).set_value("someone@example.org")
    press(app, "Review the change")
    assert "0.500" in told(app)
    assert len(entries(place, "official")) == count
    press(app, "Add", "ask_confirm")
    added = entries(place, "official")[-1]
    assert (added.model_name, added.metrics["cvs_acc"]) == ("New-VLM", 0.5)
    assert added.metrics["dvc_f1"] is None
    assert place.store.with_contact(added).contact == "someone@example.org"
    assert "someone@" not in (place.settings.root / "journal.jsonl").read_text()
    press(app, "Undo")
    assert len(entries(place, "official")) == count


def test_a_results_file_fills_the_metrics_in_and_names_what_is_missing(place: Services) -> None:
    older = {"TAL": {"overall": {"meanIoU@0.3": 0.41, "meanIoU@0.5": 0.31}}}
    app = press(opened(), "Add an entry")
    app.text_input(key=field(app, "organization")).set_value("Lab")
    data = json.dumps({"aggregated_results": older}).encode()
    app.file_uploader(key="results_file").set_value(("r.json", data, "application/json")).run()
    assert "2 metrics are below" in told(app)
    assert "CVS_acc" in told(app)
    app.text_input(key=field(app, "model_name")).set_value("Filled-VLM")
    press(app, "Review the change")
    press(app, "Add", "ask_confirm")
    added = entries(place, "official")[-1]
    assert added.organization == "Lab"
    assert (added.metrics["tag_miou_03"], added.metrics["cvs_acc"]) == (0.41, None)


def test_an_edit_shows_old_and_new_and_can_be_undone(place: Services) -> None:
    entry = first(place, "official")
    app = press(opened(), "Edit", f"Edit_{entry.entry_id}")
    app.text_input(key=field(app, "organization")).set_value("Another Lab")
    app.text_input(key=field(app, "model_url")).set_value("javascript:alert(1)")
    press(app, "Review the change")
    assert "must start with https://" in told(app)
    app.text_input(key=field(app, "model_url")).set_value("https://example.org/m")
    press(app, "Review the change")
    for part in (entry.organization, "Another Lab", "https://example.org/m"):
        assert part in told(app)
    press(app, "Back")
    assert app.text_input(key=field(app, "organization")).value == "Another Lab"
    press(app, "Review the change")
    press(app, "Save")
    assert first(place, "official").organization == "Another Lab"
    press(app, "Undo")
    assert first(place, "official") == entry


def test_verification_and_marks_are_set_and_undone(place: Services) -> None:
    entry = first(place, "official")
    app = press(opened(), "Verification", f"Verification_{entry.entry_id}")
    app.text_input(key=field(app, "verified_note")).set_value("Checked twice.")
    press(app, "Review the change")
    press(app, "Save")
    assert first(place, "official").verified_note == "Checked twice."
    press(app, "Undo")
    assert first(place, "official") == entry
    press(app, "Marks", f"Marks_{entry.entry_id}")
    app.checkbox(key=field(app, "off_the_shelf")).set_value(not entry.off_the_shelf)
    press(app, "Review the change")
    press(app, "Save")
    assert first(place, "official").off_the_shelf is not entry.off_the_shelf
    press(app, "Undo")
    assert first(place, "official") == entry


def test_declining_a_verification_needs_a_reason(place: Services) -> None:
    entry = first(place, "community")
    app = press(opened("Community"), "Verification", f"Verification_{entry.entry_id}")
    app.selectbox(key=field(app, "state")).set_value("declined")
    press(app, "Review the change")
    assert "Give a reason" in told(app)
    app.text_input(key=field(app, "reason")).set_value("No access was given.")
    press(app, "Review the change")
    press(app, "Save")
    known = first(place, "community").verification
    assert known is not None
    assert (known.state, known.reason) == ("declined", "No access was given.")


def test_a_new_key_is_shown_once_and_opens_the_entry(place: Services) -> None:
    entry = first(place, "official")
    app = press(opened(), "New key", f"New key_{entry.entry_id}")
    press(app, "Make a new key")
    (key,) = [code.value for code in app.code if code.value.startswith("mvb-")]
    made = place.store.read().submissions[entry.upload_id]
    assert key_opens(key, made.key_hash)
    assert key not in (place.settings.root / "journal.jsonl").read_text()
    press(app, "Dismiss")
    assert key not in told(app)


# The Community board


def test_hide_and_show_again(place: Services) -> None:
    entry = first(place, "community")
    app = press(opened("Community"), "Hide", f"Hide_{entry.entry_id}")
    press(app, "Hide", "ask_confirm")
    assert entry.entry_id not in {e.entry_id for e in place.store.read().shown("community")}
    press(app, "Show", f"Show_{entry.entry_id}")
    press(app, "Show it")
    assert first(place, "community") == entry


def test_delete_restore_delete_and_purge_with_the_name_typed(place: Services) -> None:
    entry = first(place, "community")
    app = press(opened("Community"), "Delete", f"Delete_{entry.entry_id}")
    assert entry.model_name in told(app)
    assert "the owner reads it" in app.text_input(key=field(app, "reason")).label
    press(app, "Cancel")
    assert first(place, "community") == entry
    for way_back in ("Undo", "Restore"):
        press(app, "Delete", f"Delete_{entry.entry_id}")
        press(app, "Delete", "ask_confirm")
        assert entry not in entries(place, "community")
        assert f"Deleted “{entry.model_name}”." in told(app)
        press(app, way_back)
        assert first(place, "community") == entry
    press(app, "Delete", f"Delete_{entry.entry_id}")
    press(app, "Delete", "ask_confirm")
    press(app, "Purge", f"Purge_{entry.entry_id}")
    app.text_input(key=field(app, "name")).set_value("another")
    press(app, "Purge for good")
    assert "Type the name exactly" in told(app)
    app.text_input(key=field(app, "name")).set_value(entry.model_name)
    press(app, "Purge for good")
    assert not place.store.read().trash
    assert "This cannot be undone" in told(app)
    assert place.store.verify() == []


def test_a_report_and_a_verification_asked_for_are_listed_and_dealt_with(place: Services) -> None:
    entry = first(place, "community")
    hostile = "**bold** <script>alert(1)</script> [x](javascript:alert(1))"
    ref = place.store.add_personal({"text": hostile, "contact": "reader@example.org"})
    place.store.commit(reporting.report(entry.entry_id, "Scores", "reader", ref))
    moderate.set_verification(place, "community", entry, "asked", "owner")
    app = opened("Inbox")
    assert any(hostile in text.value for text in app.text)
    assert hostile not in "\n".join(m.value for m in app.markdown)
    headings = [heading.value for heading in app.header]
    assert headings == ["Reports (1)", "Verification requests (1)"]
    press(app, "Close", f"Close_{place.store.read().reports[0].report_id}")
    app.text_input(key=field(app, "note")).set_value("Asked the authors.")
    press(app, "Close it")
    assert place.store.read().reports[0].state == "closed"
    press(app, "Undo")
    assert place.store.read().reports[0].state == "open"


def test_what_was_changed_in_between_is_refused(place: Services) -> None:
    entry = first(place, "community")
    app = press(opened("Community"), "Delete", f"Delete_{entry.entry_id}")
    moderate.remove(place, "community", entry, "admin")
    press(app, "Delete", "ask_confirm")
    assert "no longer on the board" in told(app)
    press(app, "Close", "ask_close")
    assert "no longer on the board" not in told(app)


def test_metrics_without_a_value_are_counted_beside_the_name(place: Services) -> None:
    scores = {**dict.fromkeys(METRIC_KEYS, 0.5), "sa_acc": None, "rc_llm": None}
    full = {key: {"scored": 60, "answered": 60, "records": 60} for key in METRIC_KEYS}
    publish_upload(place, "one-missing", "Part-VLM", b"[]", metrics=scores, coverage=full)
    app = opened("Community")
    assert ">1 metric missing<" in markup(app)
    assert "covers 100 %<" in markup(app)
