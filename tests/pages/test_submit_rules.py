"""The Submit page with AppTest: tries left, closed, tracks, a new version, errors."""

from pathlib import Path

import pytest

from core.access.submitter import secret, submitter
from core.changes.settings import set_policy
from core.model.policy import Policy, Track
from core.usecases.services import Services
from core.usecases.submit import Sender
from tests.pages import owner_world as world
from tests.pages.visited import open_page, own_server, press

RECORD = {"id": "a", "qa_type": "tal", "prediction": "1-2"}
USER = {"is_logged_in": True, "iss": "https://id.example", "sub": "7"}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    return own_server(tmp_path, monkeypatch)


def account(place: Services) -> Sender:
    key = secret(place.settings.root)
    return Sender(submitter(key, "account", f"{USER['iss']}\n{USER['sub']}"))


def test_tries_left_are_shown_before_and_in_the_refusal(place: Services) -> None:
    app = open_page("submit")
    assert "**3 tries left.**" in world.text(app)
    assert "counted by this browser" in world.text(app)
    for number in range(3):
        world.submit(place, f"Model {number}", account(place), evaluate_only=number == 2)
    app.user = USER
    app.run()
    assert "**No tries left.**" in app.warning[0].value
    assert "counted by the account you are signed in with" in app.warning[0].value
    assert "The next one is available on" in app.warning[0].value
    assert app.file_uploader  # a file can still be checked
    assert app.text_input == []
    assert "Submit and evaluate" not in [button.label for button in app.button]
    assert len(place.jobs.list()) == 3


def test_while_submissions_are_closed_the_page_says_so_and_checks_all_the_same(
    place: Services,
) -> None:
    shut = Policy(accept_submissions=False, closed_message="Back on *Monday*.")
    place.store.commit(set_policy(Policy(), shut, "admin"))
    app = open_page("submit")
    assert "Back on *Monday*." in [found.value for found in app.text]
    assert app.file_uploader
    assert "Submit and evaluate" not in [button.label for button in app.button]


def test_an_open_track_is_offered_and_asks_for_its_fields(place: Services) -> None:
    tracks = (
        Track(name="Open *Challenge*", required=("team", "contact")),
        Track(name="Over", closes="2020-01-01"),
        Track(name="Cup", closes="2999-12-01"),
    )
    place.store.commit(set_policy(Policy(), Policy(tracks=tracks), "admin"))
    app = open_page("submit")
    (choice,) = [box for box in app.selectbox if box.label == "Track"]
    assert choice.options == ["Open *Challenge*", "Cup"]
    assert "Cup: until 2999-12-01, 00:00 UTC." in [t.value for t in app.text]
    assert "Open *Challenge*: no end date; asks for Team, Contact." in [t.value for t in app.text]
    choice.set_value("Open *Challenge*")
    app.checkbox(key="submit_evaluate_only").check()
    press(app, "Submit and evaluate")
    assert "Team is required by the track" in world.text(app)
    assert "must be published" in world.text(app)


def test_the_page_says_that_a_closed_track_takes_no_new_version(place: Services) -> None:
    mine = world.submit(place, sender=account(place))
    world.publish(place, mine, track="Cup *1*")
    over = Policy(tracks=(Track(name="Cup *1*", closes="2020-01-01"),))
    place.store.commit(set_policy(Policy(), over, "admin"))
    app = open_page("submit", replaces=mine.submission_id)
    app.user = USER
    app.run()
    assert "does not accept a new version now" in world.text(app)
    (told,) = [found.value for found in app.text if "“Cup *1*”" in found.value]
    assert "until 2020-01-01, 00:00 UTC" in told and "as a new entry, under another name" in told
    assert app.file_uploader  # a file can still be checked
    assert "Submit and evaluate" not in [button.label for button in app.button]
    place.store.commit(set_policy(over, Policy(tracks=(Track(name="Cup *1*"),)), "admin"))
    app.run()
    assert "Submit and evaluate" in [button.label for button in app.button]


def test_a_new_version_asks_for_the_file_and_the_terms_only(place: Services) -> None:
    mine = world.submit(place, sender=account(place))
    world.publish(place, mine)
    app = open_page("submit", replaces=mine.submission_id)
    assert "You have no entry" in world.text(app)
    app.user = USER
    app.run()
    assert "Model A" in [found.value for found in app.text]
    assert [box.key for box in app.text_input] == []
    assert [box.key for box in app.checkbox] == ["submit_terms"]
    press(app, "Submit and evaluate")
    assert "Please read the terms" in world.text(app)
    assert "Choose a predictions file" in world.text(app)
    assert "Model name is required" not in world.text(app)


def test_a_broken_data_folder_is_an_error_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDVIDBENCH_GROUND_TRUTH", str(tmp_path / "missing.json"))
    app = open_page("submit")
    assert "This page cannot be shown." in app.error[0].value
