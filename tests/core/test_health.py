"""The data of the Health tab: disk, queue, versions, warnings, troubles; retrying the mirror."""

import logging
import time
from pathlib import Path
from typing import Any

import pytest

from core import recent_errors, settings
from core.benchmark import SCORER_VERSION
from core.mirror import record as mirror_record
from core.mirror.record import Record
from core.mirror.status import mirror_status, retry_soon
from core.model.entries import Job
from core.runs.records import JobFiles
from core.settings import Settings
from core.store.opened import open_store
from core.usecases import health, server_state
from core.usecases.services import Services, services_with


@pytest.fixture
def found(tmp_path: Path) -> Settings:
    return settings.load({}, {"MEDVIDBENCH_DATA_DIR": str(tmp_path)})


def job(number: int, **changes: Any) -> Job:
    fields: dict[str, Any] = {
        "job_id": f"job-{number:018}",
        "kind": "judge",
        "submission_id": "s" * 22,
        "state": "completed",
        "created": f"2026-11-2{number}T12:00:00Z",
    }
    return Job(**{**fields, **changes})


def test_the_disk_is_reported_by_folder(found: Settings) -> None:
    (found.root / "results" / "one").mkdir(parents=True)
    (found.root / "results" / "one" / "input.json.gz").write_bytes(bytes(1000))
    (found.root / "journal.jsonl").write_bytes(bytes(10))
    told = health.disk(found)
    assert 0 < told.free <= told.total
    assert told.parts == (("results/", 1, 1000), ("boards and journal", 1, 10))


def test_the_queue_counts_jobs_by_state(found: Settings) -> None:
    files = JobFiles(found.root)
    for number, state in enumerate(("queued", "running", "failed", "failed")):
        files.create(job(number, kind="evaluation", state=state))
    told = health.queue(services_with(found, open_store(found)).jobs, found)
    assert (told.running, told.waiting, told.states["failed"], told.slots) == (1, 1, 2, 2)


def test_a_failed_judge_run_and_a_full_disk_are_troubles(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = JobFiles(services.settings.root)
    files.create(job(1))
    before = server_state.troubles(services)
    failed, low = "the last judge run failed", "disk space is low"
    assert not {failed, low} & set(before)
    files.create(job(2, state="failed", error="It failed."))
    assert server_state.troubles(services) == [failed, *before]
    monkeypatch.setattr(health, "LOW_BYTES", 1 << 62)
    assert server_state.troubles(services) == [failed, low, *before]


def test_versions_name_the_scorer_and_the_libraries() -> None:
    told = dict(health.versions())
    assert told["Scorer"] == SCORER_VERSION
    assert told["streamlit"].startswith("1.")
    assert "not installed" not in told.values()


def test_warnings_are_kept_without_what_an_exception_quotes() -> None:
    recent_errors.keep()
    recent_errors.keep()  # calling it twice has no effect
    log = logging.getLogger("core.somewhere")
    log.info("not told")
    try:
        raise ValueError("zebracanary")
    except ValueError:
        log.exception("a job failed\nzebracanary in a second line")
    newest, *rest = recent_errors.noted()
    assert (newest.level, newest.where) == ("error", "core.somewhere")
    assert newest.text == "a job failed (ValueError; the server's log has the rest)"
    assert not any("zebracanary" in note.text or "not told" in note.text for note in rest)
    assert not any(note == newest for note in rest)


def test_a_retry_ends_the_mirrors_wait_and_no_more(tmp_path: Path) -> None:
    found = settings.load(
        {},
        {
            "MEDVIDBENCH_DATA_DIR": str(tmp_path),
            "MEDVIDBENCH_HUB_REPO": "a/b",
            "HF_TOKEN": "t",
        },
    )
    record = Record(repo="a/b", head="abc", error="503", failures=3, retry_at=time.time() + 600)
    mirror_record.save(found.root, record)
    retry_soon(found)
    after = mirror_record.load(found.root, "a/b")
    assert (after.retry_at, after.head, after.failures) == (0.0, "abc", 3)
    assert mirror_status(found).error == "503"


def test_without_a_mirror_there_is_nothing_to_retry(found: Settings) -> None:
    retry_soon(found)
    assert not (found.root / mirror_record.NAME).exists()
