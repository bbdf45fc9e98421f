"""The Submit page by AppTest: empty, checked, refused, queued, finished, unknown, broken."""

import json
import re
import time
from collections.abc import Iterator
from functools import partial
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from visited import GUARD_S, PARITY, open_page, press

from core import boards
from core.benchmark import QA_TYPE_RECORDS
from core.boards import Services
from core.ui.desk import services

page = partial(open_page, "submit")

CANARY = "zebracanary"
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](http://127.0.0.1:9/x.png)",
    "[link](javascript:alert(1))",
    ":red[red] :material/home: $x^2$",
    "**bold** `code` # head",
]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """A server's data folder with the parity truth, in which every answer holds the canary."""
    truth = json.loads(PARITY.read_text(encoding="utf-8"))["ground_truth"]
    for record in truth:
        record["canary"] = CANARY
        for turn in record["conversations"]:
            turn["value"] += f" {CANARY}" if record["qa_type"] not in ("next_action",) else ""
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(truth), encoding="utf-8")
    monkeypatch.setenv("MEDVIDBENCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MEDVIDBENCH_GROUND_TRUTH", str(path))
    monkeypatch.setenv("MEDVIDBENCH_MIN_RECORDS", "20")
    found = services()
    yield found
    for job in found.jobs.list():
        if not job.done:
            found.jobs.cancel(job.job_id)


def predictions() -> bytes:
    return json.dumps(json.loads(PARITY.read_text(encoding="utf-8"))["predictions"]).encode()


def _many(qa_type: str, count: int) -> bytes:
    return json.dumps([{"id": "a", "qa_type": qa_type, "prediction": "1-2"}] * count).encode()


def choose(app: AppTest, data: bytes, name: str = "predictions.json") -> AppTest:
    app.file_uploader(key="submit_file").set_value((name, data, "application/json"))
    return app.run()


def fill(app: AppTest, name: str = "Model A", **fields: str) -> AppTest:
    app.text_input(key="submit_model_name").set_value(name)
    app.text_input(key="submit_organization").set_value("Lab")
    for key, value in fields.items():
        app.text_input(key=f"submit_{key}").set_value(value)
    app.checkbox(key="submit_terms").check()
    return app


def submitted(name: str = "Model A", **fields: str) -> AppTest:
    return press(fill(choose(page(), predictions()), name, **fields), "Submit and evaluate")


def job_of(app: AppTest) -> str:
    found = app.query_params["job"]
    return found if isinstance(found, str) else found[0]


def marked_up(app: AppTest) -> str:
    """Everything that is read as Markdown or HTML, so that mark-up in it would work."""
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.success)
    labels = [box.label for box in (*app.expander, *app.button, *app.checkbox, *app.text_input)]
    tables = [cell for table in app.table for cell in table.value.astype(str).to_numpy().ravel()]
    html = [str(block.proto) for block in app.get("html")]
    return "\n".join([*(e.value for kind in kinds for e in kind), *labels, *tables, *html])


def plain(app: AppTest) -> str:
    """Everything that is shown as text whatever it holds."""
    return "\n".join([*(e.value for e in app.text), *(e.value for e in app.code)])


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


def test_the_page_opens_with_the_steps_the_format_and_the_files(place: Services) -> None:
    app = page()
    shown = marked_up(app)
    assert "**1. Upload and evaluate**" in shown
    assert "**2. Caption judge**" in shown
    assert shown.index("1. Upload") < shown.index("One JSON array")
    (example,) = re.findall("<pre.*?>(.*)</pre>", app.get("html")[0].proto.body, re.DOTALL)
    assert {record["qa_type"] for record in json.loads(unescape(example))} < set(QA_TYPE_RECORDS)
    assert [button.label for button in app.get("download_button")] == ["Empty template"]
    assert "checked here as soon as you choose it" in app.info[0].value
    assert app.file_uploader[0].form_id == ""  # outside the form: checked before submitting
    assert not app.error


