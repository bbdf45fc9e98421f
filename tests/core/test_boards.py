"""Submitting: all or nothing, once per name, owned by the holder of the key."""

import gzip
import json
import multiprocessing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from core.access.submission_keys import hash_key, make_key
from core.benchmark import JUDGE_KEYS, SCORED_KEYS
from core.changes import submitting
from core.errors import JobError, RefusedError, StoreError
from core.model.entries import Entry
from core.model.fields import Form
from core.model.state import made_state
from core.ranking.what_if import RankOf, RunRanks, run_ranks
from core.runs.records import result_files
from core.usecases.job_view import job_view
from core.usecases.own_jobs import cancel, owned, run_again
from core.usecases.services import Services
from core.usecases.submit import (
    CheckedFile,
    submit,
    validate_form,
)
from tests.core.services_world import world

pytestmark = pytest.mark.slow

DATA = json.dumps([{"id": "v&&1&&2&&1.0", "qa_type": "tal", "prediction": "1-2"}] * 120).encode()
FILE = CheckedFile(DATA, ready=True, records=120)
FORM = Form(model_name="Model A", organization="Lab", terms=True)
SECRET = "someone@private.example"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return world(tmp_path)


def entry(name: str, value: float, entry_id: str = "") -> Entry:
    metrics: dict[str, float | None] = dict.fromkeys(SCORED_KEYS, value)
    metrics |= dict.fromkeys(JUDGE_KEYS, None)
    return Entry(
        entry_id=entry_id or f"entry-{name}", model_name=name, organization="Lab", metrics=metrics
    )


def publish(services: Services, submission_id: str, name: str) -> None:
    services.store.commit(submitting.add(submission_id, entry(name, 0.5, submission_id)))


def left_behind(services: Services) -> list[str]:
    """Uploads, contacts, jobs and open submissions under the data folder."""
    root = services.settings.root
    found = [
        str(path.relative_to(root))
        for part in ("results", "private", "jobs", "tmp")
        for path in (root / part).rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    ]
    return found + [s.model_name for s in services.store.read().submissions.values()
                    if s.state == "open"]  # fmt: skip


def test_a_submission_is_kept_named_and_queued(services: Services) -> None:
    receipt = submit(services, replace(FORM, contact=SECRET, model_url="https://a.example"), FILE)
    submission = services.store.read().submissions[receipt.submission_id]
    assert (submission.model_name, submission.records, submission.state) == ("Model A", 120, "open")
    assert submission.key_hash == hash_key(receipt.key)
    kept = result_files(services.settings.root, receipt.submission_id).upload
    assert json.loads(gzip.decompress(kept.read_bytes())) == json.loads(DATA)
    assert submission.predictions_sha256 == sha256(DATA).hexdigest()
    assert kept.stat().st_mode & 0o077 == 0
    job = services.jobs.get(receipt.job_id)
    assert job is not None
    assert (job.state, job.submission_id) == ("queued", receipt.submission_id)


def test_key_and_contact_are_in_no_file_but_the_private_one(services: Services) -> None:
    receipt = submit(services, replace(FORM, contact=SECRET), FILE)
    root = services.settings.root
    holding = {
        str(path.relative_to(root).parts[0])
        for path in root.rglob("*")
        if path.is_file() and SECRET.encode() in path.read_bytes()
    }
    assert holding == {"private"}
    assert not [
        path
        for path in root.rglob("*")
        if path.is_file() and receipt.key.encode() in path.read_bytes()
    ]
    assert receipt.key not in repr(services.store.read())


def test_a_packed_upload_is_kept_as_its_content(services: Services) -> None:
    plain = submit(services, FORM, FILE)
    packed = submit(
        services, replace(FORM, model_name="B"), replace(FILE, data=gzip.compress(DATA))
    )
    found = services.store.read().submissions
    one, other = found[plain.submission_id], found[packed.submission_id]
    assert one.predictions_sha256 == other.predictions_sha256


def test_all_refusals_are_reported_at_once_and_leave_nothing(services: Services) -> None:
    form = Form(contact=SECRET, model_url="javascript:alert(1)")
    with pytest.raises(RefusedError) as refused:
        submit(services, form, replace(FILE, records=99))
    assert set(refused.value.problems) == {
        "model_name", "organization", "model_url", "terms", "file",
    }  # fmt: skip
    assert "99 records" in refused.value.problems["file"]
    assert left_behind(services) == []


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (None, "Choose a predictions file"),
        (replace(FILE, ready=False), "cannot be scored"),
        (replace(FILE, records=99), "at least 100"),
        (replace(FILE, data=b"x" * (1 << 20) + b"x"), "more than 1 MB"),
        (replace(FILE, data=gzip.compress(bytes(2 << 20))), "more than 1 MB"),
        (replace(FILE, data=b"\x1f\x8bnot gzip"), "damaged"),
    ],
)
def test_files_that_are_refused(services: Services, file: CheckedFile | None, why: str) -> None:
    with pytest.raises(RefusedError, match=why) as refused:
        submit(services, replace(FORM, contact=SECRET), file)
    assert set(refused.value.problems) == {"file"}
    assert left_behind(services) == []


