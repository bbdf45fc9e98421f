"""Pairs and metrics equal the public evaluator's, and each pair is judged once."""

import math

import pytest

from core.benchmark import JUDGE_KEYS
from evaluation.judge import pairs
from evaluation.judge.aggregate import METRIC_OF_TASK, aggregate
from evaluation.judge.prompts import system
from tests.judge.judge_data import PARITY, parity
from tests.judge.judge_server import scorer


def test_metrics_equal_the_reference_figures() -> None:
    plan = pairs.plan(*parity())
    scores = {pair.key: scorer(pair.prediction, pair.reference) for pair in plan.distinct()}
    judged = aggregate(plan, scores)
    for key, value in judged.metrics.items():
        assert value == pytest.approx(PARITY["expected"][key], abs=1e-9)


def test_each_judged_metric_has_a_task_of_its_own_and_a_subject() -> None:
    assert len(METRIC_OF_TASK) == len(JUDGE_KEYS)  # else one hides the other
    assert all(system(task) for task in METRIC_OF_TASK)  # says what is graded


def test_each_distinct_pair_is_asked_once() -> None:
    plan = pairs.plan(*parity())
    dvc = [use for use in plan.uses if use.pair.task == "dvc"]
    assert len(dvc) == PARITY["info"]["dvc_judge_pairs"]
    assert len({use.pair for use in dvc}) == PARITY["info"]["dvc_judge_unique"]


def test_nothing_scored_is_undefined_never_zero() -> None:
    judged = aggregate(pairs.plan(*parity()), {})
    assert all(math.isnan(value) for value in judged.metrics.values())


def test_a_task_without_an_answer_has_no_metric() -> None:
    records, texts = parity()
    kept = [
        None if record.task == "vs" else text for record, text in zip(records, texts, strict=True)
    ]
    plan = pairs.plan(records, kept)
    assert plan.present == ("dvc", "rc")
