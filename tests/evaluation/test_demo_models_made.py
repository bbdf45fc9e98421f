"""The uploads of the demo's synthetic models: their properties, accepted by the check."""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.benchmark import METRIC_BY_KEY, TASKS, task_of
from core.model.contracts.demo import MODELS_FILE, DemoModel
from core.model.entries import Declared
from evaluation.demo.models import NAMES, generate
from evaluation.judge.fence import suspicions
from evaluation.upload.questions import read_questions
from evaluation.upload.reader import load
from evaluation.upload.review import review

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("models")
    generate(found)
    return found


def listed(folder: Path) -> list[DemoModel]:
    return msgspec.json.decode((folder / MODELS_FILE).read_bytes(), type=list[DemoModel])


def answers(folder: Path, one: DemoModel) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(gzip.decompress((folder / one.file).read_bytes()))
    return found


def test_there_are_eight_models_six_of_them_judged_one_in_two_versions(made: Path) -> None:
    found = listed(made)
    assert len(NAMES) == 8
    assert {one.model_name for one in found} == set(NAMES)
    assert sum(one.judged for one in found) == 6
    (second,) = (one for one in found if one.replaces)
    (first,) = (one for one in found if one.submission_id == second.replaces)
    assert first.model_name == second.model_name
    assert found.index(first) < found.index(second)
    assert first.date < second.date
    assert not first.judged  # its grades would be lost with its version
    assert len({date.fromisoformat(one.date) for one in found}) == 9
    for one in found:
        assert msgspec.convert(one.declared, Declared, strict=True).parameters in one.model_name


def test_one_leaves_out_a_task_and_the_check_takes_it(made: Path, folder: Path) -> None:
    questions = read_questions(folder / "questions.json")
    without = {}
    for one in listed(made):
        told = {task_of(record["qa_type"]) for record in answers(made, one)}
        missing = {task.key for task in TASKS} - told
        if missing:
            without[one.model_name] = missing
        if missing or one.submission_id.endswith("-2"):  # one without a task, and a complete one
            found = review(load(made / one.file), questions)
            assert not found.problems
            assert found.records == one.records
    assert without == {"Fennel-8B": {METRIC_BY_KEY["stg_miou"].task}}


def test_no_caption_looks_like_text_for_the_judge(made: Path) -> None:
    for one in listed(made)[:4]:
        told = [r for r in answers(made, one) if task_of(r["qa_type"]) in ("vs", "rc", "dvc")]
        assert not [r["prediction"] for r in told[::20] if suspicions(r["prediction"])]


def test_fewer_are_the_first_ones_and_the_same_bytes(made: Path, tmp_path: Path) -> None:
    generate(tmp_path / "few", 1)
    (first,) = listed(tmp_path / "few")
    assert first == listed(made)[0]
    assert (tmp_path / "few" / first.file).read_bytes() == (made / first.file).read_bytes()
