"""Ranks that would be, worked out by hand, and what a value must be based on to count."""

from typing import Any

import msgspec
import numpy as np
import pytest

from core.benchmark import JUDGE_KEYS, METRIC_KEYS, PARTS, SCORED_KEYS
from core.model.entries import Judgement
from core.model.policy import DEFAULT, Policy
from core.model.state import made_state
from core.ranking import coverage
from core.ranking.board import counted_values, rank_board, shown_board
from core.ranking.left_out import entries_left_out, metrics_left_out
from core.ranking.schemes import scheme_orders
from core.ranking.what_if import RankOf, Ruled, caption_ranks, rank_with, ruled_by, run_ranks
from tests.core.store_world import entry

BALANCED = next(iter(PARTS))


def judged(value: float, captions: float | None) -> dict[str, float | None]:
    return dict.fromkeys(SCORED_KEYS, value) | dict.fromkeys(JUDGE_KEYS, captions)


def test_caption_ranks_are_those_before_and_after_the_last_judgement() -> None:
    state = made_state(community=(entry("a", 0.9), entry("b", 0.5), entry("c", 0.4)))
    run = entry("n", metrics=judged(0.39, 1.0))
    # Last in seven metrics; in those of captions first, or last too without a judgement.
    assert caption_ranks(state, "community", run) == (RankOf(4, 4), RankOf(3, 4))
    assert caption_ranks(state, "official", run) == (RankOf(1, 1), RankOf(1, 1))


def test_the_ranks_before_are_those_of_the_judgement_right_before() -> None:
    state = made_state(community=(entry("a", 0.9), entry("b", 0.5), entry("c", 0.4)))
    earlier = [
        Judgement(run_id=f"{n}", date="2026-01-01", model="m", metrics=dict.fromkeys(JUDGE_KEYS, n))
        for n in (0.1, 0.95)
    ]
    run = entry("n", metrics=judged(0.39, 0.2), judge_history=tuple(earlier))
    assert caption_ranks(state, "community", run) == (RankOf(3, 4), RankOf(4, 4))


def test_a_board_has_the_tries_of_each_entry_and_the_share_behind_a_graded_value() -> None:
    judge = Judgement(run_id="r", date="2026-01-01", model="m", metrics={}, share={"vs_llm": 0.5})
    half = {"records": 100, "answered": 50, "scored": 50}
    one = entry("a", judge=judge, coverage={"vs_llm": half, "sa_acc": half})
    board = rank_board("community", [one, entry("b")], DEFAULT, {"entry-a": 3})
    assert {row.entry.entry_id: row.tries for row in board.standings} == {
        "entry-a": 3,
        "entry-b": None,
    }
    found = {key: coverage.graded_share(one, key) for key in ("vs_llm", "sa_acc", "rc_llm")}
    assert found == {"vs_llm": 0.25, "sa_acc": 0.5, "rc_llm": None}
    assert coverage.graded_share(entry("a", judge=judge), "vs_llm") == 0.5
    assert coverage.graded_share(entry("a"), "vs_llm") is None


def test_a_graded_caption_of_an_event_needs_its_segment() -> None:
    few = {"records": 100, "answered": 90, "scored": 50}
    assert coverage.share({"dvc_llm": few, "dvc_f1": few}, "dvc_llm") == 0.5
    assert coverage.share({"dvc_llm": few}, "dvc_llm") == 0.9
    assert coverage.answered({"dvc_f1": few}, "dvc_f1")
    assert not coverage.answered({"dvc_f1": {**few, "answered": 0}}, "dvc_f1")


def test_a_run_counts_as_judge_free_by_the_metrics_without_a_judge() -> None:
    state = made_state(community=(entry("a", metrics=judged(0.5, 5.0)), entry("b", 0.4)))
    found = run_ranks(state, entry("n", metrics=judged(0.6, None)))
    assert found.judge_free == RankOf(1, 3)
    assert run_ranks(state, entry("n", metrics=judged(0.45, 9.0))).judge_free == RankOf(2, 3)


