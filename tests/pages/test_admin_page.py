"""The admin page by AppTest: the door, and every act with its confirmation and its undo."""

import hashlib
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from streamlit.testing.v1 import AppTest

from core import admin, admin_operations, judge_changes, operations, recent_errors
from core.benchmark import METRIC_KEYS, SCORER_VERSION
from core.boards import Services
from core.entries import BoardName, Entry, Judgement, Submission
from core.ids import new_id
from core.job_files import JobFiles, result_files
from core.submission_keys import key_opens
from core.ui.desk import services

PAGE = Path(__file__).resolve().parents[2] / "pages" / "admin.py"
GUARD_S = 240
PASSWORD = "zebra-secret-17"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """A server with demo data: ten official entries, three on the Community board."""
    for name in ("MEDVIDBENCH_GROUND_TRUTH", "MEDVIDBENCH_HUB_REPO", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("MEDVIDBENCH_ADMINS", "MEDVIDBENCH_PROXY_HEADER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MEDVIDBENCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    yield services()


def page(part: str = "") -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=GUARD_S)
    if part:
        app.query_params["part"] = part
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, label: str, key: str = "") -> AppTest:
    found = [b for b in app.button if b.label == label and (not key or b.key == key)]
    assert found, f"no button {label!r} among {[b.label for b in app.button]}"
    found[0].click()
    app.run()
    assert not app.exception
    return app


def sign_in(app: AppTest, password: str = PASSWORD) -> AppTest:
    app.text_input(key="admin_password").set_value(password)
    return press(app, "Sign in")


def opened(part: str = "") -> AppTest:
    return sign_in(page(part))


def field(app: AppTest, name: str) -> str:
    """The key of a field of the open dialog."""
    keys = [
        str(w.key)
        for kind in (app.text_input, app.checkbox, app.selectbox, app.toggle)
        for w in kind
    ]
    (found,) = [key for key in keys if re.fullmatch(rf"ask\d+_{re.escape(name)}", key)]
    return found


def told(app: AppTest) -> str:
    kinds = (app.text, app.markdown, app.info, app.error, app.warning, app.code)
    return "\n".join(str(e.value) for kind in kinds for e in kind)


def entries(place: Services, board: BoardName) -> tuple[Entry, ...]:
    return place.store.read().board(board)


def first(place: Services, board: BoardName) -> Entry:
    return entries(place, board)[0]


# The door


