"""Small versions of the costly shapes of `make bench`: each is refused or reviewed."""

from pathlib import Path

import pytest

from core.runs.uploads.check import check as check_apart
from evaluation.upload.file_review import check
from evaluation.upload.records import MAX_TEXT
from tests.evaluation.hostile_uploads import SHAPES, record

pytestmark = pytest.mark.slow

SIZE = 300_000
READ = ("answers of", "questions of", "a list of", "good ", "one field: x")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_costly_shape_is_refused_in_a_sentence_or_reviewed(shape: str, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(SHAPES[shape](SIZE))
    found = check(path)
    assert found.ready == shape.startswith(READ)
    if not found.ready:
        (problem,) = found.problems
        assert 20 < len(problem.text) < 2000
        if shape.startswith(("one answer", "one question", "one field: id")):
            assert f"at most {MAX_TEXT:,} are allowed" in problem.text


def test_the_longest_answer_that_is_read_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    text = "1-2, " * (MAX_TEXT // 5)
    path.write_bytes(b"[%s]" % record(qa_type="tal", prediction=text, question=text))
    assert check(path).ready


def test_what_takes_too_much_processor_time_is_stopped_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(SHAPES["answers of 90,000: digits"](90 << 20))  # ten times more
    report = check_apart(path, timeout_s=240, cpu_s=1)
    assert not report.ready
    assert "reached its CPU time limit" in report.problems[0].text
    assert "in a prediction only the answer" in report.problems[0].text
