"""Tracks: what they require, and when they are open."""

from pathlib import Path

import pytest

from core.changes.admission import track_problems
from core.model.fields import Form
from core.model.policy import Policy, Track, moment_text, track_problem
from core.model.state import made_state
from core.usecases.submit import CheckedFile, Sender, validate_form
from tests.core.services_world import world
from tests.core.store_world import entry


def test_a_track_asks_for_its_fields_its_dates_and_publication() -> None:
    track = Track(name="Challenge", opens="2026-01-01", closes="2026-07-01",
                  required=("team", "contact"))  # fmt: skip
    policy, inside = Policy(tracks=(track,)), "2026-06-01T00:00:00.000Z"
    form = Form(model_name="M", organization="L", track="Challenge", evaluate_only=True)
    told = track_problems(policy, form, inside)
    assert set(told) == {"team", "contact", "track"}
    assert "must be published" in told["track"]
    whole = Form(model_name="M", organization="L", track="Challenge", team="T", contact="c")
    assert track_problems(policy, whole, inside) == {}
    for moment in ("2025-12-31T23:59:59.999Z", "2026-07-01T00:00:00.000Z"):
        assert "takes no submissions now" in track_problems(policy, whole, moment)["track"]
    assert "takes no" in track_problems(Policy(), whole, inside)["track"]
    assert track_problems(policy, Form(), inside) == {}


@pytest.mark.parametrize(
    ("opens", "closes", "accepts"),
    [
        pytest.param(None, "20261125", True, id="a basic date"),
        pytest.param(None, "2026-11-24T13:30+02:00", False, id="closed in another zone"),
        pytest.param(None, "2026-11-24T14:30+02:00", True, id="still open in another zone"),
        pytest.param("2026-W40", None, True, id="a week that has begun"),
        pytest.param("2026-W50", None, False, id="a week to come"),
        pytest.param("2026-11-24T12:00", None, True, id="no zone is UTC, opens at its moment"),
        pytest.param(None, "2026-11-24T12:00", False, id="closes at its moment"),
        pytest.param(None, "some day", False, id="an unreadable end lets nobody in"),
        pytest.param("0001-01-01T00:00+14:00", None, False, id="out of the calendar"),
    ],
)
def test_a_track_opens_and_closes_by_moment_however_it_is_written(
    opens: str | None, closes: str | None, accepts: bool
) -> None:
    track = Track(name="Challenge", opens=opens, closes=closes)
    assert track.accepts("2026-11-24T12:00:00.000Z") is accepts


def test_a_track_cannot_close_before_it_opens_however_it_is_written() -> None:
    wrong = Track(name="Challenge", opens="2026-12-02", closes="20261201")
    assert "closes before it opens" in (track_problem(wrong) or "")
    right = Track(name="Challenge", opens="20261101", closes="2026-11-24T13:30+02:00")
    assert track_problem(right) is None
    assert moment_text(right.opens or "") == "2026-11-01"
    assert moment_text(right.closes or "") == "2026-11-24, 11:30"
    assert moment_text("some day") == "some day"


def test_a_track_that_is_gone_refuses_new_versions_of_its_community_entries_only(
    tmp_path: Path,
) -> None:
    settings = world(tmp_path).settings
    state = made_state(
        community=(entry(1, track="Gone"),), official=(entry(2, track="Gone"), entry(3))
    )

    def told(entry_id: str) -> str:
        sender, file = Sender(replaces=entry_id), CheckedFile(b"x", True, 200)
        _form, problems = validate_form(Form(terms=True), file, state, settings, sender)
        return problems.pop("track", "") + str(problems)

    assert "“Gone”, which no longer exists" in told("entry-1")
    assert told("entry-2") == told("entry-3") == told("nobody") == "{}"
