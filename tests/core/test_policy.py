"""Which settings of the admin are refused, and what an admin is warned of before promoting."""

from typing import Any

import msgspec
import pytest

from core.benchmark import METRIC_KEYS, METRICS
from core.changes import reporting
from core.model.entries import Judgement, Verification
from core.model.policy import (
    DEFAULT,
    REQUIRABLE,
    Policy,
    Track,
    moment_text,
    problems,
    track_problem,
)
from core.model.state import made_state
from core.usecases.before_promoting import warnings
from tests.core.rules_world import apply
from tests.core.store_world import entry


@pytest.mark.parametrize(
    ("changed", "field", "told"),
    [
        ({"quota_per_day": -1}, "quota_per_day", "A day: expected 0 (no limit) to 10000, got -1."),
        ({"quota_per_month": 10_001}, "quota_per_month", "A month: expected 0"),
        ({"min_coverage": 1.01}, "min_coverage", "Coverage: expected 0 to 1, got 1.01."),
        ({"announcement": "x" * 501}, "announcement", "Announcement: 501 characters"),
        ({"closed_message": "a\x00b"}, "closed_message", "Message has a control character"),
        ({"tracks": tuple(Track(name=f"T{n}") for n in range(21))}, "tracks", "at most 20, got 21"),
        ({"tracks": (Track(name="A"), Track(name=" a "))}, "tracks", "two have the same name"),
        ({"tracks": (Track(name=" "),)}, "tracks", "A track needs a name."),
    ],
)
def test_every_invalid_value_of_the_policy_is_named(
    changed: dict[str, Any], field: str, told: str
) -> None:
    found = problems(msgspec.structs.replace(DEFAULT, **changed))
    assert list(found) == [field]
    assert told in found[field]


def test_the_limits_themselves_are_valid() -> None:
    tracks = tuple(Track(name=f"T{n}", required=REQUIRABLE[:1]) for n in range(20))
    for policy in (
        Policy(quota_per_day=0, quota_per_month=10_000, min_coverage=0, announcement="x" * 500),
        Policy(min_coverage=1, tracks=tracks),
    ):
        assert problems(policy) == {}


@pytest.mark.parametrize(
    ("track", "told"),
    [
        (Track(name="x" * 501), "Track: 501 characters"),
        (Track(name="a\x00b"), "Track has a control character"),
        (Track(name="T", opens="tomorrow"), "'tomorrow' is not a date"),
        (Track(name="T", opens="2026-02-01", closes="2026-02-01"), "closes before it opens"),
        (Track(name="T", required=("contact_of_mine",)), "'contact_of_mine' is not a field"),
    ],
)
def test_a_track_that_cannot_be_is_refused_with_the_reason(track: Track, told: str) -> None:
    assert told in (track_problem(track) or "")


def test_a_moment_is_shown_with_its_time_unless_it_is_midnight() -> None:
    assert moment_text("2026-12-31") == "2026-12-31"
    assert moment_text("2026-12-31T23:30+02:00") == "2026-12-31, 21:30"
    assert moment_text("some day") == "some day"


def test_before_promoting_an_admin_is_told_what_is_open() -> None:
    whole = entry("a", verification=Verification(state="requested"))
    state = made_state(community=(whole,))
    assert warnings(state, whole) == []
    few = {METRIC_KEYS[1]: {"scored": 1, "records": 2}}
    declined = Verification(state="declined")
    metrics = {**whole.metrics, METRIC_KEYS[0]: None}
    open_ = msgspec.structs.replace(whole, metrics=metrics, coverage=few, verification=declined)
    assert warnings(state, open_) == [
        f"Missing metrics, ranked last: {METRICS[0].name}.",
        f"Low coverage: {METRICS[1].name} 50 %.",
        "Verification was declined before.",
    ]
    assert warnings(state, entry("b")) == ["The owner never asked for verification."]


def test_before_promoting_an_admin_is_told_what_is_held_and_reported() -> None:
    run = Judgement(run_id="r", date="", model="m", metrics={}, flagged=2)
    found = entry(
        1,
        held=run,
        verification=Verification(state="asked"),
        surplus={"tag_miou_03": {"answers": 9, "largest": 99}},
    )
    state = apply(made_state(community=(found,)), reporting.report("entry-1", "other", "reader"))
    assert warnings(state, found) == [
        "Caption scores are held: 2 records with flagged captions. Review them first.",
        "Held for surplus segments: TAG@0.3. Review them first.",
        "1 open report about this entry.",
    ]
