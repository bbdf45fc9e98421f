"""The rules of judge runs: one at a time, all or nothing; only they set the caption metrics."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from core.benchmark import JUDGE_KEYS, METRIC_KEYS, SCORED_KEYS
from core.changes import editing, judging, placing, rescoring, submitting
from core.changes.act import Change
from core.errors import RefusedError
from core.model.entries import Entry, Judgement, entry_from_row, entry_to_row
from core.model.rows import entry_row
from core.model.state import EMPTY, State
from tests.core.rules_world import apply, fold
from tests.core.store_world import entry, submission

SHA, TRUTH = "1" * 64, "2" * 64
METRICS: dict[str, float | None] = {"dvc_llm": 2.12345, "vs_llm": 3.0, "rc_llm": 4.5}


def judgement(run_id: str = "run-00001", **changes: Any) -> Judgement:
    fields: dict[str, Any] = {
        "run_id": run_id,
        "date": "2026-02-03",
        "model": "judge-2026",
        "metrics": METRICS,
        "share": {"dvc_llm": 0.99},
        "calls": 5,
    }
    return Judgement(**{**fields, **changes})


def published(**changes: Any) -> State:
    """One model on the Community board, as an evaluation publishes it."""
    made = submission(1, predictions_sha256=SHA)
    fields = {
        "entry_id": made.submission_id,
        "predictions_sha256": SHA,
        "ground_truth_sha256": TRUTH,
    }
    row = entry(1, **{**fields, **changes})
    changes = (submitting.submit(made, "participant"), submitting.add(made.submission_id, row))
    return done(EMPTY, *changes)


def done(state: State, *changes: Change) -> State:
    for change in changes:
        state = apply(state, change, {})
    return state


def open_run(run_id: str = "run-00001", actor: str = "participant") -> Change:
    return judging.open_run("submission-1", run_id, actor)


def publish(made: Judgement, sha: str = SHA, truth: str = TRUTH) -> Change:
    return judging.publish("submission-1", made, sha, truth)


def looked_at(run_id: str) -> Change:
    return judging.looked_at("submission-1", run_id, "admin")


def only(state: State) -> Entry:
    (found,) = state.community
    return found


def refused(state: State, change: Change) -> str:
    with pytest.raises(RefusedError) as raised:
        apply(state, change, {})
    return str(raised.value)


def later(change: Change, than: Change, wait: timedelta) -> Change:
    moment = datetime.fromisoformat(than.time) + wait
    return msgspec.structs.replace(change, time=moment.isoformat())


def test_a_run_sets_three_metrics_at_once_and_keeps_what_it_was_made_with() -> None:
    state = done(published(), open_run(), publish(judgement()))
    found = only(state)
    assert {key: found.metrics[key] for key in JUDGE_KEYS} == {
        "dvc_llm": 2.123,
        "vs_llm": 3.0,
        "rc_llm": 4.5,
    }
    assert found.judge is not None
    assert (found.judge.model, found.judge.calls, found.judged) == ("judge-2026", 5, True)
    assert state.submissions["submission-1"].judging is None
    assert apply(state, publish(judgement()), {}) is state
    row = entry_to_row(found, rank=1)
    again = entry_from_row(msgspec.json.decode(msgspec.json.encode(row)), "community")
    assert msgspec.structs.replace(again, arrived=found.arrived) == found


def test_only_one_run_is_open_and_a_lost_machine_does_not_hold_it_for_ever() -> None:
    first = open_run()
    state = done(published(), first)
    assert apply(state, first, {}) is state
    assert "in progress" in refused(state, later(open_run("run-00002"), first, timedelta(hours=23)))
    late = later(open_run("run-00002"), first, timedelta(hours=25))
    state = done(state, late)
    assert "void" in refused(state, publish(judgement("run-00001")))
    state = done(state, publish(judgement("run-00002")))
    assert only(state).judged


def test_a_run_that_waited_long_renews_its_lease_and_nothing_shortens_it() -> None:
    first = open_run()
    again = judging.open_run("submission-1", "run-00001", "participant", first=False)
    started = later(again, first, timedelta(hours=20))
    state = done(published(), first, started)
    assert apply(state, started, {}) is apply(state, first, {}) is state
    for hours, may in ((43, False), (45, True)):
        other = later(open_run("run-00002", "admin"), first, timedelta(hours=hours))
        if may:
            assert done(state, other).submissions["submission-1"].judging is not None
        else:
            assert "in progress" in refused(state, other)


def test_a_lease_from_a_clock_that_was_years_ahead_holds_for_nobody_and_is_renewed_as_now() -> None:
    ahead = open_run()
    state = done(published(), ahead)
    other = later(open_run("run-00002"), ahead, -timedelta(days=900))
    assert done(state, other).submissions["submission-1"].judging.run_id == "run-00002"
    again = judging.open_run("submission-1", "run-00001", "participant", first=False)
    renewed = done(state, later(again, ahead, -timedelta(days=900)))
    assert "in progress" in refused(renewed, other)


def test_of_two_machines_that_began_at_once_the_earlier_in_the_journal_publishes() -> None:
    changes = [open_run("run-00001"), open_run("run-00002"), publish(judgement("run-00002"))]
    state = fold(published(), changes, {})
    assert not only(state).judged
    state = fold(state, [publish(judgement("run-00001"))], {})
    assert only(state).judge is not None


def test_a_closed_run_publishes_nothing_and_another_may_begin() -> None:
    close = judging.close_run("submission-1", "run-00001", "Cancelled.")
    state = done(published(), open_run(), close)
    assert "void" in refused(state, publish(judgement()))
    assert done(state, open_run("run-00002")).submissions["submission-1"].judging is not None
    other = judging.close_run("submission-1", "run-00009", "Not mine.")
    held = done(state, open_run("run-00002"))
    assert apply(held, other, {}) is held


def test_judged_again_by_an_admin_only_and_history_keeps_both() -> None:
    state = done(published(), open_run(), publish(judgement()))
    assert "already judged" in refused(state, open_run("run-00002"))
    again = judgement("run-00002", metrics={**METRICS, "vs_llm": 1.0})
    state = done(state, open_run("run-00002", "admin:me"), publish(again))
    found = only(state)
    assert found.judge is not None
    assert [run.run_id for run in (*found.judge_history, found.judge)] == ["run-00001", "run-00002"]
    assert (found.judge_history[0].metrics["vs_llm"], found.metrics["vs_llm"]) == (3.0, 1.0)


def test_a_run_that_flagged_captions_counts_once_an_admin_has_reviewed_them() -> None:
    flagged = judgement(flagged=1, flagged_records={"7": ("gives grades",)})
    before = done(published(), open_run())
    state = done(before, publish(flagged))
    found = only(state)
    assert [found.metrics[key] for key in JUDGE_KEYS] == [None] * 3
    assert (found.judge, found.judged) == (None, False)
    assert found.held is not None
    assert found.held.metrics["vs_llm"] == 3.0
    assert state.submissions["submission-1"].judging is None
    again = entry_from_row(entry_to_row(found, 1), "community")
    assert msgspec.structs.replace(again, arrived=found.arrived) == found
    assert "maintainers review" in refused(state, open_run("run-00002"))
    assert "captions are out of date" in refused(state, looked_at("run-00009"))
    seen = only(done(state, looked_at("run-00001")))
    assert (seen.metrics["vs_llm"], seen.judged, seen.held) == (3.0, True, None)
    assert seen.judge is not None
    assert seen.judge.looked_at

    # A run of an older program set its metrics immediately, and its journal still folds the same.
    change = publish(flagged)
    old = msgspec.structs.replace(change, act=msgspec.structs.replace(change.act, hold=False))
    assert only(done(before, old)).metrics["vs_llm"] == 3.0


def test_a_held_run_leaves_the_grades_before_it_until_it_counts_or_another_does() -> None:
    state = done(published(), open_run(), publish(judgement()))
    again = judgement("run-00002", metrics={**METRICS, "vs_llm": 5.0}, flagged=1)
    state = done(state, open_run("run-00002", "admin"), publish(again))
    found = only(state)
    assert (found.metrics["vs_llm"], found.judged, found.judge_history) == (3.0, True, ())
    seen = only(done(state, looked_at("run-00002")))
    assert seen.metrics["vs_llm"] == 5.0
    assert [run.run_id for run in seen.judge_history] == ["run-00001"]
    third = judgement("run-00003", metrics={**METRICS, "vs_llm": 1.0})
    state = done(state, open_run("run-00003", "admin"), publish(third))
    assert (only(state).metrics["vs_llm"], only(state).held) == (1.0, None)
    assert "captions are out of date" in refused(state, looked_at("run-00002"))


@pytest.mark.parametrize(
    ("made", "sha", "truth", "why"),
    [
        (judgement(metrics={**METRICS, "vs_llm": 5.1}), SHA, TRUTH, "1 to 5"),
        (judgement(metrics={**METRICS, "vs_llm": 0.0}), SHA, TRUTH, "1 to 5"),
        (judgement(metrics={"vs_llm": 3.0}), SHA, TRUTH, "together"),
        (judgement(metrics=dict.fromkeys(JUDGE_KEYS)), SHA, TRUTH, "nothing"),
        (judgement(), "9" * 64, TRUTH, "another upload"),
        (judgement(), SHA, "9" * 64, "another ground truth"),
    ],
)
def test_what_is_not_whole_and_of_this_entry_is_refused(
    made: Judgement, sha: str, truth: str, why: str
) -> None:
    assert why in refused(done(published(), open_run()), publish(made, sha, truth))


def test_a_model_that_is_not_on_a_board_is_not_judged() -> None:
    state = done(EMPTY, submitting.submit(submission(1), "participant"))
    assert "not on a board" in refused(state, open_run())


def test_nothing_else_sets_the_metrics() -> None:
    state = published(metrics=dict.fromkeys(METRIC_KEYS, 1.0), judge=judgement("forged-1"))
    found = only(state)
    assert [found.metrics[key] for key in JUDGE_KEYS] == [None] * 3
    assert all(found.metrics[key] == 1.0 for key in SCORED_KEYS)
    assert (found.judge, found.judged) == (None, False)
    forged = {**found.metrics, **dict.fromkeys(JUDGE_KEYS, 5.0)}
    scores = {"metrics": forged, "scorer_version": "2", "ground_truth_sha256": TRUTH}
    again = rescoring.rescore("community", found, scores, "admin")
    assert "Only a judge run" in refused(state, again)


def test_a_new_evaluation_keeps_all_caption_metrics_or_none() -> None:
    state = done(published(), open_run(), publish(judgement()))
    found = only(state)
    for metrics, judged in ((found.metrics, True), (dict.fromkeys(METRIC_KEYS, None), False)):
        scores = {"metrics": dict(metrics), "scorer_version": "2", "ground_truth_sha256": TRUTH}
        after = only(done(state, rescoring.rescore("community", found, scores, "admin")))
        assert (after.judge is not None) is judged
        assert after.history[-1].judge == found.judge


def test_an_admin_edits_them_by_a_change_that_says_so() -> None:
    state = done(published(), open_run(), publish(judgement()))
    change = editing.edit("community", only(state), {"metrics.vs_llm": 2.0}, "admin")
    found = only(done(state, change))
    assert found.metrics["vs_llm"] == 2.0
    assert found.judge is not None
    assert found.judge.metrics["vs_llm"] == 3.0


def test_the_record_travels_with_the_entry() -> None:
    state = done(published(), open_run(), publish(judgement()))
    moved = placing.promote(only(state), "admin", verified_date="2026-03-04")
    (found,) = done(state, moved).official
    assert found.judge == only(state).judge
    assert entry_row(found)["judge"]["model"] == "judge-2026"


def test_flagged_captions_of_a_run_that_counts_are_looked_at_once() -> None:
    """Runs by earlier versions counted although they had flagged captions."""
    state = done(published(judge=None), open_run(), publish(judgement()))
    seen = judging.looked_at("submission-1", "run-00001", "admin")
    once = done(state, seen)
    assert only(once).judge.looked_at == seen.time
    assert apply(once, judging.looked_at("submission-1", "run-00001", "admin"), {}) is once
    assert "out of date" in refused(state, judging.looked_at("submission-1", "run-2", "admin"))


def test_a_run_of_an_entry_that_left_the_boards_publishes_nothing() -> None:
    state = done(published(), open_run())
    state = done(state, placing.delete(only(state), "admin"))
    assert "no longer on a board" in refused(state, publish(judgement()))


def test_values_without_a_recorded_run_are_kept_in_the_history() -> None:
    state = done(published(), open_run())
    (old,) = [judging._before(msgspec.structs.replace(only(state), metrics=METRICS))]
    assert old[0].metrics == METRICS
    assert judging._before(only(state)) == ()
