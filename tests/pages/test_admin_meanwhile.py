"""The admin page with AppTest: two admins. Changes that a dialog did not show are kept."""

import hashlib
import json
from datetime import date
from pathlib import Path

import msgspec
import pytest
from streamlit.testing.v1 import AppTest

from core.benchmark import METRIC_KEYS, SCORER_VERSION
from core.changes import submitting
from core.files.ids import new_id
from core.model.entries import Entry, Submission
from core.model.policy import Track
from core.model.state import now
from core.runs.records import JobFiles, result_files
from core.usecases import board_settings, moderate
from core.usecases.services import Services
from tests.pages.admin_pages import demo_server, entries, field, first, opened, told
from tests.pages.visited import press

OTHER = "admin:somebody else"
MEANWHILE = "Somebody else has changed this"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    return demo_server(tmp_path, monkeypatch)


def saved(app: AppTest) -> AppTest:
    return press(press(app, "Review the change"), "Save")


def test_an_edit_writes_only_what_was_typed(place: Services) -> None:
    entry = first(place, "official")
    app = press(opened(), "Edit", f"Edit_{entry.entry_id}")
    app.text_input(key=field(app, "model_url")).set_value("https://example.org/m")
    press(app, "Review the change")
    theirs = {"organization": "Their Lab", "metrics.cvs_acc": "0.111"}
    moderate.edit(place, "official", entry, theirs, OTHER)
    press(app, "Save")
    made = first(place, "official")
    assert (made.organization, made.metrics["cvs_acc"]) == ("Their Lab", 0.111)
    assert made.model_url == "https://example.org/m"
    assert set(place.store.lines()[-1].act["new"]) == {"model_url"}
    press(app, "Undo")
    assert first(place, "official").model_url == entry.model_url
    assert first(place, "official").organization == "Their Lab"


@pytest.mark.parametrize("when", ["before the review", "after the review"])
def test_an_edit_of_what_somebody_else_edited_is_refused_and_then_looked_at(
    place: Services, when: str
) -> None:
    entry = first(place, "official")
    app = press(opened(), "Edit", f"Edit_{entry.entry_id}")
    app.text_input(key=field(app, "organization")).set_value("My Lab")
    app.text_input(key=field(app, "declared.team")).set_value("Blue")
    if when == "after the review":
        press(app, "Review the change")
    theirs = {"organization": "Their Lab", "model_url": "https://example.org/theirs"}
    moderate.edit(place, "official", entry, theirs, OTHER)
    press(app, "Save" if when == "after the review" else "Review the change")
    assert MEANWHILE in told(app)
    assert first(place, "official").organization == "Their Lab"
    # The input is still there; the other fields show their current values.
    assert app.text_input(key=field(app, "organization")).value == "My Lab"
    assert app.text_input(key=field(app, "declared.team")).value == "Blue"
    assert app.text_input(key=field(app, "model_url")).value == "https://example.org/theirs"
    press(app, "Review the change")
    assert MEANWHILE not in told(app)
    assert "Their Lab" in told(app)
    press(app, "Save")
    made = first(place, "official")
    assert (made.organization, made.declared.team) == ("My Lab", "Blue")
    assert made.model_url == "https://example.org/theirs"


def test_a_contact_that_somebody_else_gave_is_not_overwritten(place: Services) -> None:
    entry = first(place, "official")
    app = press(opened(), "Edit", f"Edit_{entry.entry_id}")
    app.text_input(key=field(app, "contact")).set_value("mine@example.org")
    press(app, "Review the change")
    moderate.edit(place, "official", entry, {"contact": "theirs@example.org"}, OTHER)
    press(app, "Save")
    assert MEANWHILE in told(app)
    assert place.store.with_contact(first(place, "official")).contact == "theirs@example.org"
    assert app.text_input(key=field(app, "contact")).value == "mine@example.org"
    saved(app)
    assert place.store.with_contact(first(place, "official")).contact == "mine@example.org"


def test_marks_write_only_what_was_ticked(place: Services) -> None:
    entry = first(place, "community")
    app = press(opened("Community"), "Marks", f"Marks_{entry.entry_id}")
    app.checkbox(key=field(app, "organiser")).set_value(True)
    press(app, "Review the change")
    moderate.mark(place, "community", entry, {"off_the_shelf": not entry.off_the_shelf}, OTHER)
    press(app, "Save")
    made = first(place, "community")
    assert made.off_the_shelf is not entry.off_the_shelf
    assert made.organiser is True


