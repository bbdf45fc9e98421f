"""The message when a process ended abnormally, without text from an upload."""

import signal
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from core.changes import submitting
from core.errors import JobError, PredictionsError, StoreError
from core.files.hashes import sha256
from core.mirror.client import Call
from core.mirror.failures import explained
from core.runs.child import Ended, LastWords
from core.runs.judging import ask, command, ready
from core.runs.judging.command import JudgeFiles
from core.runs.launcher import LocalLauncher, job_of
from core.runs.uploads import check
from core.usecases import downloads
from core.usecases.services import Services
from tests.core.services_world import world
from tests.core.store_world import entry, submission


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return world(tmp_path, judge_key="key")


@pytest.mark.parametrize(
    ("ended", "errors", "told"),
    [
        (Ended(-9, True), "", "The judge run took longer than its time limit of 2 h."),
        (Ended(1, False), "noise\nfailed: the key is wrong.", "The key is wrong."),
        (Ended(1, False), "Traceback (most recent call last)\nx", "ended without a result (exit"),
        (Ended(-11, False), "", "The judge's process crashed (signal 11)."),
        (Ended(3, False), "a caption", "The judge ended without a result (exit status 3)."),
    ],
)
def test_why_the_judge_failed(tmp_path: Path, ended: Ended, errors: str, told: str) -> None:
    files = JudgeFiles(tmp_path)
    files.errors.write_text(errors)
    assert told in command.reason(ended, files, 7200)


@pytest.mark.parametrize(
    ("status", "lines", "told"),
    [
        (-signal.SIGXCPU, (), "reached its CPU time limit"),
        (
            -signal.SIGSEGV,
            (),
            "The check crashed (SIGSEGV). It may have needed more memory than allowed: keep only "
            "id, qa_type and prediction.",
        ),
        (1, (), "needed more memory than allowed"),
        (1, ("x", "MemoryError"), "needed more memory than allowed"),
        (1, ("Traceback (most recent call last)", "secret"), "failed while it read the file."),
        (2, ("error: The file is empty.",), "The file is empty."),
    ],
)
def test_why_a_check_has_no_report(status: int, lines: tuple[str, ...], told: str) -> None:
    found = check._reason(status, LastWords(lines))
    assert told in found
    assert "secret" not in found


@pytest.mark.slow
def test_a_query_of_the_judge_s_program_tells_its_own_message_or_ours(services: Services) -> None:
    def told(program: str) -> str:
        with pytest.raises(JobError) as error:
            ask.ask(services.settings, [sys.executable, "-c", program], "It failed.")
        return str(error.value)

    assert told("import sys; sys.exit('the plan is empty.')") == "The plan is empty."
    assert told("import sys; sys.exit('two\\nlines')") == "It failed."
    assert told("raise ValueError('secret')") == "It failed."
    printed = ask.ask(services.settings, [sys.executable, "-c", "print('{out}')"], "")
    assert printed == b"{out}\n"


@pytest.mark.slow
def test_a_template_without_questions_says_whom_to_tell(services: Services) -> None:
    with pytest.raises(PredictionsError, match="tell the maintainers"):
        downloads.template(services.settings, with_questions=True)


def test_a_judge_run_needs_key_upload_and_the_truth_of_the_scores(services: Services) -> None:
    settings, files = services.settings, JudgeFiles(services.settings.root / "upload")

    def told(**changes: object) -> str:
        found = ready.problem(settings, files, entry(1, **changes))
        return found or ""

    assert "predictions are not kept" in told()
    files.folder.mkdir(parents=True)
    files.upload.write_bytes(b"x")
    assert told() == told(ground_truth_sha256=sha256(settings.truth_path)) == ""
    assert "different ground truth" in told(ground_truth_sha256="0" * 64)
    settings.truth_path.unlink()
    assert "ground truth is not on this server yet" in told()
    files.upload.unlink()
    keyless = replace(settings, judge_key="")
    assert "no key for a judge model" in (ready.problem(keyless, files, entry(1)) or "")


@pytest.mark.parametrize("task", ["../x-1", "no-attempt-x", "-1", ""])
def test_only_tasks_of_this_program_are_jobs(task: str) -> None:
    with pytest.raises(JobError, match="not a task of a job"):
        job_of(task)
    assert job_of("abcdefghijklmnopqrstuv-12") == ("abcdefghijklmnopqrstuv", 12)


def test_a_job_of_a_cluster_that_is_gone_is_told_apart(services: Services) -> None:
    services.store.commit(submitting.submit(submission(1), "participant"))
    job = services.jobs.enqueue("evaluation", "submission-1")
    launcher = LocalLauncher(services.settings)
    there = msgspec.structs.replace(job, task="task-1")
    assert "ran on a cluster" in launcher.why_gone(there)
    assert "ran on a cluster" not in launcher.why_gone(job)


def test_a_full_disk_during_a_call_is_no_fault_of_the_hub() -> None:
    own = StoreError("Ours.")
    call = Call(1.0)
    assert explained(own, "Reading", call) is own
    full = explained(OSError(28, "No space left on device", "/x/data"), "Reading", call)
    assert isinstance(full, StoreError)
    assert "Reading: cannot use" in str(full)
    bug = ZeroDivisionError("x")
    assert explained(bug, "Reading", call) is bug