def test_without_a_password_the_page_is_closed_and_says_how_to_open_it(
    place: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ADMIN_PASSWORD")
    app = page()
    assert "The admin page is closed" in told(app)
    assert "ADMIN_PASSWORD" in told(app)
    assert not app.text_input
    assert not app.button


def test_a_wrong_password_opens_nothing_and_is_in_the_audit_log(place: Services) -> None:
    app = sign_in(page(), "wrong")
    assert "This is not the password" in told(app)
    assert "Sign out" not in [button.label for button in app.button]
    assert [step.op.kind for step in place.store.steps()] == ["sign_in_failed"]


def test_signing_in_and_out_is_in_the_audit_log(place: Services) -> None:
    app = opened()
    press(app, "Sign out")
    assert "Signed out." in told(app)
    assert not app.session_state["admin_desk"].session.actor
    assert [step.op.kind for step in place.store.steps()] == ["sign_in", "sign_out"]


def test_six_wrong_passwords_make_everybody_wait_a_moment(place: Services) -> None:
    app = page()
    for _ in range(6):
        sign_in(app, "wrong")
    assert "Many wrong passwords" in told(app)
    assert "This is not the password" not in told(app)
    kinds = [step.op.kind for step in place.store.steps()]
    assert kinds == ["sign_in_failed"] * 5
    # Another tab waits as well, also with the right password; then it is let in.
    app = sign_in(page())
    assert "Many wrong passwords" in told(app)
    app.session_state["admin_desk"].session.ticket.since -= 30
    press(app, "Sign in")
    assert app.session_state["admin_desk"].session.actor == "admin"


def test_an_idle_session_ends_and_does_nothing_more(place: Services) -> None:
    entry = first(place, "community")
    app = press(opened("Community"), "Hide", f"Hide_{entry.entry_id}")
    app.session_state["admin_desk"].session.seen -= 31 * 60
    press(app, "Hide", "ask_confirm")
    assert "Signed out after 30 minutes" in told(app)
    assert not first(place, "community").hidden
    assert entry.model_name not in told(app)


def test_an_account_named_as_admin_opens_the_page_and_another_does_not(
    place: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ADMIN_PASSWORD")
    monkeypatch.setenv("MEDVIDBENCH_ADMINS", "ada@example.org")
    ada = {"is_logged_in": True, "email": "ada@example.org", "email_verified": True, "sub": "1"}
    for user, opens in ((ada, True), ({**ada, "email_verified": False}, False)):
        app = AppTest.from_file(str(PAGE), default_timeout=GUARD_S)
        app.user = user
        app.run()
        assert ("Open the admin page" in [b.label for b in app.button]) == opens
        assert opens or "not named as an admin" in told(app)
    app.user = ada
    app.run()
    press(app, "Open the admin page")
    press(app, "Sign out")
    ops = [step.op for step in place.store.steps()]
    assert [op.kind for op in ops] == ["sign_in", "sign_out"]
    assert ops[0].actor.startswith("admin:")
    assert "example" not in ops[0].actor


def test_the_password_is_nowhere_on_disk(place: Services) -> None:
    app = opened()
    press(app, "Sign out")
    sign_in(app, PASSWORD + "x")
    for path in place.settings.data_dir.rglob("*"):
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes(), path


# The Official board


def test_promote_is_shown_first_done_and_undone(place: Services) -> None:
    entry = first(place, "community")
    app = press(opened(), "Promote a community entry")
    app.selectbox(key=field(app, "entry")).set_value(entry.entry_id).run()
    assert entry.organization in told(app)
    app.text_input(key=field(app, "verified_note")).set_value("Run with 16 frames.")
    press(app, "Promote", "ask_confirm")
    moved = entries(place, "official")[-1]
    assert (moved.model_name, moved.metrics) == (entry.model_name, entry.metrics)
    assert (moved.status, moved.verified_note) == ("api_verified", "Run with 16 frames.")
    press(app, "Undo")
    assert first(place, "community") == entry
    assert moved not in entries(place, "official")


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
    assert added.contact == "someone@example.org"
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
    press(app, "Save")
    assert "Say why" in told(app)
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
    place.store.commit(admin_operations.report(entry.entry_id, "Scores", "reader", ref))
    admin.set_verification(place, "community", entry, "asked", "owner")
    app = opened("Community")
    assert hostile in [text.value for text in app.text]
    assert hostile not in "\n".join(m.value for m in app.markdown)
    assert "Verification asked for" in "\n".join(s.value for s in app.subheader)
    press(app, "Close", f"Close_{place.store.read().reports[0].report_id}")
    app.text_input(key=field(app, "note")).set_value("Asked the authors.")
    press(app, "Close it")
    assert place.store.read().reports[0].state == "closed"
    press(app, "Undo")
    assert place.store.read().reports[0].state == "open"


def test_what_was_changed_meanwhile_is_refused(place: Services) -> None:
    entry = first(place, "community")
    app = press(opened("Community"), "Delete", f"Delete_{entry.entry_id}")
    admin.remove(place, "community", entry, "admin")
    press(app, "Delete", "ask_confirm")
    assert "not on the board any more" in told(app)
    press(app, "Close", "ask_close")
    assert "not on the board any more" not in told(app)


# The other tabs


def test_settings_change_after_a_look_and_are_undone(place: Services) -> None:
    app = press(opened("Settings"), "Change", "change_General")
    app.toggle(key=field(app, "accept_submissions")).set_value(False)
    app.text_input(key=field(app, "closed_message")).set_value("Back on Monday.")
    press(app, "Review the change")
    assert "Back on Monday." in told(app)
    assert place.store.read().policy.accept_submissions
    press(app, "Save")
    assert not place.store.read().policy.accept_submissions
    press(app, "Undo")
    assert place.store.read().policy.accept_submissions


def test_a_track_is_added_refused_with_wrong_dates_and_removed(place: Services) -> None:
    app = press(opened("Settings"), "Add a track")
    app.text_input(key=field(app, "name")).set_value("Challenge")
    app.text_input(key=field(app, "opens")).set_value("2027-02-01")
    app.text_input(key=field(app, "closes")).set_value("2027-01-01")
    press(app, "Review the change")
    assert "closes before it opens" in told(app)
    app.text_input(key=field(app, "closes")).set_value("2027-03-01")
    press(app, "Review the change")
    press(app, "Save")
    (track,) = place.store.read().policy.tracks
    assert (track.name, track.opens, track.closes) == ("Challenge", "2027-02-01", "2027-03-01")
    press(app, "Remove", "Remove_track_Challenge")
    press(app, "Remove", "ask_confirm")
    assert not place.store.read().policy.tracks


def test_health_tells_mirror_disk_queue_versions_and_warnings(
    place: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    recent_errors.keep()
    logging.getLogger("core.jobs").warning("a job could not be started")
    shown = told(opened("Health"))
    for part in ("No mirror is set up", "files", "0 of 2", "streamlit", "1.67.0"):
        assert part in shown
    assert "a job could not be started" in shown


def test_the_audit_filters_and_undoes(place: Services) -> None:
    entry = first(place, "community")
    op = admin.hide(place, "community", entry, "admin")
    app = opened("Audit")
    assert entry.model_name in told(app)
    app.text_input(key="audit_text").set_value("nothing like it").run()
    assert "0 of 2 changes" in told(app)
    app.text_input(key="audit_text").set_value("").run()
    press(app, "Undo", f"audit_undo_{op}")
    assert first(place, "community") == entry
    assert "undone" in told(app)


def test_readers_see_the_announcement_as_text(place: Services) -> None:
    hostile = "**Closes** on Monday <script>alert(1)</script>"
    policy = place.store.read().policy
    new = msgspec.structs.replace(policy, announcement=hostile)
    admin.set_policy(place, policy, new, "admin")
    app = AppTest.from_file(str(PAGE.with_name("leaderboard.py")), default_timeout=GUARD_S).run()
    assert hostile in [text.value for text in app.text]


# Jobs


def submitted(place: Services, name: str) -> Submission:
    """A submission whose upload is kept, as the Submit page leaves it."""
    submission = Submission(
        submission_id=new_id(),
        model_name=name,
        organization="Lab",
        created=operations.now(),
        key_hash="0" * 64,
        predictions_sha256="0" * 64,
        records=100,
    )
    files = result_files(place.settings.root, submission.submission_id)
    files.folder.mkdir(parents=True)
    files.upload.write_bytes(b"kept")
    place.store.commit(operations.submit(submission, "participant"))
    return submission


def test_a_job_is_listed_read_cancelled_and_run_again(place: Services) -> None:
    hostile = "**Model** <script>alert(1)</script>"
    job = place.jobs.enqueue("evaluation", submitted(place, hostile).submission_id)
    same = submitted(place, "The same file")
    app = opened("Submissions")
    texts = [text.value for text in app.text]
    assert hostile in texts
    assert hostile not in "\n".join(m.value for m in app.markdown)
    assert any(f"the same file as {same.model_name}" in text for text in texts)
    press(app, "Log", f"Log_{job.job_id}")
    assert "The log is empty." in told(app)
    press(app, "Close", "ask_cancel")
    press(app, "Cancel", f"Cancel_{job.job_id}")
    press(app, "Cancel the job")
    assert place.jobs.get(job.job_id).state == "cancelled"
    press(app, "Run again", f"Run again_{job.job_id}")
    press(app, "Run again", "ask_confirm")
    again = place.jobs.get(job.job_id)
    assert (again.state, again.attempt) == ("queued", 2)
    acts = [step.op.payload["act"] for step in place.store.steps() if step.op.kind == "acted"]
    assert acts == ["cancel job", "run job again"]


def test_a_stale_entry_is_scored_again_compared_applied_and_undone(place: Services) -> None:
    truth = place.settings.truth_path
    truth.parent.mkdir(parents=True)
    truth.write_text("[]")
    digest = hashlib.sha256(b"[]").hexdigest()
    submission = submitted(place, "Stale-VLM")
    metrics = dict.fromkeys(METRIC_KEYS) | {"cvs_acc": 0.5}
    made = Entry(
        entry_id=submission.submission_id,
        model_name="Stale-VLM",
        organization="Lab",
        metrics=metrics,
        scorer_version="0.9.0",
        ground_truth_sha256=digest,
    )
    place.store.commit(operations.add(submission.submission_id, made))
    app = opened("Re-scoring")
    assert "Scored by version 0.9.0" in told(app)
    press(app, "Score 1 again")
    (job,) = place.jobs.list()
    assert (job.kind, job.state) == ("rescore", "queued")

    # What its process leaves behind: a result beside the old one.
    files = result_files(place.settings.root, submission.submission_id).rescored
    files.outcome_folder.mkdir()
    result = {
        "metrics": metrics | {"cvs_acc": 0.75},
        "scorer_version": SCORER_VERSION,
        "ground_truth_sha256": digest,
        "predictions_sha256": "0" * 64,
    }
    files.evaluation.write_text(json.dumps(result))
    done = msgspec.structs.replace(job, state="completed", ended=operations.now())
    JobFiles(place.settings.root).change(job.job_id, lambda _job: done)

    press(app, "Look again")
    press(app, "See before and after of 1")
    for part in ("Stale-VLM", "0.500", "0.750", "0.9.0"):
        assert part in told(app)
    assert entries(place, "community")[-1].metrics["cvs_acc"] == 0.5
    press(app, "Apply")
    assert entries(place, "community")[-1].metrics["cvs_acc"] == 0.75
    assert "No entry is stale." in "\n".join(s.value for s in app.success)
    press(app, "Undo")
    assert entries(place, "community")[-1].metrics["cvs_acc"] == 0.5


def test_a_judge_run_is_refused_with_its_reason_and_flagged_captions_are_listed(
    place: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    submission = submitted(place, "Judged-VLM")
    judged = Judgement(
        run_id=new_id(),
        date=operations.now(),
        model="judge",
        metrics=dict.fromkeys(("dvc_llm", "vs_llm", "rc_llm"), 3.0),
        flagged=1,
        flagged_records={"17": ("gives grades",)},
    )
    made = Entry(
        entry_id=submission.submission_id,
        model_name="Judged-VLM",
        organization="Lab",
        metrics=dict.fromkeys(METRIC_KEYS),
        predictions_sha256="0" * 64,
        ground_truth_sha256="a" * 64,
    )
    place.store.commit(operations.add(submission.submission_id, made))
    run = judge_changes.open_run(submission.submission_id, judged.run_id, "admin")
    place.store.commit(run)
    place.store.commit(judge_changes.publish(submission.submission_id, judged, "0" * 64, "a" * 64))
    app = opened("Submissions")
    assert "record 17: gives grades" in told(app)
    press(app, "Start a judge run")
    app.selectbox(key=field(app, "entry")).set_value(made.entry_id).run()
    assert "OPENAI_API_KEY" in told(app)
    press(app, "Start", "ask_confirm")
    assert "OPENAI_API_KEY" in told(app)
    assert place.jobs.list() == []