def test_a_mark_that_somebody_else_set_is_refused(place: Services) -> None:
    policy = place.store.read().policy
    tracks = (Track(name="Spring"), Track(name="Autumn"))
    board_settings.set_policy(place, policy, msgspec.structs.replace(policy, tracks=tracks), OTHER)
    entry = first(place, "community")
    app = press(opened("Community"), "Marks", f"Marks_{entry.entry_id}")
    app.selectbox(key=field(app, "track")).set_value("Spring")
    moderate.mark(place, "community", entry, {"track": "Autumn"}, OTHER)
    press(app, "Review the change")
    assert MEANWHILE in told(app)
    assert app.selectbox(key=field(app, "track")).value == "Spring"
    press(app, "Review the change")
    assert "Autumn" in told(app)
    press(app, "Save")
    assert first(place, "community").track == "Spring"


def test_a_note_leaves_the_verification_that_somebody_else_declined(place: Services) -> None:
    moderate.set_verification(place, "community", first(place, "community"), "asked", "owner")
    entry = first(place, "community")
    app = press(opened("Community"), "Verification", f"Verification_{entry.entry_id}")
    app.text_input(key=field(app, "verified_note")).set_value("Mine.")
    press(app, "Review the change")
    moderate.set_verification(place, "community", entry, "declined", OTHER, reason="No access.")
    press(app, "Save")
    made = first(place, "community")
    assert made.verification is not None
    assert (made.verification.state, made.verified_note) == ("declined", "Mine.")
    press(app, "Undo")
    made = first(place, "community")
    assert made.verification is not None
    assert (made.verification.state, made.verified_note) == ("declined", None)


def test_a_verification_that_somebody_else_set_is_refused(place: Services) -> None:
    entry = first(place, "community")
    app = press(opened("Community"), "Verification", f"Verification_{entry.entry_id}")
    app.selectbox(key=field(app, "state")).set_value("running")
    press(app, "Review the change")
    moderate.set_verification(place, "community", entry, "declined", OTHER, reason="No access.")
    press(app, "Save")
    assert MEANWHILE in told(app)
    assert app.selectbox(key=field(app, "state")).value == "running"
    assert app.text_input(key=field(app, "reason")).value == "No access."
    made = first(place, "community").verification
    assert made is not None
    assert made.state == "declined"
    app.text_input(key=field(app, "reason")).set_value("")
    press(app, "Review the change")
    assert "declined" in told(app)
    press(app, "Save")
    made = first(place, "community").verification
    assert made is not None
    assert (made.state, made.reason) == ("running", None)


def test_settings_write_only_what_was_typed_and_refuse_what_somebody_else_set(
    place: Services,
) -> None:
    app = press(opened("Settings"), "Change", "change_Quotas")
    app.number_input(key=field(app, "quota_per_day")).set_value(5)
    press(app, "Review the change")
    policy = place.store.read().policy
    theirs = msgspec.structs.replace(policy, quota_per_month=77, enforce_min_coverage=True)
    board_settings.set_policy(place, policy, theirs, OTHER)
    press(app, "Save")
    made = place.store.read().policy
    assert (made.quota_per_day, made.quota_per_month, made.enforce_min_coverage) == (5, 77, True)
    press(app, "Undo")
    assert place.store.read().policy == theirs
    # The same setting.
    press(app, "Change", "change_Quotas")
    app.number_input(key=field(app, "quota_per_day")).set_value(6)
    press(app, "Review the change")
    board_settings.set_policy(
        place, theirs, msgspec.structs.replace(theirs, quota_per_day=9), OTHER
    )
    press(app, "Save")
    assert MEANWHILE in told(app)
    assert place.store.read().policy.quota_per_day == 9
    assert app.number_input(key=field(app, "quota_per_day")).value == 6
    saved(app)
    assert place.store.read().policy.quota_per_day == 6


def test_two_tracks_are_edited_at_once_and_one_only_by_one(place: Services) -> None:
    policy = place.store.read().policy
    one, two = Track(name="One"), Track(name="Two", closes="2027-01-01")
    policy = msgspec.structs.replace(policy, tracks=(one, two))
    board_settings.set_policy(place, place.store.read().policy, policy, OTHER)
    app = press(opened("Settings"), "Edit", "Edit_track_One")
    app.date_input(key=field(app, "closes")).set_value(date.fromisoformat("2027-05-01"))
    press(app, "Review the change")
    later = msgspec.structs.replace(two, closes="2027-02-02")
    theirs = msgspec.structs.replace(policy, tracks=(one, later), announcement="Hello")
    board_settings.set_policy(place, policy, theirs, OTHER)
    press(app, "Save")
    made = place.store.read().policy
    assert made.announcement == "Hello"
    assert [track.closes for track in made.tracks] == ["2027-05-01", "2027-02-02"]
    # The same track.
    press(app, "Edit", "Edit_track_Two")
    app.date_input(key=field(app, "closes")).set_value(date.fromisoformat("2027-03-03"))
    press(app, "Review the change")
    last = msgspec.structs.replace(later, closes="2027-04-04", opens="2026-01-01")
    theirs = msgspec.structs.replace(made, tracks=(made.tracks[0], last))
    board_settings.set_policy(place, made, theirs, OTHER)
    press(app, "Save")
    assert MEANWHILE in told(app)
    assert app.date_input(key=field(app, "opens")).value == date.fromisoformat("2026-01-01")
    assert app.date_input(key=field(app, "closes")).value == date.fromisoformat("2027-03-03")
    assert place.store.read().policy == theirs
    # It is removed: the input cannot be saved, and does not become a new track.
    press(app, "Review the change")
    rest = msgspec.structs.replace(theirs, tracks=theirs.tracks[:1])
    board_settings.set_policy(place, theirs, rest, OTHER)
    press(app, "Save")
    assert "removed or renamed" in told(app)
    assert place.store.read().policy == rest