def test_another_policy_leaves_scores_out_and_moves_entries() -> None:
    few = {"stg_miou": {"scored": 50, "records": 100}}
    first, second = entry("a", 0.9, coverage=few), entry("b", 0.5)
    tied = msgspec.structs.replace(second, metrics=first.metrics, entry_id="c", model_name="c")
    state = made_state(community=(first, second, tied))
    found = ruled_by(state, "community", Policy(enforce_min_coverage=True))
    assert found == Ruled("community", (("c", 2, 1), ("Model a", 1, 2)), (0, 1))
    same = ruled_by(state, "community", Policy(enforce_min_coverage=True, min_coverage=0.5))
    assert same == Ruled("community", (), (0, 0))
    assert ruled_by(state, "official", Policy()) == Ruled("official", (), (0, 0))


def counts(scored: int, records: int, named: int, parts: int) -> dict[str, Any]:
    return {"scored": scored, "records": records, "parts_named": named, "parts": parts}


@pytest.mark.parametrize(
    ("of", "parts", "share"),
    [
        (counts(9, 10, 20, 30), (20, 30), 2 / 3),  # fewer parts than records
        (counts(2, 3, 20, 30), None, 2 / 3),  # the same share: reported as records
        (counts(1, 2, 20, 30), None, 1 / 2),
        (counts(10, 10, 30, 30), None, 1.0),
        ({"scored": 9, "records": 10}, None, 0.9),  # of an older evaluation
        (counts(9, 10, 0, 30), None, 0.9),
        (counts(9, 10, 31, 30), None, 0.9),
        (counts(0, 10, 0, 30), None, None),
        (counts(11, 10, 3, 30), None, None),
        ({"scored": "9", "records": 10}, None, None),
        (None, None, None),
    ],
)
def test_the_share_is_of_parts_where_fewer_of_them_are_named(
    of: Any, parts: tuple[int, int] | None, share: float | None
) -> None:
    found = {BALANCED: of}
    assert coverage.parts(found, BALANCED) == parts
    assert coverage.share(found, BALANCED) == share
    assert bool(coverage.parts_text(found, BALANCED)) == (parts is not None)
    other = next(key for key in METRIC_KEYS if key not in PARTS)
    assert coverage.parts({other: of}, other) is None


def test_a_value_from_too_few_questions_counts_only_where_the_policy_lets_it() -> None:
    enforced = msgspec.structs.replace(DEFAULT, enforce_min_coverage=True, min_coverage=0.95)
    key, other = METRIC_KEYS[1], METRIC_KEYS[2]
    few = {key: {"scored": 94, "records": 100}, other: {"scored": 95, "records": 100}}
    model = entry("few", 0.9, coverage=few)
    assert coverage.low(model.metrics, few, enforced) == {key: 0.94}
    assert coverage.counted(model.metrics, few, enforced) == {**model.metrics, key: None}
    relaxed = msgspec.structs.replace(enforced, enforce_min_coverage=False)
    assert coverage.counted(model.metrics, few, relaxed) == model.metrics
    (values,) = counted_values([model], enforced)
    assert np.isnan(values).tolist() == [one == key for one in METRIC_KEYS]
    state = made_state(community=(entry("a", 0.5),), policy=enforced)
    assert rank_with(shown_board(state, "community"), model) == RankOf(1, 2)
    assert coverage.low({**model.metrics, key: None}, few, enforced) == {}


def test_two_metrics_and_two_models_are_enough_and_one_is_not() -> None:
    values = np.array([[3.0, 1.0], [2.0, 2.0]])
    assert [one.leader for one in metrics_left_out(values, ["a", "b"])] == [1, 0]
    for few in (values[:, :1], values[:0]):
        with pytest.raises(ValueError, match="2 metrics or more"):
            metrics_left_out(few, ["a", "b"][: len(few)])
    assert [one.leader for one in entries_left_out(values, ["a", "b"])] == [1, 0]
    taus = [one.tau for one in scheme_orders(np.array([[3.0] * 10, [2.0] * 10]), ["a", "b"])]
    assert taus == pytest.approx([1.0] * len(taus))


def test_a_metric_left_out_swaps_models_however_far_apart() -> None:
    values = np.array([[9.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [4.0, 4.0]])
    without_second = metrics_left_out(values, list("abcde"))[1]
    # Whole: a 3.0, b 4.5, c 3.5, d 2.5, e 1.5 on average; by the first alone: a leads.
    assert without_second.swapped == ((0, 3), (0, 4))
    assert without_second.first == (0,)
