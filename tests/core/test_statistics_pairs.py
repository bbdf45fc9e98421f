"""Pairs: both directions, rounding, counts between teams only, reasons for missing figures."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.changes import editing, placing
from core.model.entries import Declared
from core.model.statistics import PairFigures, PairMetric
from core.ranking.columns import scored_columns
from core.ranking.differences import compare
from core.ranking.metric_figures import OTHER_SCORES
from core.runs.statistics import pairs
from core.runs.statistics.columns import NO_SAMPLES
from core.usecases.statistics import pair_differences, pair_figures
from core.usecases.teams import may_be_one_team
from tests.core.statistics_world import StatisticsWorld, rows
from tests.core.store_world import entry

pytestmark = pytest.mark.usefixtures("imports_frozen")


@pytest.fixture
def world(tmp_path: Path) -> StatisticsWorld:
    return StatisticsWorld(tmp_path)


def found(world: StatisticsWorld, a: str, b: str) -> PairFigures:
    pair = pair_figures(world.services, a, b)
    assert pair is not None
    return pair


def test_a_pair_is_reported_both_ways_and_rounded(world: StatisticsWorld) -> None:
    a, b = (world.add(number).entry_id for number in (1, 4))
    assert pair_figures(world.services, a, b) is None  # being computed
    world.update()
    there, back = found(world, a, b), found(world, b, a)
    exact = compare(scored_columns(rows(1, 0.4)), scored_columns(rows(4, 0.7)))
    assert set(there.metrics) == {"nap_acc", "stg_miou"}
    for key, one in there.metrics.items():
        other, whole = back.metrics[key], exact[key]
        assert one.difference == -(other.difference or 0)
        assert (one.wins, one.ties, one.losses) == (other.losses, other.ties, other.wins)
        assert (one.wins, one.ties, one.losses) == (whole.wins, whole.ties, whole.losses)
        assert one.verdict == whole.verdict == "worse"
        assert other.verdict == "better"
        assert one.interval == tuple(-end for end in reversed(other.interval or ()))
        low, high = one.interval or (0, 0)
        assert whole.low is not None
        assert whole.high is not None
        assert low <= whole.low < low + 0.01
        assert high - 0.01 < whole.high <= high
        for published, value in ((one.p, whole.p), (one.detectable, whole.detectable)):
            assert published is not None
            assert value is not None
            assert published == round(published, 2)
            assert value <= published < value + 0.01


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"organization": "Lab  1"}, False),
        ({"organization": "Other", "declared": Declared(team="LAB 1")}, False),
        ({"organization": ""}, True),  # it has the submitter of another entry
    ],
)
def test_counts_of_records_are_reported_between_teams_only(
    world: StatisticsWorld, changes: dict[str, Any], told: bool
) -> None:
    one = world.add(1).entry_id
    other = world.add(4, **changes).entry_id
    world.update()
    pair = found(world, one, other)
    for metric in pair.metrics.values():
        assert metric.p is not None
        assert (metric.wins is not None) is told


def test_one_submitter_or_contact_is_one_team(world: StatisticsWorld) -> None:
    a = world.add(1).entry_id
    b = world.add(4, submitter="submitter-1").entry_id
    c = world.add(5, contact="Ada@example.org").entry_id
    d = world.add(6, contact=" ada@Example.org").entry_id
    world.update()
    for pair in ((a, b), (c, d)):
        assert {one.wins for one in found(world, *pair).metrics.values()} == {None}
    for pair in ((a, c), (b, d)):
        assert None not in {one.wins for one in found(world, *pair).metrics.values()}


def test_teams_without_a_submitter_or_contact_are_told_apart_by_name(
    world: StatisticsWorld,
) -> None:
    one, other = (world.add(number, submitter=None) for number in (1, 4))
    same = world.add(5, submitter=None, organization="LAB 1")
    state = world.store.read()
    assert not may_be_one_team(world.services, state, one, other)
    assert may_be_one_team(world.services, state, one, same)


def test_entries_with_the_scores_of_one_upload_are_of_one_team(world: StatisticsWorld) -> None:
    upload, state = world.add(1).upload_id, world.store.read()
    a, b = (entry(number, organization=f"Lab {number}") for number in (4, 5))
    assert not may_be_one_team(world.services, state, a, b)
    a, b = (msgspec.structs.replace(one, submission_id=upload) for one in (a, b))
    assert may_be_one_team(world.services, state, a, b)


def test_an_entry_without_sample_scores_has_differences_and_the_reason(
    world: StatisticsWorld,
) -> None:
    world.store.commit(placing.add_official(entry(1, 1.0, board="official"), "admin"))
    one = world.add(2)
    world.update()
    pair = found(world, "entry-1", one.entry_id)
    value = one.metrics["nap_acc"]
    assert value is not None
    metric = pair.metrics["nap_acc"]
    assert metric.difference == round(1.0 - value, 3)
    assert (metric.interval, metric.p, metric.wins, metric.reason) == (None, None, None, NO_SAMPLES)


def test_a_score_that_was_changed_by_hand_has_a_difference_and_the_reason(
    world: StatisticsWorld,
) -> None:
    """Its sample scores are of another value, so an interval need not contain the difference."""
    one, other = world.add(1), world.add(4)
    world.store.commit(editing.edit("community", one, {"metrics.stg_miou": 0.9}, "admin"))
    world.update()
    value = other.metrics["stg_miou"]
    assert value is not None
    for a, b, sign in ((one, other, 1), (other, one, -1)):
        pair = found(world, a.entry_id, b.entry_id)
        assert pair.metrics["stg_miou"] == PairMetric(
            difference=sign * round(0.9 - value, 3), reason=OTHER_SCORES
        )
        assert pair.metrics["nap_acc"].interval is not None


def test_only_the_best_of_a_large_board_are_paired(
    world: StatisticsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "MOST", 2)
    ids = [world.add(number).entry_id for number in range(3)]  # later ones are better
    world.update()
    assert found(world, ids[1], ids[2]).metrics["nap_acc"].p is not None
    assert found(world, ids[0], ids[2]).metrics["nap_acc"].reason == pairs.NOT_KEPT


def test_pairs_of_entries_that_stayed_are_kept(
    world: StatisticsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        world.add(number)
    world.update()
    made: list[object] = []
    monkeypatch.setattr(pairs, "compare", lambda *pair: made.append(pair) or compare(*pair))
    world.update()
    assert made == []
    world.add(3)
    world.update()
    assert len(made) == 3


def test_an_unknown_pair_is_none(world: StatisticsWorld) -> None:
    a = world.add(1).entry_id
    world.update()
    for other in ("nobody", a, "../x", ""):
        assert pair_figures(world.services, a, other) is None
    state = world.store.read()
    assert pair_differences(state, a, a) is not None
    assert pair_differences(state, a, "nobody") is pair_differences(state, "nobody", a) is None
