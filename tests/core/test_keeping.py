"""An owner goes back to the previous version: exactly that one, once, and only if allowed."""

import dataclasses
from pathlib import Path

import msgspec
import pytest

from core.access.submission_keys import Proof, hash_key
from core.benchmark import JUDGE_KEYS
from core.changes import editing, judging, keeping, placing, rescoring, submitting, undoing
from core.changes.act import At, Change
from core.changes.versions import TAKEN_BACK, former
from core.errors import RefusedError
from core.model.entries import Entry, Judgement
from core.publish.history import differences
from core.store.store import Store
from core.usecases.audit import records
from core.usecases.own_entries import holdings
from core.usecases.rank_moves import moves, recent_steps
from tests.core.store_world import entry, submission

KEY = "mvb-of-the-owner"
ID, V2 = "entry-0001", "submission-v2"
OLD = {"date": "2026-01-01", "coverage": {"cvs_acc": {"records": 9, "answered": 9, "scored": 9}},
       "by_dataset": {"cvs_acc": {"AVOS": {"value": 0.5, "n": 100, "records": 100}}},
       "surplus": {"tag_miou_03": {"answers": 90, "largest": 1400}}}  # fmt: skip


def judge(store: Store, submission_id: str, value: float) -> None:
    run = f"run-{submission_id}"
    store.commit(judging.open_run(submission_id, run, "admin"))
    made = Judgement(run_id=run, date="2026-01-03", model="m",
                     metrics=dict.fromkeys(JUDGE_KEYS, value))  # fmt: skip
    store.commit(judging.publish(submission_id, made, "1" * 64, "2" * 64))


def first(store: Store, *, judged: bool = False) -> Entry:
    """A board with an entry, and another model; the entry before its new version."""
    for number, value, fields in ((1, 0.5, OLD), (2, 0.4, {})):
        sent = submission(number, submission_id=f"entry-000{number}", key_hash=hash_key(KEY))
        store.commit(submitting.submit(sent, "p"))
        row = entry(number, value, entry_id=sent.submission_id, **fields)
        store.commit(submitting.add(sent.submission_id, row))
    if judged:
        judge(store, ID, 4.5)
    return store.read().entries[ID]


def replace(store: Store, value: float = 0.25, number: str = "v2") -> Change:
    sent = submission(number, model_name="Model 1", replaces=ID, key_hash=hash_key(KEY))
    store.commit(submitting.submit(sent, "p"))
    row = entry(number, value, model_name="Model 1", entry_id=sent.submission_id)
    add = submitting.add(sent.submission_id, row)
    store.commit(add)
    return add


def now(store: Store) -> Entry:
    return store.read().entries[ID]


def refusal(store: Store, change: Change) -> str:
    with pytest.raises(RefusedError) as caught:
        store.commit(change)
    return str(caught.value)


@pytest.mark.parametrize("judged", [True, False])
@pytest.mark.parametrize("judged_since", [True, False])
def test_everything_of_the_old_version_comes_back_and_the_other_goes_to_the_history(
    tmp_path: Path, judged: bool, judged_since: bool
) -> None:
    store = Store(tmp_path)
    before = first(store, judged=judged)
    replace(store)
    if judged_since:
        judge(store, V2, 1.5)
    store.commit(editing.edit("community", now(store), {"declared.team": "Us"}, "owner"))
    worse = now(store)
    back = keeping.keep_old(worse, "owner", V2)
    store.commit(back)
    found = now(store)
    (taken,) = found.history
    assert (taken.why, taken.submission_id, taken.metrics) == (TAKEN_BACK, V2, worse.metrics)
    same = msgspec.structs.replace(found, history=(), declared=before.declared)
    # Grades of the new version are kept among the earlier runs.
    assert msgspec.structs.replace(same, judge_history=before.judge_history) == before
    assert found.declared.team == "Us"
    # A second click, in another tab, has no effect; there is nothing more to go back to.
    assert store.commit(keeping.keep_old(worse, "owner", V2)).entries[ID] == found
    assert former(found, taken.replaced) is None
    assert store.verify() == []
    steps = recent_steps(store, tmp_path, store.revision(), "community")
    told = moves(store.read(), steps, "community", ID)
    assert told[0].cause == ("this entry went back to its earlier version.",)
    store.commit(undoing.undo(back.id, "admin"))
    assert now(store) == worse