@pytest.mark.parametrize(
    "name", ["Model A", "MODEL a", "model-a".replace("-", ""), "Mоdel A", "ＭodelＡ", "MODE1A"]
)
def test_a_look_alike_name_is_refused_with_the_name_it_looks_like(
    services: Services, name: str
) -> None:
    receipt = submit(services, FORM, FILE)
    with pytest.raises(RefusedError, match="“Model A” is reserved"):
        submit(services, replace(FORM, model_name=name), FILE)
    publish(services, receipt.submission_id, "Model A")
    with pytest.raises(RefusedError, match="“Model A” is already on the Community") as refused:
        submit(services, replace(FORM, model_name=name), FILE)
    assert set(refused.value.problems) == {"model_name"}


def test_evaluate_only_takes_no_name(services: Services) -> None:
    only = replace(FORM, evaluate_only=True)
    first, second = submit(services, only, FILE), submit(services, only, FILE)
    assert first.submission_id != second.submission_id
    submit(services, FORM, FILE)
    assert validate_form(only, FILE, services.store.read(), services.settings)[1] == {}


def _submit_in_process(folder: str, start: object, results: object) -> None:
    services = world(Path(folder))
    start.wait()  # type: ignore[attr-defined]
    try:
        results.put(submit(services, replace(FORM, contact=SECRET), FILE).submission_id)  # type: ignore[attr-defined]
    except RefusedError as error:
        results.put(error.problems)  # type: ignore[attr-defined]


