"""Re-scoring: stale entries, before and after with ranks, applied and undone."""

import json
from pathlib import Path

import msgspec
import pytest

from core.benchmark import METRIC_KEYS, SCORER_VERSION
from core.changes import placing, submitting
from core.changes.versions import stale_reason
from core.errors import JobError, RefusedError
from core.model.entries import Entry
from core.model.state import made_state
from core.runs.records import result_files
from core.usecases import rescore, undo
from core.usecases.services import Services
from tests.core.job_world import World
from tests.core.store_world import entry


def test_only_scores_of_another_scorer_or_truth_are_stale() -> None:
    made = entry(1, scorer_version=SCORER_VERSION, ground_truth_sha256="a")
    assert stale_reason(made, "a") is None
    assert stale_reason(made, None) is None  # no truth to compare with
    assert "different ground truth" in (stale_reason(made, "b") or "")
    older = entry(1, scorer_version="0.9", ground_truth_sha256="a")
    assert "version 0.9" in (stale_reason(older, "a") or "")
    assert stale_reason(entry(1), "b") is None  # added by hand: not scored here


def test_ranks_are_compared_with_all_chosen_entries_applied() -> None:
    hidden = entry("h", 0.1, hidden=True)
    state = made_state(community=(entry(1, 0.9), entry(2, 0.5), entry(3, 0.4), hidden))

    def scores(value: float) -> dict[str, dict[str, float]]:
        return {"metrics": dict.fromkeys(METRIC_KEYS, value)}

    one, two, unseen = rescore.compare(
        state,
        [
            ("community", state.community[0], scores(0.2)),
            ("community", state.community[1], scores(0.6)),
            ("community", hidden, scores(1.0)),
        ],
    )
    assert (one.rank_before, one.rank_after) == (1, 3)
    assert (two.rank_before, two.rank_after) == (2, 1)
    assert (unseen.rank_before, unseen.rank_after) == (None, None)
    assert one.changes["cvs_acc"] == (0.9, 0.2)


def community(world: World) -> Entry:
    (found,) = world.store.read().community
    return found


@pytest.mark.slow
def test_an_upload_is_scored_against_a_new_truth_applied_and_undone(world: World) -> None:
    some = [record for record in world.predictions if record["qa_type"] == "next_action"]
    job = world.submit(predictions=some)
    world.jobs.start_waiting()
    assert world.finish(job).state == "completed"
    services = Services(world.settings, world.store, world.jobs)
    old = community(world)
    assert rescore.stale_entries(services) == []

    for record in world.truth:  # corrected: everything in these clips is suturing
        if record["qa_type"] == "next_action" and record["data_source"] == "AVOS":
            record["struc_info"] = [{"next_action": "suturing"}]
            record["conversations"][1]["value"] = "suturing"
    path = Path(world.settings.truth_path)
    path.write_text(json.dumps(world.truth), encoding="utf-8")
    (stale,) = rescore.stale_entries(services)
    assert "different ground truth" in stale.reason
    assert stale.blocked == ""
    assert rescore.previews(services, [old.entry_id]) == []  # nothing has been scored yet

    (queued,) = rescore.start(services, [old.entry_id], "admin")
    assert rescore.start(services, [old.entry_id], "admin") == [queued]  # not twice
    world.jobs.start_waiting()
    done = world.finish(queued)
    assert (done.state, done.kind, done.error) == ("completed", "rescore", None)
    assert community(world) == old  # a re-scoring publishes nothing
    with pytest.raises(JobError):
        world.jobs.rerun(queued.job_id)

    (preview,) = rescore.previews(services, [old.entry_id])
    before, after = preview.changes["nap_acc"]
    assert before == old.metrics["nap_acc"] != after
    (change_id,) = rescore.apply(services, [preview], "admin")
    new = community(world)
    assert new.metrics["nap_acc"] == after
    assert (new.history[0].metrics, new.history[0].why) == (old.metrics, "re-scored")
    assert rescore.stale_entries(services) == []
    files = result_files(world.settings.root, old.entry_id)
    assert made_with(files.evaluation) == new.ground_truth_sha256
    assert made_with(files.rescored.evaluation) == old.ground_truth_sha256
    assert files.samples.is_file()

    undo.undo(services, change_id, "admin")
    assert community(world) == old
    assert made_with(files.evaluation) == old.ground_truth_sha256


def made_with(path: Path) -> str:
    found: str = json.loads(path.read_bytes())["ground_truth_sha256"]
    return found


def test_a_failed_rescoring_takes_nothing_from_the_board(world: World) -> None:
    """A job that ends without a result gives up its submission; this one must not."""
    job = world.submit()
    made = entry(1, entry_id=job.submission_id, model_name="Model A", scorer_version="0.9")
    world.store.commit(submitting.add(job.submission_id, made))
    services = Services(world.settings, world.store, world.jobs)
    queued = rescore.start(services, [job.submission_id], "admin")[0]
    assert world.jobs.cancel(queued.job_id).state == "cancelled"
    world.jobs.recover()
    assert world.get(queued).state == "cancelled"
    assert world.submission(job).state == "published"
    assert [found.entry_id for found in world.store.read().community] == [job.submission_id]


def test_what_cannot_be_scored_again_says_why(world: World) -> None:
    job = world.submit()
    services = Services(world.settings, world.store, world.jobs)
    made = entry(1, entry_id=job.submission_id, model_name="Model A", scorer_version="0.9")
    world.store.commit(submitting.add(job.submission_id, made))
    result_files(world.settings.root, job.submission_id).upload.unlink()
    by_hand = entry(2, None, scorer_version="0.9")
    world.store.commit(placing.add_official(by_hand, "admin"))
    assert [stale.blocked for stale in rescore.stale_entries(services)] == [
        "it has no submission.",
        "its upload is not kept here.",
    ]
    with pytest.raises(RefusedError, match="Model A: its upload is not kept"):
        rescore.start(services, [job.submission_id], "admin")
    with pytest.raises(RefusedError, match="no longer on the boards"):
        rescore.start(services, ["no-such-entry"], "admin")
    assert [found.kind for found in world.jobs.list()] == ["evaluation"]


def test_a_killed_rescoring_is_interrupted_and_holds_up_no_other_job(world: World) -> None:
    world.submit()
    (waiting,) = world.jobs.list()
    killed = world.jobs.enqueue("rescore", waiting.submission_id)
    world.files.change(
        killed.job_id, lambda found: msgspec.structs.replace(found, state="running", process=None)
    )
    world.jobs.recover()
    ended = world.get(killed)
    assert (ended.state, ended.done) == ("interrupted", True)
    assert "start its re-scoring again" in (ended.error or "")
    assert world.get(waiting).state == "queued"
    assert world.submission(waiting).state == "open"
