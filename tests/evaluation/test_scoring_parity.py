"""Agreement with the public evaluator, on its own inputs, to 1e-9."""

import pytest

from core.benchmark import JUDGE_KEYS, SCORED_KEYS, TASK_BY_KEY
from evaluation import scoring
from evaluation.tasks.sample import NOT_JUDGED
from evaluation.upload.alignment import align, places
from evaluation.upload.records import Prediction
from tests.evaluation.scoring_data import PARITY, records


@pytest.fixture(scope="module")
def result():
    truth = records(PARITY["ground_truth"])
    given = [
        Prediction(id=one["id"], qa_type=one["qa_type"], text=one["prediction"])
        for one in PARITY["predictions"]
    ]
    aligned = align(places(truth, given), given)
    return scoring.score(truth, aligned.texts, tuple(TASK_BY_KEY))


@pytest.mark.parametrize("key", SCORED_KEYS)
def test_metric_agrees(result, key):
    assert result.metrics[key] == pytest.approx(PARITY["expected"][key], abs=1e-9)


@pytest.mark.parametrize(
    ("key", "scored", "records"),
    [
        ("tag_miou_03", "tal_n", "tal_n"),
        ("stg_miou", "stg_valid", "stg_n"),
        ("dvc_f1", "dvc_f1_samples", "dvc_n"),
        ("nap_acc", "nap_n", "nap_n"),
    ],
)
def test_the_same_records_are_scored(result, key, scored, records):
    coverage = result.coverage[key]
    assert (coverage.scored, coverage.records) == (PARITY["info"][scored], PARITY["info"][records])


def test_answers_that_are_no_label_are_counted(result):
    truth = [one for one in records(PARITY["ground_truth"]) if one.task == "next_action"]
    texts = ["no such label", "", *(one.answer for one in truth[2:])]
    found = scoring.score(truth, texts, ("next_action",))
    assert found.coverage["nap_acc"].off_label == 2
    assert result.coverage["stg_miou"].off_label is None


def test_nothing_failed_and_the_judge_was_not_replaced(result):
    assert result.failures == {}
    for key in JUDGE_KEYS:
        assert result.metrics[key] != result.metrics[key]  # NaN
        assert result.coverage[key].unscored == {NOT_JUDGED: result.coverage[key].records}


@pytest.mark.parametrize("key", SCORED_KEYS)
def test_strict_is_never_above_the_official_figure(result, key):
    assert 0 <= result.strict[key] <= result.metrics[key] + 1e-12


def test_datasets_of_a_plain_mean_add_up_to_it(result):
    parts = result.by_dataset["stg_miou"].values()
    total = sum(part.value * part.n for part in parts) / sum(part.n for part in parts)
    assert total == pytest.approx(result.metrics["stg_miou"], abs=1e-12)
