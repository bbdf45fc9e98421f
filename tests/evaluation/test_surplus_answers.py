"""Answers with surplus segments or boxes keep their score and are counted."""

import pytest

from core.model.contracts.evaluation import Surplus
from evaluation import report, scoring
from tests.evaluation.scoring_data import record

SPANS = [{"spans": [{"start": 0, "end": 4}, {"start": 6, "end": 9}]}]
BOXES = [{"bbox_dict": {"0.0": [0, 0, 9, 9], "1.0": [0, 0, 9, 9]}}]
EVENTS = [{"start": 0, "end": 4, "caption": "x"}]
NO_EVENTS = [{"start": 0, "end": 4}]  # without a caption, no event: nothing is scored


def segments(count):
    return ", ".join(f"{i}-{i + 1}" for i in range(count))


def boxes(count):
    return " ".join(f"{i}.0 seconds: [0, 0, 9, 9]" for i in range(count))


def bare(count):
    return ", ".join(["[[0, 0, 9, 9]]"] * count)


def captions(count):
    return "\n".join(f"{i}-{i + 1} seconds: x" for i in range(count))


@pytest.mark.parametrize(
    ("qa_type", "info", "question", "answers", "expected"),
    [
        ("tal", SPANS, "When?", [segments(20), segments(21), segments(500)], (2, 500)),
        ("tal", SPANS, "Give two segments.", [segments(2), segments(3), ""], (1, 3)),
        ("tal", SPANS, "Give 30 segments.", [segments(20), segments(25)], (1, 25)),
        ("stg", BOXES, "Every second from 0 to 1 seconds.", [boxes(2), boxes(3)], (1, 3)),
        ("stg", BOXES, "Every second from 0 to 1 seconds.", [bare(2), bare(7)], (1, 7)),
        ("dc", EVENTS, "Describe it.", [captions(1), captions(40)], (1, 40)),
        ("dc", EVENTS, "Describe it.", ["", "a"], (0, 0)),
        ("dc", NO_EVENTS, "Describe it.", [captions(1), captions(40)], (1, 40)),
    ],
)  # fmt: skip
def test_surplus_answers(qa_type, info, question, answers, expected):
    truth = [record(qa_type, info, question=question) for _ in answers]
    result = scoring.score(truth, answers, ["tal", "stg", "dvc"])
    assert set(result.surplus.values()) == {Surplus(*expected)}
    assert set(result.surplus) <= {"tag_miou_03", "tag_miou_05", "stg_miou", "dvc_f1"}
    told = [line for line in report.coverage_table(result).splitlines() if "than requested" in line]
    if expected[0]:
        (line,) = told
        assert f": {expected[0]} of {len(answers)} answers" in line
        assert line.endswith(f"up to {expected[1]}")
    else:
        assert told == []


def test_tasks_that_count_nothing_have_no_figure():
    truth = [record("next_action", answer="cutting")]
    assert scoring.score(truth, ["cutting"], ["next_action"]).surplus == {}
