"""The Submit page with AppTest before submitting: empty, checked, refused, broken."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from core.benchmark import LINKS, QA_TYPE_RECORDS
from core.ui.session import current_services
from core.usecases.services import Services
from tests.pages.submit_visit import (
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
from tests.pages.visited import press, tables

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    with canary_server(tmp_path, monkeypatch) as found:
        yield found


def _many(qa_type: str, count: int) -> bytes:
    return json.dumps([{"id": "a", "qa_type": qa_type, "prediction": "1-2"}] * count).encode()


def test_the_page_opens_with_the_steps_the_format_and_the_files(place: Services) -> None:
    app = page()
    shown = marked_up(app)
    assert "1. **Upload and evaluate**" in shown
    assert "2. **Caption judge**" in shown
    # The upload comes first; its explanations are folded beside it.
    drawn = [found.type for found in app.main]
    assert drawn.index("file_uploader") < drawn.index("expander")
    assert not any(found.proto.expanded for found in app.expander)
    (example,) = re.findall("<pre.*?>(.*)</pre>", app.get("html")[0].proto.body, re.DOTALL)
    assert {record["qa_type"] for record in json.loads(unescape(example))} < set(QA_TYPE_RECORDS)
    assert [button.label for button in app.get("download_button")] == ["Empty template"]
    assert f"[public dataset]({LINKS['Dataset']})" in shown
    assert "checked here as soon as you choose it" in app.info[0].value
    assert app.file_uploader[0].form_id == ""  # outside the form: checked before submitting
    assert not app.error


def test_a_demo_offers_both_samples(place: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEDVIDBENCH_GROUND_TRUTH")
    folder = current_services().settings.benchmark_dir
    folder.mkdir(parents=True)
    for name in ("sample_good.json", "sample_flawed.json", "questions.json"):
        (folder / name).write_text("[]")
    app = page()
    assert [button.label for button in app.get("download_button")] == [
        "Questions", "Empty template", "Template with questions", "Good sample", "Flawed sample",
    ]  # fmt: skip
    assert "Demo data" in marked_up(app)


def test_a_file_is_checked_as_soon_as_it_is_chosen(place: Services) -> None:
    app = choose(page(), predictions())
    assert next(f.value for f in (*app.warning, *app.success)).startswith("**Ready")
    table = tables(app)[0]
    assert table["Task"] == ["TAL", "STG", "NAP", "DVC", "VS", "RC", "SA", "CVS"]
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
    assert "have no “T seconds: [x1, y1, x2, y2]”" in plain(app)
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
        # No question file here: the full test set's counts show what the job would refuse.
        (_many("tal", 1638), "1,638 records, 1 more than the 1,637 expected"),
    ],
)
def test_a_file_that_cannot_be_scored_is_refused(place: Services, data: bytes, why: str) -> None:
    app = choose(page(), data)
    assert "**Cannot be scored" in app.error[0].value
    with_file = app.columns[0]  # on a phone the other column is below the form
    assert any(why in told.value for told in with_file.text)
    press(fill(app), "Submit and evaluate")
    assert "The file cannot be scored" in plain(app)
    assert place.jobs.list() == []


def test_too_few_records_are_reported_at_once_and_refused(place: Services) -> None:
    few = json.dumps([{"id": "a", "qa_type": "tal", "prediction": "1-2"}] * 19).encode()
    app = choose(page(), few)
    # One verdict, not two that contradict each other.
    (verdict,) = [*app.error, *app.warning, *app.success]
    assert "19 of at least 20 records" in verdict.value
    press(fill(app), "Submit and evaluate")
    assert "has 19 records" in plain(app)
    assert place.jobs.list() == []


def test_a_refusal_tells_every_problem_and_loses_nothing(place: Services) -> None:
    app = choose(page(), predictions())
    app.text_input(key="submit_model_name").set_value("Näme")
    app.text_input(key="submit_team").set_value("Team")
    app.text_input(key="submit_model_url").set_value("javascript:alert(1)")
    app.text_input(key="submit_training_data").set_value("x" * 1001)
    app.selectbox(key="submit_weights").set_value("open")
    press(app, "Submit and evaluate")
    assert "Not submitted. Fix the 4 problems below" in marked_up(app)
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
    # It is with the uploader, above the form, and disappears once a file is chosen.
    # The summary above has it too.
    drawn = [
        str(getattr(found, "value", "") or found.type) for found in app.main if found.type != "html"
    ]
    told = next(at for at, text in enumerate(drawn) if "Choose a predictions" in text)
    assert drawn.index("file_uploader") < told < drawn.index("Model A")
    choose(app, predictions())
    assert "Choose a predictions file" not in plain(app)
    assert not app.error
    press(app, "Submit and evaluate")
    assert len(place.store.read().submissions) == 1


def test_what_is_reported_of_a_file_stays_with_that_file(place: Services) -> None:
    few = json.dumps(json.loads(predictions())[:19]).encode()
    app = fill(choose(page(), few))
    app.checkbox(key="submit_terms").uncheck()
    press(app, "Submit and evaluate")
    assert "Not submitted. Fix the 2 problems below" in marked_up(app)
    app.run()
    assert "has 19 records" in plain(app)
    choose(app, predictions())
    assert "has 19 records" not in plain(app)
    assert "Not submitted. Fix the problem below" in marked_up(app)


def test_the_summary_lists_the_fields_in_the_order_of_the_page(place: Services) -> None:
    app = press(page(), "Submit and evaluate")
    listed = re.findall('data-field="(.*?)"', marked_up(app).replace("\\", ""))
    assert listed == [
        "submit_file", "submit_model_name", "submit_organization", "submit_terms",
    ]  # fmt: skip
    (first,) = re.findall('data-faults="(.*?)"', marked_up(app).replace("\\", ""))
    press(app, "Submit and evaluate")
    (second,) = re.findall('data-faults="(.*?)"', marked_up(app).replace("\\", ""))
    assert first != second  # each attempt moves the focus


def test_a_taken_name_is_refused_with_its_look_alike(place: Services) -> None:
    submitted("Model A")
    app = press(fill(choose(page(), predictions()), "mоdel  A"), "Submit and evaluate")
    assert "“Model A” is reserved" in plain(app)
    assert len(place.jobs.list()) == 1


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