def test_a_demo_offers_both_samples(place: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEDVIDBENCH_GROUND_TRUTH")
    folder = services().settings.benchmark_dir
    folder.mkdir(parents=True)
    for name in ("sample_good.json", "sample_flawed.json", "questions.json"):
        (folder / name).write_text("[]")
    app = page()
    assert [button.label for button in app.get("download_button")] == [
        "Empty template", "Good sample", "Flawed sample",
    ]  # fmt: skip
    assert "Demo data" in marked_up(app)


def test_a_file_is_checked_as_soon_as_it_is_chosen(place: Services) -> None:
    app = choose(page(), predictions())
    assert next(f.value for f in (*app.warning, *app.success)).startswith("**Ready")
    table = app.table[0].value
    assert list(table["Task"]) == ["TAL", "STG", "NAP", "DVC", "VS", "RC", "SA", "CVS"]
    assert place.jobs.list() == []
    assert not (place.settings.root / "results").exists()


def test_a_hostile_file_is_shown_as_text(place: Services) -> None:
    records = [
        {"id": f"{payload}{n}", "qa_type": "stg", "prediction": payload}
        for n in range(5)
        for payload in PAYLOADS
    ]
    app = choose(page(), json.dumps(records).encode(), "<img src=x onerror=alert(1)>.json")
    assert not app.exception
    assert "hold no “T seconds: [x1, y1, x2, y2]”" in plain(app)
    assert "<script>alert(1)</script>" in plain(app)
    for payload in PAYLOADS:
        assert payload not in marked_up(app)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"not json", "Your file is not valid JSON"),
        (b"\x1f\x8bbroken", "gzip"),
        (b'[{"id": "a", "qa_type": "nonsense", "prediction": "x"}]', "nonsense"),
        (b'{"model_name": "m", "evaluated_samples": 1, "aggregated_results": {}}', "results"),
        # No question file here: the full test set's counts tell what the job would refuse.
        (_many("tal", 1638), "1,638 records, 1 more than the 1,637 expected"),
    ],
)
def test_a_file_that_cannot_be_scored_is_refused(place: Services, data: bytes, why: str) -> None:
    app = choose(page(), data)
    assert "**Cannot be scored" in app.error[0].value
    assert why in plain(app)
    press(fill(app), "Submit and evaluate")
    assert "The file cannot be scored" in plain(app)
    assert place.jobs.list() == []


def test_too_few_records_are_told_at_once_and_refused(place: Services) -> None:
    few = json.dumps([{"id": "a", "qa_type": "tal", "prediction": "1-2"}] * 19).encode()
    app = choose(page(), few)
    assert any("at least 20 records" in found.value for found in app.error)
    press(fill(app), "Submit and evaluate")
    assert "holds 19 records" in plain(app)
    assert place.jobs.list() == []


def test_a_refusal_tells_every_problem_and_loses_nothing(place: Services) -> None:
    app = choose(page(), predictions())
    app.text_input(key="submit_model_name").set_value("Näme")
    app.text_input(key="submit_team").set_value("Team")
    app.text_input(key="submit_model_url").set_value("javascript:alert(1)")
    app.text_input(key="submit_training_data").set_value("x" * 1001)
    app.selectbox(key="submit_weights").set_value("open")
    press(app, "Submit and evaluate")
    assert "Not submitted: 4 problems" in "\n".join(found.value for found in app.error)
    for words in ("Organization is required", "must start with https://", "1,001", "terms"):
        assert words in plain(app)
    assert app.text_input(key="submit_model_name").value == "Näme"
    assert app.text_input(key="submit_team").value == "Team"
    assert app.text_input(key="submit_model_url").value == "javascript:alert(1)"
    assert app.selectbox(key="submit_weights").value == "open"
    assert app.session_state["submit_file"].getvalue() == predictions()
    app.text_input(key="submit_organization").set_value("Lab")
    app.text_input(key="submit_model_url").set_value("https://a.example")
    app.text_input(key="submit_training_data").set_value("x")
    app.checkbox(key="submit_terms").check()
    press(app, "Submit and evaluate")
    (submission,) = place.store.read().submissions.values()
    assert (submission.model_name, submission.declared.weights) == ("Näme", "open")
    assert job_of(app)


def test_without_a_file_nothing_is_submitted(place: Services) -> None:
    app = press(fill(page()), "Submit and evaluate")
    assert "Choose a predictions file" in plain(app)
    assert place.store.read().submissions == {}
    # It stands with the uploader, above the form, and goes with a file that is chosen.
    drawn = [str(getattr(found, "value", "") or found.type) for found in app.main]
    told = next(at for at, text in enumerate(drawn) if "Choose a predictions" in text)
    assert drawn.index("file_uploader") < told < drawn.index("Model A")
    choose(app, predictions())
    assert "Choose a predictions file" not in plain(app)
    assert not app.error
    press(app, "Submit and evaluate")
    assert len(place.store.read().submissions) == 1


def test_what_is_told_of_a_file_stays_with_that_file(place: Services) -> None:
    few = json.dumps(json.loads(predictions())[:19]).encode()
    app = fill(choose(page(), few))
    app.checkbox(key="submit_terms").uncheck()
    press(app, "Submit and evaluate")
    assert "Not submitted: 2 problems" in "\n".join(found.value for found in app.error)
    app.run()
    assert "holds 19 records" in plain(app)
    choose(app, predictions())
    assert "holds 19 records" not in plain(app)
    assert "Not submitted: 1 problem," in "\n".join(found.value for found in app.error)


