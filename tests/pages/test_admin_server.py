"""The admin page with AppTest: settings, health, audit, jobs, re-scoring, judge runs."""

import hashlib
import json
import logging
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core import recent_errors
from core.benchmark import METRIC_KEYS, SCORER_VERSION
from core.changes import editing, judging, placing, submitting
from core.errors import MedVidBenchError
from core.files.ids import new_id
from core.mirror.sync import Mirror
from core.model.entries import Entry, Judgement, Submission
from core.model.state import now
from core.runs.records import JobFiles, result_files
from core.ui.session import current_services
from core.usecases import board_settings, moderate
from core.usecases.services import Services
from tests.hub.emulator import Emulator
from tests.hub.emulator_traffic import WRITE
from tests.pages.admin_pages import demo_server, entries, field, first, opened, told
from tests.pages.visited import open_page, press


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    return demo_server(tmp_path, monkeypatch)


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
    app.date_input(key=field(app, "opens")).set_value(date.fromisoformat("2027-02-01"))
    app.date_input(key=field(app, "closes")).set_value(date.fromisoformat("2027-01-01"))
    press(app, "Review the change")
    assert "closes before it opens" in told(app)
    app.date_input(key=field(app, "closes")).set_value(date.fromisoformat("2027-03-01"))
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
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    logging.getLogger("core.runs.queue").warning("a job could not be started")
    shown = told(opened("Health"))
    for part in ("No mirror is set up", "files", "0 of 2", "streamlit", "1.67.0"):
        assert part in shown
    assert "a job could not be started" in shown
    for part in ("Calls left today (UTC)", "Stale entries", "Newest entry"):
        assert part in shown