def test_of_several_with_the_same_name_at_once_one_is_taken(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(3), context.Queue()
    racers = [
        context.Process(target=_submit_in_process, args=(str(tmp_path), start, results))
        for _ in range(3)
    ]
    for racer in racers:
        racer.start()
    found = [results.get(timeout=120) for _ in racers]
    for racer in racers:
        racer.join(timeout=240)
    taken = [one for one in found if isinstance(one, str)]
    refused = [one for one in found if isinstance(one, dict)]
    assert len(taken) == 1
    assert [set(problems) for problems in refused] == [{"model_name"}, {"model_name"}]
    services = world(tmp_path)
    assert [s.submission_id for s in services.store.read().submissions.values()] == taken
    root = services.settings.root
    assert [path.name for path in (root / "results").iterdir()] == taken
    assert len(list((root / "private").glob("*.json"))) == 1
    assert len(services.jobs.list()) == 1


@pytest.mark.parametrize("where", ["results", "private", "jobs"])
def test_when_the_disk_fails_nothing_half_made_stays(services: Services, where: str) -> None:
    services.settings.root.mkdir(parents=True)
    (services.settings.root / where).write_text("a file where a folder is needed")
    with pytest.raises(StoreError) as failed:
        submit(services, replace(FORM, contact=SECRET), FILE)
    assert SECRET not in str(failed.value)
    assert left_behind(services) == []
    (services.settings.root / where).unlink()
    submit(services, replace(FORM, contact=SECRET), FILE)  # the name is free


def test_only_the_key_owns_a_job(services: Services) -> None:
    receipt = submit(services, FORM, FILE)
    assert owned(services, receipt.job_id, f" {receipt.key} ").job_id == receipt.job_id
    for job_id, key in [
        (receipt.job_id, None),
        (receipt.job_id, ""),
        (receipt.job_id, make_key()),
        (receipt.job_id, hash_key(receipt.key)),
        ("A" * 22, receipt.key),
        ("../../etc/passwd", receipt.key),
        ("", receipt.key),
    ]:
        with pytest.raises(RefusedError, match="not the key"):
            owned(services, job_id, key)
        with pytest.raises(RefusedError):
            cancel(services, job_id, key)
        with pytest.raises(RefusedError):
            run_again(services, job_id, key)


def test_the_owner_cancels_and_runs_again(services: Services) -> None:
    receipt = submit(services, FORM, FILE)
    with pytest.raises(JobError):
        run_again(services, receipt.job_id, receipt.key)
    assert cancel(services, receipt.job_id, receipt.key).state == "cancelled"
    other = submit(services, FORM, FILE)  # the name was free again
    with pytest.raises(RefusedError, match="reserved"):
        run_again(services, receipt.job_id, receipt.key)
    cancel(services, other.job_id, other.key)
    assert run_again(services, receipt.job_id, receipt.key).state == "queued"


@pytest.mark.parametrize(
    "job_id", [None, "", "x", "A" * 22, "../" * 7, "a\x00b", "ü" * 22, "A" * 5000, 7, ["A" * 22]]
)
def test_an_unknown_job_has_no_view(services: Services, job_id: object) -> None:
    assert job_view(services, job_id, None) is None


def write_result(services: Services, submission_id: str) -> None:
    row = entry("any", 0.6)
    outcome = {
        "metrics": {**row.metrics, "cvs_acc": 0.61239},
        "strict": {"cvs_acc": 0.5},
        "coverage": {"cvs_acc": {"records": 9, "answered": 8, "scored": 7, "coverage": 0.7,
                                 "unscored": {"empty": 1, "unparsed": 1}}},
        "by_dataset": {"cvs_acc": {"Cholec80_CVS": {"value": 0.61239, "n": 7, "records": 9}}},
        "scorer_version": "1", "ground_truth_sha256": "0", "predictions_sha256": "0",
    }  # fmt: skip
    result_files(services.settings.root, submission_id).evaluation.write_text(json.dumps(outcome))


def finish(services: Services, job_id: str) -> None:
    """Set the job's record to what its process would leave."""
    path = services.settings.root / "jobs" / job_id / "job.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "state": "completed", "progress": 1.0}))
    (path.parent / "log.txt").write_text("line one\nline two\n")


def test_a_stranger_sees_the_state_and_the_owner_the_scores(services: Services) -> None:
    receipt = submit(services, replace(FORM, evaluate_only=True), FILE)
    waiting = job_view(services, receipt.job_id, None)
    assert waiting is not None
    assert (waiting.owner, waiting.model_name, waiting.queue_place) == (False, None, 1)
    write_result(services, receipt.submission_id)
    services.store.commit(submitting.evaluated(receipt.submission_id))
    finish(services, receipt.job_id)
    stranger = job_view(services, receipt.job_id, make_key())
    assert stranger is not None
    assert (stranger.owner, stranger.log, stranger.result) == (False, "", None)
    owner = job_view(services, receipt.job_id, receipt.key)
    assert owner is not None
    assert owner.result is not None
    assert owner.log == "line one\nline two"
    assert owner.result.metrics["cvs_acc"] == 0.612
    assert owner.result.coverage["cvs_acc"].unscored == {"empty": 1, "unparsed": 1}
    assert owner.result.by_dataset["cvs_acc"]["Cholec80_CVS"].n == 7
    assert not owner.result.published
    assert owner.result.ranks.on_board.size == 1


def test_a_published_result_is_everybody_s(services: Services) -> None:
    receipt = submit(services, FORM, FILE)
    write_result(services, receipt.submission_id)
    publish(services, receipt.submission_id, "Model A")
    finish(services, receipt.job_id)
    stranger = job_view(services, receipt.job_id, None)
    assert stranger is not None
    assert stranger.result is not None
    assert (stranger.model_name, stranger.log, stranger.job.error) == ("Model A", "", None)
    assert stranger.result.published
    assert stranger.result.ranks.on_board == RankOf(1, 1)


def test_a_damaged_result_is_no_result(services: Services) -> None:
    receipt = submit(services, replace(FORM, evaluate_only=True), FILE)
    services.store.commit(submitting.evaluated(receipt.submission_id))
    finish(services, receipt.job_id)
    view = job_view(services, receipt.job_id, receipt.key)
    assert view is not None
    assert view.result is None
    path = result_files(services.settings.root, receipt.submission_id).evaluation
    path.write_text('{"metrics": ')
    view = job_view(services, receipt.job_id, receipt.key)
    assert view is not None
    assert view.result is None


def test_the_reason_of_a_failure_is_the_owner_s(services: Services) -> None:
    receipt = submit(services, FORM, FILE)
    cancel(services, receipt.job_id, receipt.key)
    owner = job_view(services, receipt.job_id, receipt.key)
    stranger = job_view(services, receipt.job_id, None)
    assert owner is not None
    assert stranger is not None
    assert (owner.job.error, stranger.job.error) == ("Cancelled.", None)
    assert stranger.job.state == "cancelled"


def test_ranks_of_a_run_count_each_model_once() -> None:
    verified_too = msgspec.structs.replace(entry("V", 0.1), entry_id="entry-V1")
    state = made_state(
        community=(entry("A", 0.9), entry("B", 0.5), verified_too),
        official=(entry("V", 0.95), entry("W", 0.2)),
    )
    would_be = run_ranks(state, entry("N", 0.6))
    assert would_be == RunRanks("community", RankOf(2, 4), RankOf(3, 5))
    own = run_ranks(state, entry("B", 0.5))
    assert own == RunRanks("community", RankOf(2, 3), RankOf(3, 4))
    new_version = run_ranks(state, entry("B", 0.96))
    assert new_version == RunRanks("community", RankOf(1, 3), RankOf(1, 4))
    verified = run_ranks(state, entry("V", 0.95), "official")
    assert verified == RunRanks("official", RankOf(1, 2), RankOf(1, 4))
