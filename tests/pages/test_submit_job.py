"""The Submit page with AppTest after submitting: key, queued, finished, ended, unknown."""

import gzip
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.ui.acts import Request
from core.usecases import forget, own_jobs
from core.usecases.own_files import own_files
from core.usecases.services import Services
from tests.pages.submit_visit import (
    CANARY,
    PAYLOADS,
    canary_server,
    choose,
    fill,
    job_of,
    marked_up,
    page,
    plain,
    predictions,
    submitted,
)
from tests.pages.visited import GUARD_S, open_page, press, tables

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    with canary_server(tmp_path, monkeypatch) as found:
        yield found


def run_to_end(place: Services, job_id: str) -> str:
    place.jobs.start_waiting()
    deadline = time.monotonic() + GUARD_S
    while True:
        job = place.jobs.get(job_id)
        assert job is not None
        if job.done:
            return job.state
        assert time.monotonic() < deadline, f"{job.state}, {place.jobs.log_tail(job_id)}"
        time.sleep(0.1)


def test_the_key_is_shown_to_the_session_that_submitted_only(place: Services) -> None:
    app = submitted(contact="me@private.example")
    (submission,) = place.store.read().submissions.values()
    (key,) = [found.value for found in app.code if found.value.startswith("mvb-")]
    assert own_jobs.owned(place, job_of(app), key).submission_id == submission.submission_id
    stranger = page(job=job_of(app))
    assert "mvb-" not in plain(stranger) + marked_up(stranger)
    assert "Model A" not in plain(stranger) + marked_up(stranger)
    assert "me@private" not in plain(app) + marked_up(app)
    assert "place 1 in the queue" in app.get("progress")[0].proto.text
    assert "You may close this tab" in marked_up(stranger)


def test_a_second_press_does_not_submit_twice(place: Services) -> None:
    app = fill(choose(page(), predictions()))
    (button,) = [found for found in app.button if found.label == "Submit and evaluate"]
    button.click()
    app.run()
    first = job_of(app)
    app.query_params.clear()  # as if the second click came before the address changed
    app.run()
    assert job_of(app) == first
    assert len(place.jobs.list()) == 1


def test_another_file_can_follow_with_what_was_typed(place: Services) -> None:
    app = press(submitted(team="Team"), "Submit another file")
    assert "job" not in app.query_params
    assert app.text_input(key="submit_team").value == "Team"
    assert not app.checkbox(key="submit_terms").value


def test_a_finished_job_shows_its_result_and_no_truth(place: Services) -> None:
    app = submitted(PAYLOADS[0] + PAYLOADS[2])
    assert run_to_end(place, job_of(app)) == "completed"
    app.run()
    assert not app.exception
    assert "1st of 1 on the Community board" in app.header[0].value
    assert "What to do next" in marked_up(app)
    assert "No judge is set up here yet" in marked_up(app)  # so the page links to none
    assert "proves that you own the entry" in marked_up(app)
    scores = tables(app)[0]
    assert scores["Metric"][-3:] == ["DVC_llm", "VS_llm", "RC_llm"]
    assert scores["Score"][-3:] == ["—"] * 3
    assert all(len(score) == 5 for score in scores["Score"][:7])
    stranger = page(job=job_of(app))
    assert tables(stranger)[0]["Score"] == scores["Score"]
    for visitor in (app, stranger):
        assert CANARY not in plain(visitor) + marked_up(visitor)
        assert PAYLOADS[0] + PAYLOADS[2] in plain(visitor)
        assert PAYLOADS[0] not in marked_up(visitor)
    assert "Done." in plain(app)
    assert "Done." not in plain(stranger)
    assert re.match(
        r"\*\*Done\*\* \d+ \w{3} \d{4}, \d\d:\d\d \(.*(now|ago)\)", stranger.success[0].value
    )


def test_the_owner_downloads_results_log_and_upload_and_nobody_else_does(place: Services) -> None:
    app = submitted()
    job_id = job_of(app)
    (key,) = [found.value for found in app.code if found.value.startswith("mvb-")]
    assert labels(page(job=job_id)) == []
    assert run_to_end(place, job_id) == "completed"
    assert labels(app.run()) == ["Results (JSON)", "Log", "Your file"]
    assert labels(page(job=job_id)) == []  # another visitor, although the entry is published
    mine = open_page("owner")
    assert labels(mine) == []
    next(box for box in mine.text_input if box.label == "Submission key").set_value(key)
    press(mine, "Open")
    assert labels(mine) == ["Results (JSON)", "Log", "Your file"]  # under My submissions too
    job = place.jobs.get(job_id)
    assert job is not None
    assert own_files(place, job, None) == own_files(place, job, "mvb-another") == ()
    results, log, upload = (file.read() for file in own_files(place, job, key))
    assert json.loads(results)["metrics"].keys() >= {"nap_acc", "dvc_llm"}
    assert b"LEADERBOARD METRICS SUMMARY" in log
    assert json.loads(gzip.decompress(upload))
    assert CANARY.encode() not in results + log
    assert place.jobs.results(job).samples.is_file()  # it exists, but is not offered
    place.jobs.results(job).upload.unlink()
    assert [file.label for file in own_files(place, job, key)] == ["Results (JSON)", "Log"]


