"""The declarations of the tasks agree with the benchmark's definition."""

import pytest

from core.benchmark import METRICS, SCORED_KEYS, TASK_BY_KEY
from core.model.contracts.evaluation import Coverage, DatasetScore
from evaluation import scoring
from evaluation.progress import Progress
from evaluation.tasks.interface import RecordError, by_record
from evaluation.tasks.registry import TASKS, form_of
from tests.evaluation.scoring_data import record


def test_every_metric_without_a_judge_is_scored_by_its_own_task() -> None:
    declared = {key: task for task, one in TASKS.items() for key in one.metrics}
    assert declared == {one.key: one.task for one in METRICS if not one.needs_judge}
    assert sum(len(one.metrics) for one in TASKS.values()) == len(SCORED_KEYS)


def test_a_task_gives_exactly_the_metrics_that_it_declares() -> None:
    for task in TASKS.values():
        assert tuple(task.aggregate([])) == task.metrics
        assert tuple(task.aggregate([], strict=True)) == task.metrics


def test_captions_are_any_text() -> None:
    assert {key for key in TASK_BY_KEY if not form_of(key).wanted} == {"vs", "rc", "next_action"}
    assert form_of("vs").read("1-2 seconds").items is None


def test_a_fault_of_a_task_names_the_record():
    def divide(_index, _record, text):
        return 1 / len(text)

    rows = [(3, record("tal"), "a"), (7, record("tal"), "")]
    with pytest.raises(RecordError, match="record 7") as caught:
        by_record(divide)(rows, Progress(2, lambda _fraction, _text: None))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_what_a_metric_is_based_on_by_hand() -> None:
    criteria = {"two_structures": 2, "cystic_plate": 1, "hepatocystic_triangle": 0}
    cvs = record("cvs_assessment", [{"cvs_scores": criteria}])
    answers = [
        (
            record("cvs_assessment", [{"cvs_scores": criteria}]),
            "Two structures: 2, Cystic plate: 0",
        ),
        (cvs, " "),
        (record("tal", [{"spans": [{"start": 1, "end": 3}]}], dataset="AVOS"), "1-3 seconds"),
        (record("tal", [{"spans": [{"start": 1, "end": 3}]}], dataset="NurViD"), "no idea"),
        (record("video_summary", answer="A cut."), "A clip."),
        (record("skill_assessment", [{"skill_scores": {"a": 3}}]), "a: 3"),
    ]
    records, texts = zip(*answers, strict=True)
    found = scoring.score(records, texts, ["cvs_assessment", "tal", "vs"])
    assert {key: one for key, one in found.coverage.items() if one.records} == {
        "cvs_acc": Coverage(2, 1, 1, 0.5, {"empty": 1}, parts=6, parts_named=2),
        "tag_miou_03": Coverage(2, 2, 2, 1.0, {}),
        "tag_miou_05": Coverage(2, 2, 2, 1.0, {}),
        "vs_llm": Coverage(1, 1, 0, None, {"not_judged": 1}),
        "sa_acc": Coverage(1, 1, 0, None, {"not_selected": 1}),
    }
    assert found.metrics["cvs_acc"] == 0.5
    assert found.by_dataset["tag_miou_03"] == {
        "AVOS": DatasetScore(1.0, 1, 1),
        "NurViD": DatasetScore(0.0, 1, 1),
    }
