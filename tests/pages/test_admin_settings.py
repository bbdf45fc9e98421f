"""The admin page with AppTest: quotas, coverage, editing and renaming tracks."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.benchmark import SCORED_KEYS
from core.model.policy import Policy, Track
from core.usecases import board_settings, moderate, undo
from core.usecases.services import Services
from tests.pages import owner_world
from tests.pages.admin_pages import demo_server, field, first, opened, told
from tests.pages.visited import press

TRACK = Track(name="Challenge", opens="2026-02-01", closes="2027-01-01", required=("team",))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    return demo_server(tmp_path, monkeypatch)


def with_track(place: Services) -> Policy:
    policy = Policy(tracks=(TRACK,))
    board_settings.set_policy(place, place.store.read().policy, policy, "admin")
    return policy


def test_quotas_are_changed_and_undone(place: Services) -> None:
    before = place.store.read().policy
    app = press(opened("Settings"), "Change", "change_Quotas")
    app.number_input(key=field(app, "quota_per_day")).set_value(20_000)
    app.number_input(key=field(app, "quota_per_month")).set_value(0)
    press(app, "Review the change")
    assert "expected 0 (no limit) to 10000, got 20000" in told(app)
    app.number_input(key=field(app, "quota_per_day")).set_value(5)
    press(app, "Review the change")
    for part in ("Tries per day", "Tries per month"):
        assert part in told(app)
    press(app, "Save")
    made = place.store.read().policy
    assert (made.quota_per_day, made.quota_per_month) == (5, 0)
    press(app, "Undo")
    assert place.store.read().policy == before


def test_coverage_is_changed_and_undone(place: Services) -> None:
    before = place.store.read().policy
    app = press(opened("Settings"), "Change", "change_Coverage")
    app.number_input(key=field(app, "min_coverage")).set_value(0.5)
    app.toggle(key=field(app, "enforce_min_coverage")).set_value(True)
    press(app, "Review the change")
    assert "0.95" in told(app)
    press(app, "Save")
    made = place.store.read().policy
    assert (made.min_coverage, made.enforce_min_coverage) == (0.5, True)
    press(app, "Undo")
    assert place.store.read().policy == before


def test_before_the_coverage_counts_one_sees_whose_rank_it_changes(place: Services) -> None:
    others = [one.model_name for one in place.store.read().community]
    few = {key: {"scored": 50, "records": 100} for key in SCORED_KEYS}
    owner_world.publish(place, owner_world.submit(place, "Few"), 0.99, coverage=few)
    app = press(opened("Settings"), "Change", "change_Coverage")
    app.toggle(key=field(app, "enforce_min_coverage")).set_value(True)
    press(app, "Review the change")
    text = told(app)
    assert "Scores that do not count on the Community board" in text
    assert "Ranks on the Community board" in text
    assert "1. Few" in text
    assert "4. Few" in text
    assert [name for name in others if f". {name}" in text]
    press(app, "Back")
    app.toggle(key=field(app, "enforce_min_coverage")).set_value(False)
    app.number_input(key=field(app, "min_coverage")).set_value(0.6)
    press(app, "Review the change")
    assert "Ranks on" not in told(app)  # the minimum alone only marks scores


def test_a_track_is_edited_and_undone_and_its_removal_too(place: Services) -> None:
    policy = with_track(place)
    app = press(opened("Settings"), "Edit", "Edit_track_Challenge")
    app.date_input(key=field(app, "closes")).set_value(None)
    app.multiselect(key=field(app, "required")).set_value(["code_url", "team"])
    press(app, "Review the change")
    assert "2027-01-01" in told(app)
    press(app, "Save")
    (track,) = place.store.read().policy.tracks
    assert (track.name, track.opens, track.closes) == ("Challenge", "2026-02-01", None)
    assert track.required == ("team", "code_url")  # in the order of the form
    press(app, "Undo")
    assert place.store.read().policy == policy
    press(app, "Remove", "Remove_track_Challenge")
    press(app, "Remove", "ask_confirm")
    assert place.store.read().policy.tracks == ()
    press(app, "Undo")
    assert place.store.read().policy == policy


def test_a_track_that_looks_like_another_is_refused(place: Services) -> None:
    policy = with_track(place)
    app = press(opened("Settings"), "Add a track")
    app.text_input(key=field(app, "name")).set_value("Ch\u0430llenge")  # a Cyrillic letter
    press(app, "Review the change")
    assert "look the same" in told(app)
    assert place.store.read().policy == policy


def renamed(app: AppTest) -> AppTest:
    press(app, "Edit", "Edit_track_Challenge")
    app.text_input(key=field(app, "name")).set_value("Spring")
    return press(app, "Review the change")


def test_a_track_with_entries_keeps_its_name(place: Services) -> None:
    policy = with_track(place)
    entry = first(place, "community")
    mark = moderate.mark(place, "community", entry, {"track": "Challenge"}, "admin")
    app = renamed(opened("Settings"))
    assert "1 entry has the mark “Challenge”" in told(app)
    assert place.store.read().policy == policy
    assert first(place, "community").track == "Challenge"
    press(app, "Cancel")
    # It may return from the trash; once it has no track, the name is free.
    moderate.remove(place, "community", first(place, "community"), "admin")
    renamed(app)
    assert "1 entry has the mark “Challenge”" in told(app)
    press(app, "Cancel")
    moderate.restore(place, entry.entry_id, "admin")
    undo.undo(place, mark, "admin")
    press(renamed(app), "Save")
    assert [track.name for track in place.store.read().policy.tracks] == ["Spring"]
    press(app, "Undo")
    assert place.store.read().policy == policy


def test_marks_keep_a_track_that_is_none_any_more(place: Services) -> None:
    policy = with_track(place)
    moderate.mark(place, "community", first(place, "community"), {"track": "Challenge"}, "admin")
    board_settings.set_policy(place, policy, Policy(), "admin")
    entry = first(place, "community")
    app = press(opened("Community"), "Marks", f"Marks_{entry.entry_id}")
    assert app.selectbox(key=field(app, "track")).value == "Challenge"
    app.checkbox(key=field(app, "off_the_shelf")).set_value(not entry.off_the_shelf)
    press(app, "Review the change")
    press(app, "Save")
    made = first(place, "community")
    assert (made.track, made.off_the_shelf) == ("Challenge", not entry.off_the_shelf)
    # It can be removed from it.
    press(app, "Marks", f"Marks_{entry.entry_id}")
    app.selectbox(key=field(app, "track")).set_value("")
    press(app, "Review the change")
    press(app, "Save")
    assert first(place, "community").track is None
