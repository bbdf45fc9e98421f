"""The command that scores answers says what the check says about them."""

import json
from pathlib import Path

import pytest

from core.benchmark import TASK_BY_KEY
from evaluation import truth
from evaluation.evaluate_predictions import main
from evaluation.upload import reader
from evaluation.upload.answer_warnings import answer_warnings
from evaluation.upload.file_review import check
from tests.evaluation.participants import FOLDER, RIGHT

TRUTH = FOLDER / "truth.json"
QUESTIONS = FOLDER / "questions.json"
TASKS = tuple(TASK_BY_KEY)
FILES = sorted(path for path in FOLDER.glob("*.json*") if path.name[:2].isdigit())
MATCHING = {"order", "contradiction", "missing", "no_records"}


def warned(path: Path, tasks: tuple[str, ...] = TASKS) -> list[str]:
    return answer_warnings(truth.load(TRUTH), reader.load(path), tasks)


def test_the_warnings_about_answers_are_those_of_the_check() -> None:
    reviewed = {path: check(path, QUESTIONS) for path in FILES}
    ready = {path: found.warnings for path, found in reviewed.items() if found.ready}
    assert len(ready) > 15
    for path, found in ready.items():
        assert warned(path) == [one.text for one in found if one.code not in MATCHING], path.name


def test_right_answers_have_no_warning() -> None:
    assert warned(FOLDER / RIGHT) == []


def test_only_the_tasks_asked_for_are_warned_about() -> None:
    frames = FOLDER / "20_tal_frame_numbers.json"
    (text,) = warned(frames, ("tal", "stg"))
    assert text.startswith("tal: 7 of 7 answers give frame numbers instead of seconds")
    assert warned(frames, ("stg", "vs")) == []


def test_an_empty_template_is_recognised(tmp_path: Path) -> None:
    records = json.loads((FOLDER / RIGHT).read_bytes())
    given = tmp_path / "given.json"
    given.write_text(json.dumps([{**one, "prediction": " "} for one in records]))
    assert warned(given) == [
        "30 of 30 answers are empty: is this the template? Fill in the answers."
    ]


def test_the_command_prints_them_unless_told_not_to(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [str(FOLDER / "30_stg_normalised_0_1.json"), "--ground-truth", str(TRUTH)]
    arguments += ["--skip-llm-judge"]
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    (told,) = [line for line in lines if line.startswith("Warning: ")]
    assert told.startswith("Warning: stg: 7 of 7 answers give coordinates from 0 to 1 instead of")
    assert main([*arguments, "--skip-check"]) == 0
    assert [line for line in lines if line != told] == capsys.readouterr().out.splitlines()
