"""The landing page with AppTest: normal, empty, searched, broken, changed while open."""

import json
import re
from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.web.first_page import STYLES
from tests.pages.visited import PARITY, open_page

page = partial(open_page, "leaderboard")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder without ground truth: demo data."""
    monkeypatch.setenv("MEDVIDBENCH_DATA_DIR", str(tmp_path / "data"))
    for name in ("MEDVIDBENCH_GROUND_TRUTH", "MEDVIDBENCH_HUB_REPO", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "data"


@pytest.fixture
def real(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same with ground truth: its own boards, not the published ones."""
    truth = tmp_path / "truth.json"
    truth.write_text(json.dumps(json.loads(PARITY.read_text())["ground_truth"]), encoding="utf-8")
    monkeypatch.setenv("MEDVIDBENCH_GROUND_TRUTH", str(truth))
    return data


def html(app: AppTest) -> str:
    return "\n".join(str(part.proto.body) for part in app.get("html"))


def sorted_by(app: AppTest) -> str:
    (found,) = re.findall(r'aria-sort="\w+"><a [^>]*data-go="sort-(\w+)"', html(app))
    return str(found)


def text(app: AppTest) -> str:
    return "\n".join(part.value for part in (*app.markdown, *app.info, *app.error, *app.header))


def test_the_demo_board_shows_published_models_and_says_that_it_is_a_demo(data: Path) -> None:
    app = page()
    assert "uAI-NEXUS-MedVLM-1.0e-27B-SFT" in html(app)
    assert "10 models" in html(app)
    assert "Demo data" in text(app)
    assert "others real] :small[(as of 23 Nov 2026)." in text(app)


def test_the_community_board_is_another_address(data: Path) -> None:
    app = page(board="Community")
    assert "QWen3VL-adapter-f" in html(app)
    assert "3 models" in html(app)


def test_an_address_in_lower_case_is_the_same_one(data: Path) -> None:
    app = page(board="community", sort="vs_LLM", columns="dvc_f1", metric="rc_llm")
    assert "3 models" in html(app)
    assert 'id="mvb-dvc_f1"' in html(app)
    assert 'id="mvb-cvs_acc"' not in html(app)
    assert sorted_by(page(board="community", sort="vs_LLM")) == "vs_llm"
    chosen = {box.key: box.value for box in app.selectbox}
    assert chosen["explore_metric"] == "rc_llm"
    assert app.query_params["board"] == "Community"
    assert app.query_params["sort"] == "VS_llm"


def test_an_empty_board_is_a_sentence(real: Path) -> None:
    app = page(board="Community")
    assert "The first submission opens the board." in text(app)
    assert "<table" not in html(app)
    assert "Demo data" not in text(app)


def test_a_search_without_hits_is_a_sentence_with_a_way_back(data: Path) -> None:
    app = page(search="no such model")
    assert "No model or team on this board matches" in text(app)
    assert ".st-key-board_controls" in STYLES  # reserves the space of the controls
    (clear,) = [button for button in app.button if button.label == "Clear the search"]
    clear.click().run()
    assert "10 models" in html(app)


def test_boards_that_cannot_be_read_are_reported_in_that_order(real: Path) -> None:
    real.mkdir()
    (real / "leaderboard.json").write_text("[{broken", encoding="utf-8")
    app = page()
    (error,) = app.error
    assert error.value.startswith("**The boards cannot be read.** Nothing is lost")
    assert any("not JSON" in code.value for code in app.code)


def test_the_way_to_the_official_board_is_explained_with_links(data: Path) -> None:
    told = text(page())
    for part in ("Submit", "API access", "https://arxiv.org/abs/2512.06581", "Dataset"):
        assert part in told


def test_contacts_of_older_files_are_on_no_page(real: Path) -> None:
    real.mkdir()
    row = {"model_name": "Old", "organization": "O", "contact": "canary@example.org", "rank": 1}
    (real / "leaderboard.json").write_text(json.dumps([row]), encoding="utf-8")
    app = page(board="Community")
    assert "Old" in html(app)
    assert "canary@example.org" not in html(app) + text(app)


def test_an_imported_value_out_of_range_is_undefined_with_the_reason(real: Path) -> None:
    real.mkdir()
    shares = dict.fromkeys(("cvs_acc", "nap_acc", "stg_miou"), 0.8)
    rows = [
        {
            "model_name": "In per cent",
            "cvs_acc": 5,
            "nap_acc": "<b>5",
            "stg_miou": 81.3,
            "rc_llm": 6,
        },
        {"model_name": "In shares", **shares},
    ]
    (real / "leaderboard.json").write_text(json.dumps(rows), encoding="utf-8")
    board = html(page(board="Community"))
    reason = "Imported without a value: expected"
    assert board.index("In shares") < board.index("In per cent")  # 5 % does not rank first
    for told in (f"{reason} 0 to 1, got 81.3.", f"{reason} 1 to 5, got 6."):
        assert told in board
    assert "<b>5" not in board
    (model,) = re.findall(r'href="\./model\?id=([^"&]*)"[^>]*>In per cent', board)
    scores = html(open_page("model", id=model))
    assert f"{reason} 0 to 1, got 5." in scores
    assert f"{reason} a number, got" in scores
    assert "<b>5" not in scores