def test_the_shown_values_are_promoted(place: Services) -> None:
    entry = first(place, "community")
    app = press(opened(), "Promote a community entry")
    app.selectbox(key=field(app, "entry")).set_value(entry.entry_id).run()
    app.text_input(key=field(app, "verified_note")).set_value("Run with 16 frames.")
    app.radio(key=field(app, "scores")).set_value("checked")
    moderate.edit(place, "community", entry, {"metrics.cvs_acc": "0.111"}, OTHER)
    press(app, "Promote", "ask_confirm")
    assert "was not promoted" in told(app)
    assert first(place, "community").entry_id == entry.entry_id
    assert "0.111" in told(app)
    assert app.text_input(key=field(app, "verified_note")).value == "Run with 16 frames."
    assert app.radio(key=field(app, "scores")).value == "checked"
    press(app, "Promote", "ask_confirm")
    moved = entries(place, "official")[-1]
    assert (moved.metrics["cvs_acc"], moved.verified_note) == (0.111, "Run with 16 frames.")


def rescored(place: Services, value: float) -> Entry:
    """A stale entry, and a complete re-scoring of it that found `value`."""
    truth = place.settings.truth_path
    truth.parent.mkdir(parents=True, exist_ok=True)
    truth.write_text("[]")
    submission = Submission(
        submission_id=new_id(),
        model_name="Stale-VLM",
        organization="Lab",
        created=now(),
        key_hash="0" * 64,
        predictions_sha256="0" * 64,
        records=100,
    )
    files = result_files(place.settings.root, submission.submission_id)
    files.folder.mkdir(parents=True)
    files.upload.write_bytes(b"kept")
    place.store.commit(submitting.submit(submission, "participant"))
    made = Entry(
        entry_id=submission.submission_id,
        model_name="Stale-VLM",
        organization="Lab",
        metrics=dict.fromkeys(METRIC_KEYS) | {"cvs_acc": 0.5},
        scorer_version="0.9.0",
        ground_truth_sha256=hashlib.sha256(b"[]").hexdigest(),
    )
    place.store.commit(submitting.add(submission.submission_id, made))
    job = place.jobs.enqueue("rescore", submission.submission_id)
    files.rescored.outcome_folder.mkdir()
    outcome(place, made, value)
    done = msgspec.structs.replace(job, state="completed", ended=now())
    JobFiles(place.settings.root).change(job.job_id, lambda _job: done)
    return made


def outcome(place: Services, entry: Entry, value: float) -> None:
    """The files that the re-scoring's process leaves."""
    result = {
        "metrics": entry.metrics | {"cvs_acc": value},
        "scorer_version": SCORER_VERSION,
        "ground_truth_sha256": entry.ground_truth_sha256,
        "predictions_sha256": "0" * 64,
    }
    files = result_files(place.settings.root, entry.entry_id).rescored
    files.evaluation.write_text(json.dumps(result))


@pytest.mark.parametrize("what", ["the entry", "the outcome"])
def test_only_the_scores_that_were_shown_are_applied(place: Services, what: str) -> None:
    entry = rescored(place, 0.75)
    app = press(opened("Re-scoring"), "See before and after of 1")
    assert "0.750" in told(app)
    if what == "the entry":
        moderate.edit(place, "community", entry, {"metrics.cvs_acc": "0.6"}, OTHER)
        before = 0.6
    else:
        outcome(place, entry, 0.875)
        before = 0.5
    press(app, "Apply")
    assert "nothing was applied" in told(app)
    assert entries(place, "community")[-1].metrics["cvs_acc"] == before
    press(app, "Cancel")
    press(app, "Refresh")
    press(app, "See before and after of 1")
    after = 0.75 if what == "the entry" else 0.875
    assert f"{after:.3f}" in told(app)
    press(app, "Apply")
    assert entries(place, "community")[-1].metrics["cvs_acc"] == after
