"""Columns by recording give the pipeline's metrics, for all recordings and any subset."""

import json
import random
from pathlib import Path

import msgspec
import numpy as np
import pytest

from core.benchmark import SCORED_KEYS, TASKS
from core.model.contracts.samples import SampleFile
from core.ranking.columns import scored_columns
from core.ranking.stacks import stack, values
from core.ranking.units import unit_of
from evaluation import output, truth
from evaluation.scoring import Result, score
from evaluation.tasks import registry
from evaluation.truth import TruthRecord
from tests.evaluation.scoring_data import PARITY, records

ALL = [task.key for task in TASKS]


def columns_of(result: Result, questions: list[TruthRecord]):
    file = msgspec.json.decode(output.samples_json(result, questions, "", ""), type=SampleFile)
    return scored_columns(file.samples)


def assert_agreement(result: Result, questions: list[TruthRecord]) -> None:
    """All recordings give the published metrics; some of them, the metrics of their records."""
    columns = columns_of(result, questions)
    rng = random.Random(3)
    for key in SCORED_KEYS:
        found = stack(key, [None, columns])
        assert found is not None
        assert values(found)[0, 0] == pytest.approx(result.metrics[key], rel=1e-13, abs=1e-15)
        kept = {unit for unit in found.units if rng.random() < 0.6}
        some = np.array([[float(unit in kept)] for unit in found.units])
        (task,) = (one for one in registry.TASKS.values() if key in one.metrics)
        (name,) = (one for one, task_ in registry.TASKS.items() if task_ is task)
        samples = [
            one
            for one in result.samples[name]
            if unit_of(one.dataset, questions[one.index].video) in kept
        ]
        expected = task.aggregate(samples)[key]
        sources = {one.dataset for one in samples}
        if key in ("sa_acc", "cvs_acc"):  # a source without any drawn recording counts as 0
            expected *= len(sources) / len(found.sources)
        assert values(found, some)[0, 0] == pytest.approx(expected, rel=1e-12)


def test_columns_of_the_parity_file() -> None:
    questions = records(PARITY["ground_truth"])
    texts = [one["prediction"] for one in PARITY["predictions"]]
    assert_agreement(score(questions, texts, ALL), questions)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sample_good.json", "sample_flawed.json"])
def test_columns_of_the_demo_benchmark(folder: Path, name: str) -> None:
    questions = truth.load(folder / "ground_truth.json")
    given = json.loads((folder / name).read_text())
    texts = [one.get("prediction", one.get("answer")) for one in given]
    texts += [None] * (len(questions) - len(texts))
    assert_agreement(score(questions, texts, ALL), questions)


def test_records_without_a_score_are_in_no_denominator_and_in_the_weights() -> None:
    questions = records(PARITY["ground_truth"])
    texts = [
        "" if number % 3 else one["prediction"] for number, one in enumerate(PARITY["predictions"])
    ]
    result = score(questions, texts, ALL)
    assert result.coverage["dvc_f1"].scored < result.coverage["dvc_f1"].records
    assert_agreement(result, questions)


def test_nothing_scored_is_zero_and_a_task_without_an_answer_is_absent() -> None:
    questions = records(PARITY["ground_truth"])
    texts = ["" if one.task in ("skill_assessment", "dvc") else None for one in questions]
    columns = columns_of(score(questions, texts, ALL), questions)
    assert set(columns) == {"sa_acc", "dvc_f1"}
    for key in columns:
        found = stack(key, [columns])
        assert found is not None
        assert values(found).tolist() == [[0.0]]


@pytest.mark.parametrize(
    ("source", "video", "recording"),
    [
        ("JIGSAWS", "Knot_Tying_B001", "B"),
        ("JIGSAWS", "Suturing_H005_capture1", "H"),
        ("JIGSAWS", "another name", "another name"),
        ("CoPESD", "12_part3", "12"),
        ("CoPESD", "12", "12"),
        ("AVOS", "1_part3", "1_part3"),
        ("CholecT50", "video01", "video01"),
    ],
)
def test_the_independent_recording(source: str, video: str, recording: str) -> None:
    assert unit_of(source, video) == (source, recording)


def test_two_sources_with_one_name_are_two_recordings() -> None:
    assert unit_of("CholecT50", "video01") != unit_of("Cholec80_CVS", "video01")
