"""Files of older schemas are migrated step by step; those of newer ones are refused."""

import json
from pathlib import Path

import msgspec
import pytest

from core.errors import EntryError, StoreError
from core.files.schema import upgraded
from core.mirror import record
from core.mirror.ground_truth import source
from core.model.entries import JOB_SCHEMA, Job
from core.runs.processes import in_sight
from core.runs.records import _STEPS, JobFiles, decode_job
from core.store import board_files, journal
from core.store.journal import START
from core.store.personal import PersonalFiles
from core.store.store import Store
from tests.core.store_world import publish

JOB_0 = {
    "job_id": "j" * 22,
    "kind": "evaluation",
    "submission_id": "s" * 22,
    "state": "running",
    "created": "2026-01-02T03:04:05.678Z",
    "pid": 4711,
    "pid_started": 1795540000.25,
    "progress": 0.5,
    "steps": [{"name": "name reserved", "started": "a", "ended": "b"}],
    "error": None,
    "attempt": 2,
    "cancel_requested": False,
}


def test_steps_are_taken_in_order_from_where_a_record_is() -> None:
    steps = (lambda r: {**r, "a": 1}, lambda r: {**r, "b": r["a"] + 1})
    assert upgraded({"schema": 1}, steps) == {"schema": 3, "a": 1, "b": 2}
    assert upgraded({"schema": 2, "a": 5}, steps) == {"schema": 3, "a": 5, "b": 6}
    assert upgraded({"schema": 3}, steps) == {"schema": 3}


@pytest.mark.parametrize("schema", [0, 2, -1, True, "1", None, 1.0])
def test_a_number_that_is_unknown_is_named(schema: object) -> None:
    with pytest.raises(EntryError, match="is unknown, expected 1"):
        upgraded({"schema": schema})


def test_job_records_from_0_on_are_read_and_their_process_is_looked_for_by_heartbeat(
    tmp_path: Path,
) -> None:
    job = decode_job(json.dumps(JOB_0).encode())
    assert (job.schema, job.task) == (2, None)
    assert job.process is not None
    assert not in_sight(job.process)
    assert (job.pid, job.attempt, job.steps[0].ended) == (4711, 2, "b")
    folder = tmp_path / "jobs" / job.job_id
    folder.mkdir(parents=True)
    (folder / "job.json").write_text(json.dumps(JOB_0))
    files = JobFiles(tmp_path)
    assert files.all() == [job]
    files.change(job.job_id, lambda found: msgspec.structs.replace(found, progress=0.75))
    assert json.loads((folder / "job.json").read_text())["schema"] == JOB_SCHEMA == len(_STEPS)


def test_today_s_files_carry_their_number(tmp_path: Path) -> None:
    store = Store(tmp_path)
    ref = store.add_personal({"contact": "x"})
    publish(store, 1)
    record.save(tmp_path, record.Record(repo="a/b"))
    JobFiles(tmp_path).create(decode_job(json.dumps(JOB_0).encode()))
    lines = (tmp_path / "journal.jsonl").read_text().splitlines()
    files = ["head.json", "submissions.json", "mirror.json", f"private/{ref}.json"]
    files.append(f"jobs/{JOB_0['job_id']}/job.json")
    assert {json.loads(line)["schema"] for line in lines} == {2}
    for name in files:
        assert json.loads((tmp_path / name).read_text())["schema"] == (2 if "job" in name else 1)


def test_files_of_a_newer_program_are_refused_or_made_again(tmp_path: Path) -> None:
    newer = {"schema": 99, "data": {"contact": "canary"}}
    text = json.dumps(newer)
    with pytest.raises(StoreError, match="schema 99"):
        journal.decode(text.encode() + b"\n", START, tmp_path)
    for name in ("head.json", "mirror.json", "source.json"):
        (tmp_path / name).write_text(text)
    with pytest.raises(StoreError, match=r"schema 99"):
        record.load(tmp_path, "a/b")
    with pytest.raises(StoreError):
        board_files.read_head(tmp_path)
    assert source(tmp_path / "ground_truth.json") is None
    ref = PersonalFiles(tmp_path).add({}, "")
    (tmp_path / f"{ref}.json").write_text(text)
    with pytest.raises(StoreError, match="not a private record"):
        PersonalFiles(tmp_path)[ref]
    with pytest.raises(EntryError):
        decode_job(json.dumps({**JOB_0, "schema": JOB_SCHEMA + 1}).encode())


def test_the_record_of_a_job_says_its_schema() -> None:
    assert Job.__struct_fields__[0] == "schema"