def test_a_taken_name_is_refused_with_its_look_alike(place: Services) -> None:
    submitted("Model A")
    app = press(fill(choose(page(), predictions()), "mоdel  A"), "Submit and evaluate")
    assert "“Model A” is reserved" in plain(app)
    assert len(place.jobs.list()) == 1


def test_the_key_is_shown_to_the_session_that_submitted_only(place: Services) -> None:
    app = submitted(contact="me@private.example")
    (submission,) = place.store.read().submissions.values()
    (key,) = [found.value for found in app.code if found.value.startswith("mvb-")]
    assert boards.owned(place, job_of(app), key).submission_id == submission.submission_id
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
    app.query_params.clear()  # as when the second click left before the address changed
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
    assert "1st of 1 on the Community board" in app.subheader[0].value
    assert "What to do next" in marked_up(app)
    assert "No judge is set up here yet" in marked_up(app)  # so nobody is sent to one
    assert "makes you the owner of the entry" in marked_up(app)
    scores = app.table[0].value.set_index("Metric")
    assert list(scores.index)[-3:] == ["DVC_llm", "VS_llm", "RC_llm"]
    assert list(scores["Score"])[-3:] == ["—"] * 3
    assert all(len(score) == 5 for score in scores["Score"][:7])
    stranger = page(job=job_of(app))
    assert list(stranger.table[0].value["Score"]) == list(scores["Score"])
    for visitor in (app, stranger):
        assert CANARY not in plain(visitor) + marked_up(visitor)
        assert PAYLOADS[0] + PAYLOADS[2] in plain(visitor)
        assert PAYLOADS[0] not in marked_up(visitor)
    assert "Done." in plain(app)
    assert "Done." not in plain(stranger)
    assert re.match(
        r"\*\*Done\*\* \d+ \w{3} \d{4}, \d\d:\d\d \(.*(now|ago)\)", stranger.success[0].value
    )


def test_evaluate_only_is_the_key_holder_s(place: Services) -> None:
    app = fill(choose(page(), predictions()), "Quiet Model")
    app.checkbox(key="submit_evaluate_only").check()
    press(app, "Submit and evaluate")
    (key,) = [found.value for found in app.code if found.value.startswith("mvb-")]
    assert "makes you the owner" not in marked_up(app)  # of what would be no entry
    assert run_to_end(place, job_of(app)) == "completed"
    app.run()
    assert "Would be 1st of 1 on the Community board" in app.subheader[0].value
    assert "no name taken" in marked_up(app)
    assert place.store.read().community == ()
    stranger = page(job=job_of(app))
    assert not stranger.table
    assert "Quiet Model" not in plain(stranger)
    assert "holder of the submission key only" in marked_up(stranger)
    stranger.text_input(key="submit_key").set_value("mvb-wrong")
    press(stranger, "Open")
    assert "not the key" in plain(stranger)
    assert not stranger.table
    stranger.text_input(key="submit_key").set_value(f" {key} ")
    press(stranger, "Open")
    assert "Would be 1st of 1" in stranger.subheader[0].value
    assert key not in plain(stranger)  # shown once, where it was made


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
    assert "The upload is not kept any more" in marked_up(app)
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
    app.session_state["submit_desk"].ask("run again", job.job_id)  # the second of two clicks
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


@pytest.mark.parametrize(
    "job_id", ["nonsense", "A" * 22, "../../etc/passwd", "<script>alert(1)</script>", "x" * 5000]
)
def test_an_unknown_address_is_a_friendly_sentence(place: Services, job_id: str) -> None:
    app = page(job=job_id)
    assert "There is no submission at this address" in app.info[0].value
    assert job_id not in marked_up(app) + plain(app)
    press(app, "Submit a file")
    assert app.file_uploader


def test_a_server_that_fails_keeps_what_was_entered(place: Services) -> None:
    app = fill(choose(page(), predictions()))
    place.settings.root.mkdir(parents=True, exist_ok=True)
    (place.settings.root / "results").write_text("a file where a folder is needed")
    press(app, "Submit and evaluate")
    assert "the server failed" in "\n".join(found.value for found in app.error)
    assert app.text_input(key="submit_model_name").value == "Model A"
    assert place.store.read().submissions == {}
    (place.settings.root / "results").unlink()
    press(app, "Submit and evaluate")
    assert job_of(app)
