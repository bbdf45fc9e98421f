"""The admin page with AppTest: forms filled in from files, and entries with older values."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.benchmark import METRICS
from core.ui.admin import fields
from core.usecases import moderate
from core.usecases.services import Services
from tests.pages.admin_pages import PASSWORD, demo_server, entries, field, first, opened, told
from tests.pages.visited import own_server, press


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    return demo_server(tmp_path, monkeypatch)


def test_an_entry_with_older_words_in_it_is_edited_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    row = {"model_name": "L" * 100, "organization": "", "model_url": "ftp://x/y", "cvs_acc": 0.5}
    (tmp_path / "data" / "leaderboard.json").write_text(json.dumps([row]))
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    place = own_server(tmp_path, monkeypatch)
    entry = first(place, "community")
    app = press(opened("Community"), "Edit", f"Edit_{entry.entry_id}")
    app.text_input(key=field(app, "declared.team")).set_value("Blue")
    press(app, "Review the change")
    press(app, "Save")
    made = first(place, "community")
    assert (made.declared.team, made.model_url) == ("Blue", "ftp://x/y")
    assert (made.model_name, made.metrics) == (entry.model_name, entry.metrics)
    press(app, "Edit", f"Edit_{entry.entry_id}")
    app.text_input(key=field(app, "model_url")).set_value("ftp://other/y")
    press(app, "Review the change")
    assert "must start with https://" in told(app)


def test_a_verification_on_the_community_board_is_undone(place: Services) -> None:
    entry = first(place, "community")
    app = press(opened("Community"), "Verification", f"Verification_{entry.entry_id}")
    app.selectbox(key=field(app, "state")).set_value("contacted")
    app.text_input(key=field(app, "verified_note")).set_value("By mail.")
    press(app, "Review the change")
    press(app, "Save")
    made = first(place, "community")
    assert made.verification is not None
    assert (made.verification.state, made.verified_note) == ("contacted", "By mail.")
    press(app, "Undo")
    assert first(place, "community") == entry


def test_a_choice_that_was_made_can_be_taken_back(place: Services) -> None:
    entry = first(place, "community")
    moderate.edit(place, "community", entry, {"declared.weights": "open"}, "admin")
    app = press(opened("Community"), "Edit", f"Edit_{entry.entry_id}")
    assert app.selectbox(key=field(app, "declared.weights")).value == "open"
    app.selectbox(key=field(app, "declared.weights")).set_value("")
    press(app, "Review the change")
    press(app, "Save")
    assert first(place, "community").declared.weights is None


@pytest.mark.parametrize("number", [1, 9, 10])
def test_the_form_takes_any_number_of_metrics(
    place: Services, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(fields, "METRICS", METRICS[:number])
    app = press(opened(), "Add an entry")
    keys = [str(widget.key) for widget in app.text_input if "_metrics." in str(widget.key)]
    assert len(keys) == number


# A results file


def pick(app: AppTest, record: dict[str, Any]) -> AppTest:
    file = ("r.any", json.dumps(record).encode(), "application/json")  # the content says what it is
    app.file_uploader(key="results_file").set_value(file).run()
    assert not app.exception
    return app


def shown(app: AppTest, name: str) -> str:
    return str(app.text_input(key=field(app, name)).value)


def test_a_results_file_leaves_metrics_that_were_typed(place: Services) -> None:
    app = press(opened(), "Add an entry")
    app.text_input(key=field(app, "model_name")).set_value("Typed-VLM")
    app.text_input(key=field(app, "organization")).set_value("Lab")
    app.text_input(key=field(app, "metrics.cvs_acc")).set_value("0.7")
    pick(app, {"metrics": {"dvc_f1": 0.25}, "model_name": "Of the file"})
    assert "1 metric is below" in told(app)
    assert shown(app, "metrics.cvs_acc") == "0.7"
    assert shown(app, "metrics.dvc_f1") == "0.250"
    assert shown(app, "model_name") == "Typed-VLM"
    press(app, "Review the change")
    press(app, "Add", "ask_confirm")
    added = entries(place, "official")[-1]
    assert (added.metrics["cvs_acc"], added.metrics["dvc_f1"]) == (0.7, 0.25)


def test_two_results_files_do_not_mix(place: Services) -> None:
    app = press(opened(), "Add an entry")
    metrics = {"cvs_acc": 0.5, "nap_acc": 0.25, "stg_miou": 0.125}
    pick(app, {"metrics": metrics, "model_name": "First"})
    assert shown(app, "model_name") == "First"
    app.text_input(key=field(app, "metrics.nap_acc")).set_value("0.9")
    pick(app, {"metrics": {"stg_miou": 0.75}, "model_name": "Second"})
    assert shown(app, "metrics.cvs_acc") == ""  # the first file's
    assert shown(app, "metrics.nap_acc") == "0.9"  # typed over it
    assert shown(app, "metrics.stg_miou") == "0.750"
    assert shown(app, "model_name") == "Second"


def test_a_name_that_cannot_be_shown_is_left_to_the_admin(place: Services) -> None:
    app = press(opened(), "Add an entry")
    for name in ("\ud800", "x\u202ey", "L" * 100):
        pick(app, {"metrics": {"cvs_acc": 0.5}, "model_name": name})
        assert shown(app, "model_name") == ""
        assert shown(app, "metrics.cvs_acc") == "0.500"
