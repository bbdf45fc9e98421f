"""Files as written by participants' tools: right answers get full scores in every format."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.benchmark import SCORED_KEYS
from evaluation.upload.file_review import check
from evaluation.upload.placing import BY_ID, BY_INDEX, BY_POSITION, BY_QUESTION
from tests.evaluation.participants import FOLDER, RIGHT, read, scored

QUESTIONS = FOLDER / "questions.json"
PLACED = {
    RIGHT: {BY_INDEX: 30},
    "01_question_text_contradicts_place.json": {BY_QUESTION: 30},
    "02_multi_gpu_results.json": {BY_QUESTION: 30},
    "03_subset_of_tasks_with_unbounded_ids.json": {BY_POSITION: 11, BY_ID: 17},
    "04_qa_type_without_suffix.json": {BY_INDEX: 30},
    "05_id_ignored_beside_answer.json": {BY_QUESTION: 30},
}


@pytest.fixture(scope="module")
def right() -> dict[str, float]:
    """The metrics of the right answers; all are 1 except for the oddities of two."""
    metrics = scored(FOLDER / RIGHT)[0].metrics
    assert all(metrics[key] > 0.7 for key in SCORED_KEYS)
    return {key: metrics[key] for key in SCORED_KEYS}


@pytest.mark.parametrize("references", ["truth.json", "truth_dollar_ids.json"])
@pytest.mark.parametrize("name", PLACED)
def test_right_answers_score_as_right_ones(
    right: dict[str, float], name: str, references: str
) -> None:
    result, placed = scored(FOLDER / name, references)
    assert {key: result.metrics[key] for key in SCORED_KEYS} == right
    assert placed.rules == PLACED[name]


@pytest.mark.parametrize("name", PLACED)
def test_the_check_says_how_records_were_placed(name: str) -> None:
    found = check(FOLDER / name, QUESTIONS)
    assert found.ready
    (note,) = [one for one in found.notes if one.code == "placed"]
    assert note.text == "How the records were matched to questions: " + (
        ", ".join(f"{count} {rule}" for rule, count in PLACED[name].items()) + "."
    )


def test_the_check_names_contradictions_with_examples() -> None:
    found = check(FOLDER / "01_question_text_contradicts_place.json", QUESTIONS)
    (warning,) = [one for one in found.warnings if one.code == "contradiction"]
    assert warning.text.startswith("6 of 30 answers are out of place")
    assert [one.index for one in warning.examples] == [13, 19, 21, 22, 23]


def test_the_check_says_how_many_answers_only_their_order_tells_apart(tmp_path: Path) -> None:
    """Without questions, two answers about one clip are swapped in a file that is reversed."""
    path = tmp_path / "p.json"
    path.write_text(json.dumps(read(RIGHT)[::-1]), encoding="utf-8")
    (warning,) = [one for one in check(path, QUESTIONS).warnings if one.code == "order"]
    assert "For 6 of 30, several questions have that id and qa_type" in warning.text


def test_ids_of_another_form_are_noticed_without_a_question_file(tmp_path: Path) -> None:
    """With one, a file with more than half unknown ids is refused."""
    path = tmp_path / "p.json"

    def noticed(count: int) -> list[str]:
        named = [
            one | {"id": f"s{at}"} if at < count else one for at, one in enumerate(read(RIGHT))
        ]
        path.write_text(json.dumps(named), encoding="utf-8")
        return [one.text for one in check(path).warnings if one.code == "other_ids"]

    assert noticed(15) == []
    (text,) = noticed(16)
    assert text.startswith(
        "16 of 30 ids are unlike video_id&&start&&end&&fps (at index 0: “s0”): copy them unchanged "
        "from the questions; a file with more than half unknown ids is refused."
    )
    for form in (dollar, inference):
        path.write_text(json.dumps(form(read(RIGHT))), encoding="utf-8")
        assert "other_ids" not in {one.code for one in check(path).warnings}


def dollar(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = [one["id"] for one in read("truth_dollar_ids.json")]
    return [one | {"id": known} for one, known in zip(records, ids, strict=True)]


def inference(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "metadata": question["metadata"],
            "qa_type": one["qa_type"],
            "question": question["conversations"][0]["value"],
            "answer": one["prediction"],
        }
        for one, question in zip(records, read("truth.json"), strict=True)
    ]


FORMS: dict[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = {
    "ids of the training split": dollar,
    "sorted by id": lambda records: sorted(records, key=lambda one: one["id"]),
    "ids of the training split, sorted": lambda records: sorted(
        dollar(records), key=lambda one: one["id"]
    ),
    "grouped by task": lambda records: sorted(records, key=lambda one: one["qa_type"]),
    "inference output out of order": lambda records: inference(records)[::-1],
    "a prompt around each question, out of order": lambda records: [
        one | {"question": f"<|im_start|>user\n{one['question']} Think first.<|im_end|>"}
        for one in inference(records)[::-1]
    ],
    "ids without a frame rate": lambda records: [
        one | {"id": one["id"].rpartition("&&")[0]} for one in records
    ],
    "ids of the training split without a frame rate": lambda records: [
        one | {"id": one["id"].rpartition("&&")[0].replace("&&", "$")} for one in records
    ],
    "a running number beside metadata": lambda records: [
        one | {"id": index} for index, one in enumerate(inference(records)[::-1])
    ],
    "a running text beside metadata": lambda records: [
        one | {"id": f"sample_{index}"} for index, one in enumerate(inference(records)[::-1])
    ],
    "prediction beside metadata": lambda records: [
        {"prediction": one["answer"]} | {k: v for k, v in one.items() if k != "answer"}
        for one in inference(records)[::-1]
    ],
    "answer beside id": lambda records: [
        {"id": one["id"], "qa_type": one["qa_type"], "answer": one["prediction"]} for one in records
    ],
}


@pytest.mark.parametrize("references", ["truth.json", "truth_dollar_ids.json"])
@pytest.mark.parametrize("form", FORMS)
def test_other_forms_of_the_right_answers_score_as_right_ones(
    right: dict[str, float], tmp_path: Path, form: str, references: str
) -> None:
    path = tmp_path / "p.json"
    path.write_text(json.dumps(FORMS[form](read(RIGHT))), encoding="utf-8")
    assert {key: scored(path, references)[0].metrics[key] for key in SCORED_KEYS} == right
    assert check(path, QUESTIONS).ready


def test_what_is_odd_about_answers_is_not_told_again_beside_its_reason() -> None:
    found = check(FOLDER / "23_tal_minutes_seconds.json", QUESTIONS)
    assert [one.code for one in found.warnings] == ["clock_times"]
