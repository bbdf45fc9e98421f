"""Columns of a judge run give the caption metrics for any graded share."""

import math

import msgspec
import numpy as np
import pytest

from core.benchmark import JUDGE_KEYS
from core.model.contracts.judge import JudgeResult
from core.model.contracts.samples import KeptJudgement, PairScore
from core.ranking.columns import judged_columns
from core.ranking.stacks import stack, values
from core.ranking.units import unit_of
from evaluation.judge import pairs
from evaluation.judge.aggregate import aggregate
from tests.judge.judge_data import parity
from tests.judge.judge_server import scorer


def kept(plan: pairs.Plan, share: float = 1.0) -> tuple[KeptJudgement, dict]:
    """A judgement as stored, for a share of the pairs; and its grades."""
    distinct = plan.distinct()[: int(share * len(plan.distinct()))]
    grades = {pair.key: scorer(pair.prediction, pair.reference) for pair in distinct}
    metrics = {
        key: None if math.isnan(value) else value
        for key, value in aggregate(plan, grades).metrics.items()
    }
    result = JudgeResult(
        complete=True, state="", metrics=metrics, aspects={}, share={}, calls=0, cost_usd=0,
        model="", models_named=[], rubric_version="", prompt_hash={}, date="",
        predictions_sha256="", ground_truth_sha256="",
    )  # fmt: skip
    scores = [PairScore(key, grade) for key, grade in grades.items()]
    content = msgspec.json.encode(KeptJudgement(result, scores, plan.placed()))
    return msgspec.json.decode(content, type=KeptJudgement), grades


@pytest.mark.parametrize("share", [1.0, 0.7])
def test_columns_give_the_caption_metrics(share: float) -> None:
    records, texts = parity()
    plan = pairs.plan(records, texts)
    judgement, grades = kept(plan, share)
    columns = judged_columns(judgement)
    published = {key: value for key, value in judgement.judge.metrics.items() if value is not None}
    assert set(columns) == set(published) >= {"dvc_llm"}
    for key, value in published.items():
        found = stack(key, [columns])
        assert found is not None
        assert values(found)[0, 0] == pytest.approx(value, rel=1e-13)
        some = {unit for number, unit in enumerate(found.units) if number % 3}
        weights = np.array([[float(unit in some)] for unit in found.units])
        part = [
            text if unit_of(record.dataset, record.video) in some else None
            for record, text in zip(records, texts, strict=True)
        ]
        here = [one for one, text in zip(records, part, strict=True) if text is not None]
        of_some = aggregate(pairs.plan(here, [text for text in part if text is not None]), grades)
        assert values(found, weights)[0, 0] == pytest.approx(of_some.metrics[key], rel=1e-12)


def test_nothing_graded_is_missing_and_a_run_without_records_has_no_columns() -> None:
    judgement, _ = kept(pairs.plan(*parity()))
    for key in JUDGE_KEYS:
        found = stack(key, [judged_columns(judgement)])
        assert found is not None
        assert np.isnan(values(found, np.zeros((len(found.units), 1)))).all()
    older = msgspec.structs.replace(judgement, records=[])
    assert judged_columns(older) == {}
