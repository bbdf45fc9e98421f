"""The admin page by AppTest: entries with older words in them."""

import json
from pathlib import Path

import pytest
from admin_pages import PASSWORD, demo_server, field, first, opened, told
from visited import own_server, press

from core.admin import admin
from core.boards import Services


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
    admin.edit(place, "community", entry, {"declared.weights": "open"}, "admin")
    app = press(opened("Community"), "Edit", f"Edit_{entry.entry_id}")
    assert app.selectbox(key=field(app, "declared.weights")).value == "open"
    app.selectbox(key=field(app, "declared.weights")).set_value("")
    press(app, "Review the change")
    press(app, "Save")
    assert first(place, "community").declared.weights is None