def test_a_mirror_that_failed_is_retried_when_asked(
    place: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Emulator() as hub:
        hub.add_repo("alice/bench")
        monkeypatch.setenv("MEDVIDBENCH_HUB_REPO", "alice/bench")
        monkeypatch.setenv("HF_TOKEN", WRITE)
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        mirrored = current_services()
        mirror = Mirror(mirrored.settings, mirrored.store)
        hub.fault(r"/api/", times=-1, status=401)
        with pytest.raises(MedVidBenchError):
            mirror.sync(force=True)
        app = opened("Health")
        assert "alice/bench" in told(app)
        assert "HF_TOKEN" in told(app)  # what to check
        assert WRITE not in told(app)
        assert mirror.backing_off()
        press(app, "Retry now")
        assert "The mirror tries again within ten seconds" in told(app)
        assert not mirror.backing_off()  # checked by the server's thread before a round
        assert [line.kind for line in mirrored.store.lines()] == ["sign_in", "acted"]
        hub.heal()
        mirror.sync(force=True)
        press(app, "Refresh")
        assert "The last round succeeded." in told(app)
        assert "Retry now" not in [button.label for button in app.button]


def test_the_audit_filters_and_undoes(place: Services) -> None:
    entry = first(place, "community")
    change = moderate.hide(place, "community", entry, "admin")
    app = opened("Audit")
    assert entry.model_name in told(app)
    app.text_input(key="audit_text").set_value("nothing like it").run()
    assert "0 of 1 change" in told(app)
    app.text_input(key="audit_text").set_value("").run()
    app.date_input(key="audit_since").set_value("2026-02-03")
    app.date_input(key="audit_until").set_value("2026-02-01").run()
    assert "“From” is the later one" in str([one.value for one in app.caption])
    app.date_input(key="audit_since").set_value(None)
    app.date_input(key="audit_until").set_value(None).run()
    press(press(app, "Undo", f"Undo_audit_{change}"), "Undo it")
    assert first(place, "community") == entry
    assert "undone" in told(app)


def test_readers_see_the_announcement_as_text(place: Services) -> None:
    hostile = "**Closes** on Monday <script>alert(1)</script> javascript:alert(1) https://a.org/x."
    policy = place.store.read().policy
    new = msgspec.structs.replace(policy, announcement=hostile)
    board_settings.set_policy(place, policy, new, "admin")
    app = open_page("leaderboard")
    assert hostile in [text.value for text in app.text]
    assert "[Open a.org](<https://a.org/x>)" in [text.value for text in app.markdown]


# Jobs


def submitted(place: Services, name: str, **fields: Any) -> Submission:
    """A submission with a kept upload, as created by the Submit page."""
    submission = Submission(
        submission_id=new_id(),
        model_name=name,
        organization="Lab",
        created=now(),
        key_hash="0" * 64,
        predictions_sha256="0" * 64,
        records=100,
        **fields,
    )
    files = result_files(place.settings.root, submission.submission_id)
    files.folder.mkdir(parents=True)
    files.upload.write_bytes(b"kept")
    place.store.commit(submitting.submit(submission, "participant"))
    return submission


def test_submissions_are_listed_under_today_s_names_each_once(place: Services) -> None:
    made = submitted(place, "Former name", evaluate_only=False)
    scores = dict.fromkeys(METRIC_KEYS)
    new = Entry(entry_id=made.submission_id, model_name="Former name", organization="Lab",
                metrics=scores)  # fmt: skip
    place.store.commit(submitting.add(made.submission_id, new))
    place.store.commit(editing.edit("community", new, {"model_name": "Name today"}, "owner"))
    for _ in range(2):
        seen = submitted(place, "Seen", evaluate_only=True)
        place.store.commit(submitting.release(seen.submission_id, "Cancelled."))
    for number in range(2):  # a key for an entry without a submission: no file is known
        hand = Entry(entry_id=f"hand-{number}", model_name=f"Hand {number}", organization="Lab",
                     metrics=scores)  # fmt: skip
        place.store.commit(placing.add_official(hand, "admin"))
        moderate.give_key(place, hand, "admin")
    app = opened("Submissions")
    texts = [text.value for text in app.text]
    assert "Name today" in texts
    assert "Former name" not in "\n".join(texts)
    assert "Lab · 100 records · the same file as Seen" in texts  # once, of the entry
    assert not any("Hand" in text for text in texts if "the same file" in text)


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
    assert "Its name" in told(app)
    press(app, "Cancel the job")
    assert place.jobs.get(job.job_id).state == "cancelled"
    press(app, "Run again", f"Run again_{job.job_id}")
    press(app, "Run again", "ask_confirm")
    again = place.jobs.get(job.job_id)
    assert (again.state, again.attempt) == ("queued", 2)
    acts = [line.act["act"] for line in place.store.lines() if line.kind == "acted"]
    assert acts == ["cancel job", "run job again"]


def test_a_submission_that_was_given_up_is_erased_by_its_name(place: Services) -> None:
    submission = submitted(place, "Quiet-VLM")
    other = submitted(place, "Other-VLM")
    job = place.jobs.enqueue("evaluation", submission.submission_id)
    place.jobs.cancel(job.job_id)
    place.store.commit(submitting.release(other.submission_id, "No evaluation was started."))
    app = opened("Submissions")
    assert f"Erase_{other.submission_id}" in [button.key for button in app.button]
    press(app, "Erase", f"Erase_{job.job_id}")
    press(app, "Erase for good")
    assert "exactly as shown" in told(app)
    next(field for field in app.text_input if field.label == "Model name").set_value("Quiet-VLM")
    press(app, "Erase for good")
    assert "Erased the submission “Quiet-VLM”." in told(app)
    assert place.store.read().submissions[submission.submission_id].state == "purged"
    assert not result_files(place.settings.root, submission.submission_id).folder.exists()
    assert place.jobs.get(job.job_id) is None
    assert place.store.read().submissions[other.submission_id].state == "released"
    assert not [button for button in app.button if button.key == f"Erase_{job.job_id}"]


def test_cancelling_says_what_it_means_for_each_kind_of_job(place: Services) -> None:
    made = submitted(place, "Model A")
    place.store.commit(submitting.add(made.submission_id, published(made)))
    version = submitted(place, "Model A", replaces=made.submission_id)
    unnamed = submitted(place, "Model B", evaluate_only=True)
    rescore, again, evaluate_only = (
        place.jobs.enqueue("rescore", made.submission_id),
        place.jobs.enqueue("evaluation", version.submission_id),
        place.jobs.enqueue("evaluation", unnamed.submission_id),
    )
    app = press(opened("Submissions"), "Cancel", f"Cancel_{rescore.job_id}")
    assert "Its name" not in told(app)
    assert "Start its re-scoring again under Re-scoring." in told(app)
    press(app, "Cancel the job")
    assert "Run it again from its row" not in told(app)
    press(app, "Cancel", f"Cancel_{again.job_id}")
    assert "Its name" not in told(app)  # it has its entry's name
    press(app, "Cancel", "ask_cancel")
    press(app, "Cancel", f"Cancel_{evaluate_only.job_id}")
    assert "Its name" not in told(app)


def published(made: Submission) -> Entry:
    return Entry(
        entry_id=made.submission_id,
        model_name=made.model_name,
        organization="Lab",
        metrics=dict.fromkeys(METRIC_KEYS),
    )


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
    place.store.commit(submitting.add(submission.submission_id, made))
    app = opened("Re-scoring")
    assert "Scored by version 0.9.0" in told(app)
    press(app, "Score 1 again")
    (job,) = place.jobs.list()
    assert (job.kind, job.state) == ("rescore", "queued")

    # Its process leaves a result beside the old one.
    files = result_files(place.settings.root, submission.submission_id).rescored
    files.outcome_folder.mkdir()
    result = {
        "metrics": metrics | {"cvs_acc": 0.75},
        "scorer_version": SCORER_VERSION,
        "ground_truth_sha256": digest,
        "predictions_sha256": "0" * 64,
    }
    files.evaluation.write_text(json.dumps(result))
    done = msgspec.structs.replace(job, state="completed", ended=now())
    JobFiles(place.settings.root).change(job.job_id, lambda _job: done)

    press(app, "Refresh")
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
        date=now(),
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
    place.store.commit(submitting.add(submission.submission_id, made))
    run = judging.open_run(submission.submission_id, judged.run_id, "admin")
    place.store.commit(run)
    place.store.commit(judging.publish(submission.submission_id, judged, "0" * 64, "a" * 64))
    assert "1 record: gives grades" in told(opened("Inbox"))
    app = opened("Submissions")
    press(app, "Start a judge run")
    app.selectbox(key=field(app, "entry")).set_value(made.entry_id).run()
    assert "OPENAI_API_KEY" in told(app)
    press(app, "Start", "ask_confirm")
    assert "OPENAI_API_KEY" in told(app)
    assert place.jobs.list() == []