def test_the_versions_before_stay_in_the_history(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first(store)
    replace(store)
    second = now(store)
    replace(store, 0.1, "v3")
    store.commit(keeping.keep_old(now(store), "owner", "submission-v3"))
    found = now(store)
    assert found.metrics == second.metrics
    assert [one.submission_id for one in found.history] == [ID, "submission-v3"]
    assert found.history[:-1] == second.history


def test_when_an_entry_has_no_version_to_go_back_to(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first(store)
    assert "no earlier version" in refusal(store, keeping.keep_old(now(store), "owner", ID))
    replace(store)
    late = keeping.keep_old(now(store), "owner", V2)
    late = msgspec.structs.replace(late, time="2099-01-01T00:00:00.000Z")
    assert "30 days" in refusal(store, late)
    worse = now(store)
    replace(store, 0.3, "v3")  # in another tab
    assert "another version now" in refusal(store, keeping.keep_old(worse, "owner", V2))
    back = keeping.keep_old(worse, "owner", "submission-v3")
    scores = {key: getattr(now(store), key) for key in ("strict", "coverage", "by_dataset")}
    scores |= {"metrics": {**now(store).metrics, "cvs_acc": 0.75}, "surplus": {}}
    again = {**scores, "scorer_version": "9", "ground_truth_sha256": "3" * 64}
    change = rescoring.rescore("community", now(store), again, "admin")
    store.commit(change)
    assert "re-scored since" in refusal(store, back)
    store.commit(undoing.undo(change.id, "admin"))
    store.commit(placing.promote(now(store), "admin", verified_date="2026-02-02"))
    assert "verified" in refusal(store, back)
    assert former(now(store), "2026-01-05") is None


def test_a_journal_that_does_not_say_how_it_was_replaced_or_an_erased_upload_refuses(
    tmp_path: Path,
) -> None:
    """On a board of an older program, the history came with the row."""
    store = Store(tmp_path)
    first(store)
    replace(store)
    act = keeping.keep_old(now(store), "owner", V2).act
    at = At("c", "owner", "2026-01-05T00:00:00.000Z", lambda _id: None)
    with pytest.raises(RefusedError, match="journal does not say"):
        act.apply(store.read(), at)
    erased = dataclasses.replace(
        store.read(), purged_names=store.read().purged_names.with_rows({ID: {}})
    )
    with pytest.raises(RefusedError, match="no longer kept"):
        act.apply(erased, at)


def test_a_join_refuses_it_where_the_entry_was_promoted_first(tmp_path: Path) -> None:
    ours, theirs = Store(tmp_path / "ours"), Store(tmp_path / "theirs")
    first(ours)
    replace(ours)
    theirs.rebase(ours.snapshot().journal)
    back = keeping.keep_old(now(ours), "owner", V2)
    ours.commit(back)
    theirs.commit(placing.promote(now(theirs), "admin", verified_date="2026-02-02"))
    alone = Store(tmp_path / "alone")
    alone.rebase(ours.snapshot().journal)  # without the other machine it is applied as before
    assert now(alone) == now(ours)
    ours.rebase(theirs.snapshot().journal)
    assert ours.verify() == []
    (line,) = [one for one in ours.lines() if one.id == back.id]
    assert "verified" in line.refused and now(ours) == now(theirs)


def test_what_is_shown_of_it(tmp_path: Path) -> None:
    """The owner's list, the audit trail and the public history show it."""
    store = Store(tmp_path)
    first(store)
    replace(store)
    worse = store.read()
    store.commit(keeping.keep_old(now(store), "owner", V2))
    mine = {one.submission.submission_id: one for one in holdings(store.read(), Proof((KEY,)))}
    assert (mine[V2].taken_back, mine[V2].newer, mine[ID].board) == (True, False, "community")
    (record, *_others) = records(store)
    assert (record.kind, record.subject, record.undoable) == ("keep_old", "Model 1", True)
    (change,) = [one for one in differences(worse, store.read()) if one.entry_id == ID]
    assert change.kind == "earlier version"
