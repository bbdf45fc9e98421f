"""The check in its limited process: a report for every way in which it can end."""

import contextlib
import json
import resource
import threading
from pathlib import Path

import psutil
import pytest

from core.benchmark import TASKS
from core.model.contracts.review import Review
from core.runs.uploads.check import check
from core.runs.uploads.packing import content_hash
from tests.core.job_world import wait_for

pytestmark = pytest.mark.slow

GB = 1 << 30
RECORD = {"id": "v&&1&&9&&1.0", "qa_type": "tal", "prediction": "1-2 seconds."}


def save(path: Path, records: object) -> Path:
    path.write_text(json.dumps(records))
    return path


def checked(path: Path, questions: Path | None = None, memory: int = GB) -> Review:
    return check(path, questions=questions, timeout_s=240, memory_bytes=memory)


def test_a_good_file_is_ready_with_a_row_per_task(tmp_path: Path) -> None:
    path = save(tmp_path / "p.json", [RECORD] * 3)
    report = checked(path)
    assert report.ready
    assert report.records == 3
    assert report.sha256 == content_hash(path.read_bytes(), GB)
    assert [task.key for task in report.tasks] == [task.key for task in TASKS]
    assert (report.tasks[0].expected, report.tasks[0].found) == (1637, 3)
    assert report.verdict == f"ready with {len(report.warnings)} warnings"


def test_examples_and_the_question_file_get_through(tmp_path: Path) -> None:
    question = RECORD | {"question": "Find the 2 segments."}
    questions = save(tmp_path / "q.json", [question, question])
    path = save(tmp_path / "p.json", [RECORD, RECORD | {"prediction": "early"}])
    report = checked(path, questions)
    assert report.tasks[0].expected == 2
    (unread,) = [found for found in report.warnings if found.code == "unreadable"]
    assert [(example.index, example.answer) for example in unread.examples] == [(1, "early")]
    (fewer,) = [found for found in report.warnings if found.code == "fewer"]
    assert fewer.count == 1


def test_a_refused_file_is_one_problem_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(b'[{"id": "v"')
    report = checked(path)
    assert (report.verdict, report.ready) == ("cannot be scored: 1 problem", False)
    assert "looks cut off" in report.problems[0].text
    assert report.tasks == ()


def test_too_slow_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    path = save(tmp_path / "p.json", [RECORD])
    before = psutil.Process().children()
    report = check(path, questions=None, timeout_s=0.01, memory_bytes=GB)
    assert not report.ready
    assert "took longer than 0.01 seconds" in report.problems[0].text
    assert (report.verdict, report.checked) == ("not checked", False)
    assert psutil.Process().children() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_check_that_the_machine_ends_blames_no_file(tmp_path: Path) -> None:
    """Killed by somebody, or by the system when memory runs out."""
    path = save(tmp_path / "p.json", [RECORD] * 200_000)
    killing = threading.Thread(target=kill_the_check)
    killing.start()
    report = check(path, timeout_s=240, cpu_s=240, memory_bytes=4 * GB)
    killing.join()
    assert (report.verdict, report.ready, report.checked) == ("not checked", False, False)
    told = report.problems[0].text
    assert "The machine ended the check too early" in told
    assert "the file is not the cause: choose it again" in told.casefold().replace(". ", ": ")


def kill_the_check() -> None:
    def killed() -> bool:
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.Error):
                if "evaluation.predictions" in child.cmdline()[:3]:
                    child.kill()
                    return True
        return False

    wait_for(killed, "the check")


def test_too_much_to_read_is_the_file_s_doing(tmp_path: Path) -> None:
    path = save(tmp_path / "p.json", [RECORD | {"prediction": "1" * 90_000}] * 800)  # seconds
    report = check(path, timeout_s=240, cpu_s=1, memory_bytes=4 * GB)
    assert (report.verdict, report.checked) == ("cannot be scored: 1 problem", True)
    assert "reached its CPU time limit" in report.problems[0].text


def test_too_large_for_its_memory_is_a_sentence(tmp_path: Path) -> None:
    path = save(tmp_path / "p.json", [RECORD | {"prediction": "x" * (60 << 20)}])
    report = checked(path, memory=150 << 20)
    assert not report.ready
    assert "more memory" in report.problems[0].text


def test_too_little_memory_to_start_at_all_is_a_sentence(tmp_path: Path) -> None:
    report = checked(save(tmp_path / "p.json", [RECORD]), memory=1 << 20)
    assert not report.ready
    assert len(report.problems) == 1
    assert "memory" in report.problems[0].text


def test_a_broken_question_file_of_the_server_is_no_fault_of_the_upload(tmp_path: Path) -> None:
    path = save(tmp_path / "p.json", [RECORD])
    report = checked(path, tmp_path / "nowhere.json")
    assert report.ready
    assert "This server's question file cannot be read" in report.notes[-1].text


def test_a_name_like_an_option_is_a_name(tmp_path: Path) -> None:
    assert checked(save(tmp_path / "--help.json", [RECORD])).ready


def test_the_process_sees_no_secret_and_the_server_keeps_its_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A Python that inherits this PYTHONHOME finds no standard library and cannot start.
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.setenv("HF_TOKEN", "secret")
    before = resource.getrlimit(resource.RLIMIT_AS)
    assert checked(save(tmp_path / "p.json", [RECORD])).ready
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_several_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    reports: dict[int, Review] = {}

    def one(number: int) -> None:
        path = save(tmp_path / f"{number}.json", [RECORD] * number)
        reports[number] = checked(path)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number: report.records for number, report in reports.items()} == {
        number: number for number in range(1, 5)
    }
