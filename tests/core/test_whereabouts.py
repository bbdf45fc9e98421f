"""What happened to a link's entry, and what moved an entry's rank, without private data."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.benchmark import METRIC_KEYS
from core.changes import editing, forgetting, judging, placing, settings, submitting
from core.model.policy import Policy
from core.publish.sentences import Named, plain
from core.store.store import Store
from core.usecases.rank_moves import Move, moves, recent_steps
from core.usecases.whereabouts import DELETED, ERASED, HIDDEN, UNKNOWN, Found, Gone, whereabouts
from tests.core.store_world import entry, many_changes, publish, submission
from tests.core.test_judge_changes import judgement

SECRET = "zebra"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = Store(tmp_path)
    for number in (1, 2):
        publish(found, number)
    return found


def looked_up(store: Store, wanted: str, **more: object) -> Found | Gone:
    return whereabouts(store.read(), wanted, **more)  # type: ignore[arg-type]


def of(store: Store, number: int) -> tuple[object, object]:
    found = store.read().find(f"entry-{number}")
    assert found is not None
    return found


def test_an_entry_is_found_where_it_is(store: Store) -> None:
    found = looked_up(store, "entry-1", named_board="community")
    assert isinstance(found, Found)
    assert (found.board, found.entry.model_name, found.note) == ("community", "Model 1", "")


def test_a_promoted_entry_is_found_and_the_link_s_board_corrected(store: Store) -> None:
    store.commit(placing.promote(of(store, 1)[1], "admin", verified_date="2026-05-03"))
    found = looked_up(store, "entry-1", named_board="community")
    assert isinstance(found, Found)
    assert found.board == "official"
    assert found.note.startswith("The maintainers have verified this model on 2026-05-03: it has")
    again = looked_up(store, "entry-1")
    assert isinstance(again, Found)
    assert again.note == ""


def test_a_model_that_went_back_to_the_community_board_is_found_there(store: Store) -> None:
    found = looked_up(store, "entry-1", named_board="official")
    assert isinstance(found, Found)
    assert found.note == "This model is now on the Community board."
    store.commit(placing.add_official(entry(3, None, verified_date=None), "admin"))
    found = looked_up(store, "entry-3", named_board="community")
    assert isinstance(found, Found)
    assert found.note.startswith("The maintainers have verified this model: it has moved")


def test_a_submission_leads_to_the_entry_that_it_became_a_version_of(store: Store) -> None:
    new = submission("new", model_name="Model 1", replaces="entry-1")
    newer = submission("newer", model_name="Model 1", replaces="entry-1")
    store.commit(submitting.submit(new))
    assert looked_up(store, "submission-new") == Gone(UNKNOWN)  # nothing is revealed before it ends
    row = entry("x", entry_id="submission-new", model_name="Model 1")
    store.commit(submitting.add("submission-new", row))
    found = looked_up(store, "submission-new")
    assert isinstance(found, Found)
    assert (found.entry.entry_id, found.note) == ("entry-1", "")
    store.commit(submitting.submit(newer))
    store.commit(submitting.add("submission-newer", entry("x", model_name="Model 1")))
    found = looked_up(store, "submission-new")
    assert isinstance(found, Found)
    assert found.entry.entry_id == "entry-1"
    assert "earlier version" in found.note


def test_of_what_is_not_shown_nothing_is_revealed(store: Store) -> None:
    own = submission("own", model_name=f"{SECRET} 9", evaluate_only=True)
    store.commit(submitting.submit(own))
    assert looked_up(store, own.submission_id) == Gone(UNKNOWN)
    store.commit(submitting.evaluated(own.submission_id))
    assert looked_up(store, own.submission_id) == Gone(UNKNOWN)
    store.commit(editing.hide(*of(store, 1), "admin"))
    assert looked_up(store, "entry-1") == Gone(HIDDEN)
    store.commit(placing.delete(of(store, 2)[1], "admin", f"{SECRET} reason"))
    assert looked_up(store, "entry-2") == Gone(DELETED)
    store.commit(forgetting.purge("entry-2", ["entry-2"], "admin"))
    assert looked_up(store, "entry-2") == Gone(ERASED)
    for wanted in ("", "nobody", "../x", "<b>", "e" * 10_000):
        assert looked_up(store, wanted) == Gone(UNKNOWN)


def better(store: Store, number: int, value: float) -> None:
    """Another model, with this value in every metric of an evaluation."""
    made = submission(number)
    store.commit(submitting.submit(made))
    metrics = dict.fromkeys(METRIC_KEYS, value)
    store.commit(submitting.add(made.submission_id, entry(number, metrics=metrics)))


def seen(store: Store, tmp_path: Path, number: int) -> list[Move]:
    found = recent_steps(store, tmp_path, store.revision(), "community")
    return moves(store.read(), found, "community", f"entry-{number}")


def test_what_moved_a_rank_is_explained_with_the_entry_behind_it(
    store: Store, tmp_path: Path
) -> None:
    better(store, 3, 0.9)
    newest, first = seen(store, tmp_path, 1)
    assert (newest.before, newest.after) == (1, 2)
    assert newest.cause == (Named("Model 3", "entry-3"), " was added.")
    assert (first.before, first.after, plain(first.cause)) == (None, 1, "this entry was added.")
    store.commit(placing.promote(of(store, 3)[1], "admin", verified_date="2026-05-03"))
    newest = seen(store, tmp_path, 1)[0]
    assert (newest.before, newest.after) == (2, 1)
    assert plain(newest.cause) == "Model 3 was verified and moved to the Official board."
    moved = recent_steps(store, tmp_path, store.revision(), "official")
    (come,) = moves(store.read(), moved, "official", "entry-3")
    assert plain(come.cause) == "this entry was verified and moved here."


def test_an_entry_that_is_not_shown_is_not_named(store: Store, tmp_path: Path) -> None:
    better(store, 3, 0.9)
    store.commit(editing.hide(*of(store, 3), "admin"))
    taken, came, _first = seen(store, tmp_path, 1)
    assert plain(taken.cause) == "an entry was removed."
    assert plain(came.cause) == "an entry that is not shown now was added."
    store.commit(editing.unhide(*of(store, 3), "admin"))
    assert plain(seen(store, tmp_path, 1)[0].cause) == "Model 3 was shown again."


def test_what_was_purged_is_as_if_it_had_never_been(store: Store, tmp_path: Path) -> None:
    better(store, 3, 0.9)
    store.commit(placing.delete(of(store, 3)[1], "admin"))
    store.commit(forgetting.purge("entry-3", ["entry-3"], "admin"))
    (first,) = seen(store, tmp_path, 1)
    assert plain(first.cause) == "this entry was added."


def test_other_changes_are_named_as_they_are(store: Store, tmp_path: Path) -> None:
    store.commit(editing.edit(*of(store, 2), {"metrics.cvs_acc": 0.7}, "admin"))
    assert plain(seen(store, tmp_path, 1)[0].cause) == "Model 2 was corrected."
    store.commit(
        editing.edit(*of(store, 2), {"declared.team": "T"}, "admin")
    )  # does not affect the order
    assert len(seen(store, tmp_path, 1)) == 2
    low = {"cvs_acc": {"records": 100, "answered": 10, "scored": 10, "coverage": 0.1}}
    made = submission(4)
    store.commit(submitting.submit(made))
    values = {**dict.fromkeys(METRIC_KEYS, 0.5), "cvs_acc": 0.6}
    store.commit(submitting.add(made.submission_id, entry(4, metrics=values, coverage=low)))
    enforced = Policy(enforce_min_coverage=True)
    store.commit(settings.set_policy(store.read().policy, enforced, "admin"))
    told = plain(seen(store, tmp_path, 4)[0].cause)
    assert told == "the maintainers changed what counts as too few questions."


def test_a_judge_run_and_several_changes_at_once_are_named(store: Store, tmp_path: Path) -> None:
    store.commit(submitting.submit(submission(3)))
    row = entry(3, entry_id="submission-3", predictions_sha256="1" * 64)
    store.commit(submitting.add("submission-3", row))
    store.commit(judging.open_run("submission-3", "run-00001", "participant"))
    store.commit(judging.publish("submission-3", judgement(), "1" * 64, "2" * 64))
    newest, added = recent_steps(store, tmp_path, store.revision(), "community")[:2]
    assert (newest.what, added.what) == ("judged", "added")
    several = (replace(newest, others=2),)
    (move,) = moves(store.read(), several, "community", "submission-3")
    assert plain(move.cause) == "this entry (and 2 more) had its captions graded."


def test_only_the_last_changes_of_an_order_are_looked_at(store: Store, tmp_path: Path) -> None:
    many_changes(store, tmp_path, store.read().entries["entry-1"], 50)
    assert len(recent_steps(store, tmp_path, store.revision(), "community")) == 40