def labels(app: AppTest) -> list[str]:
    return [
        found.proto.label
        for found in app.get("download_button")
        if found.proto.label in ("Results (JSON)", "Log", "Your file")
    ]


def test_evaluate_only_is_the_key_holder_s(place: Services) -> None:
    app = fill(choose(page(), predictions()), "Quiet Model")
    app.checkbox(key="submit_evaluate_only").check()
    press(app, "Submit and evaluate")
    (key,) = [found.value for found in app.code if found.value.startswith("mvb-")]
    assert "proves that you own" not in marked_up(app)  # since there would be no entry
    assert run_to_end(place, job_of(app)) == "completed"
    app.run()
    assert "Would be 1st of 1 on the Community board" in app.header[0].value
    assert "no name taken" in marked_up(app)
    assert place.store.read().community == ()
    stranger = page(job=job_of(app))
    assert not tables(stranger)
    assert "Quiet Model" not in plain(stranger)
    assert "holder of the submission key only" in marked_up(stranger)
    stranger.text_input(key="submit_key").set_value("mvb-wrong")
    press(stranger, "Open")
    assert "not the key" in plain(stranger)
    assert not tables(stranger)
    stranger.text_input(key="submit_key").set_value(f" {key} ")
    press(stranger, "Open")
    assert "Would be 1st of 1" in stranger.header[0].value
    assert key not in plain(stranger)  # shown once, where it was created


def test_a_job_whose_upload_is_gone_says_so_instead_of_offering_another_run(
    place: Services,
) -> None:
    app = submitted()
    press(app, "Cancel")
    app.run()
    assert "the upload is kept for 7 days" in marked_up(app)
    assert "Run again" in [button.label for button in app.button]
    job = place.jobs.get(job_of(app))
    assert job is not None
    place.jobs.results(job).upload.unlink()
    app.run()
    assert "The upload is no longer kept" in marked_up(app)
    assert "Run again" not in [button.label for button in app.button]


def test_the_owner_cancels_and_runs_again(place: Services) -> None:
    app = submitted()
    assert "Cancel" not in [button.label for button in page(job=job_of(app)).button]
    press(app, "Cancel")
    app.run()
    assert "**Cancelled**" in app.warning[0].value
    assert "Run again" not in [button.label for button in page(job=job_of(app)).button]
    press(app, "Run again")
    job = place.jobs.get(job_of(app))
    assert job is not None
    assert (job.state, job.attempt) == ("queued", 2)
    acts = app.session_state["visitor_session"].job_acts
    acts.note(Request("run again", job.job_id), acts.round - 1)  # the second of two clicks
    app.run()
    assert place.jobs.get(job.job_id) == job
    acts.pending = Request("run again", job.job_id)  # as if it was clicked in another tab first
    app.run()
    assert "Wait until it has ended" not in plain(app)
    assert place.jobs.get(job.job_id) == job


def test_a_failed_job_tells_its_owner_why(place: Services) -> None:
    app = submitted()
    place.settings.truth_path.write_text("{")
    assert run_to_end(place, job_of(app)) == "failed"
    app.run()
    assert "**Failed**" in app.error[0].value
    assert "Reason" in marked_up(app)
    assert "run it again" in marked_up(app)
    stranger = page(job=job_of(app))
    assert "**Failed**" in stranger.error[0].value
    assert "Reason" not in marked_up(stranger)
    assert plain(stranger) == ""


def test_the_address_of_an_erased_submission_does_not_say_that_nothing_is_lost(
    place: Services,
) -> None:
    job_id = job_of(submitted())
    place.jobs.cancel(job_id)
    (made,) = place.store.read().submissions.values()
    assert "erased" not in "".join(info.value for info in page(job=job_id).info)
    forget.erase(place, made.submission_id, made.model_name, "admin")
    app = page(job=job_id)
    (told,) = app.info
    assert "This submission has been erased" in told.value
    assert "Nothing you submitted is lost" not in told.value
    assert made.model_name not in marked_up(app) + plain(app)
    press(app, "Submit a file")
    assert app.file_uploader


@pytest.mark.parametrize(
    "job_id", ["nonsense", "A" * 22, "../../etc/passwd", "<script>alert(1)</script>", "x" * 5000]
)
def test_an_unknown_address_is_a_friendly_sentence(place: Services, job_id: str) -> None:
    app = page(job=job_id)
    assert "There is no submission at this address" in app.info[0].value
    assert job_id not in marked_up(app) + plain(app)
    press(app, "Submit a file")
    assert app.file_uploader
