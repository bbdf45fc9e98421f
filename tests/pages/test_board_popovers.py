"""What the board's buttons open, with AppTest: files and citations, filters of Explore."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.changes import submitting
from core.changes.settings import set_policy
from core.model.policy import Policy
from core.publish import cite
from core.publish.exports import FORMATS
from core.ui.session import current_services
from tests.core.store_world import entry, submission
from tests.pages.visited import open_page, shown


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The Community board with two models, which declare what filters ask for."""
    for name in ("MEDVIDBENCH_HUB_REPO", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "truth.json").write_text("[]")
    monkeypatch.setenv("MEDVIDBENCH_GROUND_TRUTH", str(tmp_path / "truth.json"))
    monkeypatch.setenv("MEDVIDBENCH_DATA_DIR", str(tmp_path / "data"))
    store = current_services().store
    for number, size in ((1, "7B"), (2, None)):
        store.commit(submitting.submit(submission(number), "p"))
        row = entry(number, 0.5 + number / 10, declared={"parameters": size}, track="Spring")
        store.commit(submitting.add(f"submission-{number}", row))
    return open_page("leaderboard", board="Community")


def opened(app: AppTest, key: str) -> AppTest:
    app.session_state[key] = True
    app.run()
    assert not app.exception
    return app


def test_files_and_citations_are_drawn_when_their_button_is_opened(board: AppTest) -> None:
    keys = {f"export_{form.name}" for form in FORMATS}
    assert not keys & {str(one.key) for one in board.get("download_button")}
    app = opened(board, "board_exports")
    buttons = {one.proto.label for one in app.get("download_button")}
    assert {form.name for form in FORMATS} <= buttons
    assert [tab.label for tab in app.tabs][: len(cite.FORMS)] == list(cite.FORMS)
    assert "Today’s board may still change until midnight UTC" in shown(app)
    assert "disappears from them if it is permanently deleted" in shown(app)
    chosen = app.selectbox(key="export_model")
    assert chosen.options == ["Model 2", "Model 1"]
    assert (chosen.value, len(buttons) > len(FORMATS)) == ("entry-2", True)  # its own files too


def test_filters_are_those_that_exclude_some_models(board: AppTest) -> None:
    app = opened(board, "explore_filters")
    labels = {str(one.label) for kind in ("number_input", "date_input") for one in app.get(kind)}
    assert {"From, billions", "To, billions", "Since", "Until"} <= labels
    (size,) = [one for one in app.number_input if one.label == "From, billions"]
    size.set_value(1.0).run()
    assert not app.exception
    assert app.query_params["min_size"] in ("1", ["1"])


def test_a_model_s_page_names_its_track(board: AppTest) -> None:
    assert "Spring" in shown(open_page("model", id="entry-1"))


def test_the_submit_page_of_a_real_benchmark_counts_tries_by_address_if_it_is_known(
    board: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDVIDBENCH_PROXY_HEADER", "X-Forwarded-For")
    counted = shown(open_page("submit"))
    assert "3 in 24 hours" in counted
    assert "Demo data" not in counted
    store = current_services().store
    free = Policy(quota_per_day=0, quota_per_month=0)
    store.commit(set_policy(store.read().policy, free, "admin"))
    assert "in 24 hours" not in shown(open_page("submit"))
