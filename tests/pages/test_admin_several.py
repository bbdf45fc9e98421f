"""Acts with several changes, with AppTest: a re-scoring of two entries, completely and partly."""

import hashlib
import json
from pathlib import Path

import msgspec
import pytest
from streamlit.testing.v1 import AppTest

from core.benchmark import METRIC_KEYS, SCORER_VERSION
from core.changes import submitting
from core.errors import RefusedError
from core.files.ids import new_id
from core.model.entries import Entry, Submission
from core.model.state import now
from core.runs.records import JobFiles, result_files
from core.usecases import moderate, rescore, undo
from core.usecases.services import Services
from tests.pages.admin_pages import demo_server, opened, told
from tests.pages.visited import press

OLD, NEW = 0.5, 0.75
NAMES = ("Stale-One", "Stale-Two")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """Two stale entries on the demo's boards, with the files of their re-scorings."""
    found = demo_server(tmp_path, monkeypatch)
    found.settings.truth_path.parent.mkdir(parents=True)
    found.settings.truth_path.write_text("[]")
    for name in NAMES:
        stale(found, name)
    return found


def stale(place: Services, name: str) -> None:
    digest = hashlib.sha256(b"[]").hexdigest()
    metrics = dict.fromkeys(METRIC_KEYS) | {"cvs_acc": OLD}
    submission = Submission(
        submission_id=new_id(),
        model_name=name,
        organization="Lab",
        created=now(),
        key_hash="0" * 64,
        predictions_sha256=name,
        records=100,
    )
    entry = Entry(
        entry_id=submission.submission_id,
        model_name=name,
        organization="Lab",
        metrics=metrics,
        scorer_version="0.9.0",
        ground_truth_sha256=digest,
    )
    place.store.commit(submitting.submit(submission, "participant"))
    place.store.commit(submitting.add(submission.submission_id, entry))
    files = result_files(place.settings.root, submission.submission_id)
    files.rescored.outcome_folder.mkdir(parents=True)
    files.upload.write_bytes(b"kept")
    result = {"ground_truth_sha256": digest, "predictions_sha256": name}
    old = {**result, "metrics": metrics, "scorer_version": "0.9.0"}
    new = {**result, "metrics": metrics | {"cvs_acc": NEW}, "scorer_version": SCORER_VERSION}
    files.evaluation.write_text(json.dumps(old))
    files.rescored.evaluation.write_text(json.dumps(new))
    job = place.jobs.enqueue("rescore", submission.submission_id)
    done = msgspec.structs.replace(job, state="completed", ended=now())
    JobFiles(place.settings.root).change(job.job_id, lambda _job: done)


def entry(place: Services, name: str) -> Entry:
    (found,) = [e for e in place.store.read().community if e.model_name == name]
    return found


def scores(place: Services) -> tuple[float | None, ...]:
    return tuple(entry(place, name).metrics["cvs_acc"] for name in NAMES)


def applied() -> AppTest:
    app = press(opened("Re-scoring"), "See before and after of 2")
    return press(app, "Apply")


def test_what_cannot_be_undone_holds_up_no_other_and_can_be_undone_later(
    place: Services,
) -> None:
    app = applied()
    assert scores(place) == (NEW, NEW)
    later = moderate.edit(place, "community", entry(place, "Stale-One"), {"metrics.cvs_acc": 0.25},
                       "admin")  # fmt: skip
    press(app, "Undo")
    assert scores(place) == (0.25, OLD)
    assert "Undone for 1 of 2: New scores for “Stale-One”, “Stale-Two”." in told(app)
    assert "“Stale-One”: This cannot be undone: the entry was changed again since." in told(app)
    press(app, "Undo")  # nothing has changed: it is refused again, and stays
    assert "changed again since" in told(app)
    assert scores(place) == (0.25, OLD)
    undo.undo(place, later, "admin")
    press(app, "Undo")
    assert scores(place) == (OLD, OLD)
    assert "changed again since" not in told(app)
    assert "Undo" not in [button.label for button in app.button]
    for name in NAMES:
        files = result_files(place.settings.root, entry(place, name).upload_id)
        assert json.loads(files.evaluation.read_bytes())["scorer_version"] == "0.9.0"
    assert place.store.verify() == []


def test_a_rescoring_against_a_truth_replaced_since_is_said_to_be_out_of_date(
    place: Services,
) -> None:
    assert "out of date" not in told(opened("Re-scoring"))
    place.settings.truth_path.write_text("[ ]")
    app = opened("Re-scoring")
    assert told(app).count("is out of date. Score this entry again.") == len(NAMES)
    assert "Scored again" not in told(app)


def test_what_was_undone_elsewhere_is_skipped(place: Services) -> None:
    app = applied()
    last = place.store.lines()[-1]
    undo.undo(place, last.id, "admin")
    press(app, "Undo")
    assert scores(place) == (OLD, OLD)
    assert "Undone: New scores for “Stale-One”, “Stale-Two”." in told(app)


def test_a_failure_on_the_way_tells_what_was_done_and_can_be_undone(place: Services) -> None:
    files = result_files(place.settings.root, entry(place, "Stale-Two").upload_id)
    (files.folder / "replaced").write_text("where the old outcome is to be moved")
    app = applied()
    assert scores(place) == (NEW, NEW)
    assert "It stopped at “Stale-Two”" in told(app)
    assert "2 of 2 have their new scores" in told(app)
    press(app, "Undo")
    assert scores(place) == (OLD, OLD)


def test_nothing_is_applied_when_one_was_changed_since_it_was_looked_at(
    place: Services,
) -> None:
    ids = [entry(place, name).entry_id for name in NAMES]
    looked_at = rescore.previews(place, ids)
    moderate.edit(place, "community", entry(place, "Stale-Two"), {"metrics.cvs_acc": 0.25}, "admin")
    before = len(place.store.lines())
    with pytest.raises(RefusedError, match="“Stale-Two” was changed since it was scored"):
        rescore.apply(place, looked_at, "admin")
    assert scores(place) == (OLD, 0.25)
    assert len(place.store.lines()) == before
