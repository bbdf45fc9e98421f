"""Rules of changes, each by one example that a wrong line would get wrong."""

from typing import Any

import pytest

from core.benchmark import JUDGE_KEYS
from core.changes import (
    admission,
    editing,
    judging,
    placing,
    reporting,
    rescoring,
    submitting,
    surplus,
)
from core.changes.act import Act, At, Change
from core.changes.acts import canonical, why_not
from core.changes.effects import Effect, misfits
from core.changes.entry_fields import replaced
from core.changes.forgetting import erase
from core.changes.old_rows import read_row
from core.changes.settings import set_policy
from core.errors import ChangedError, EntryError, RefusedError
from core.model.entries import Entry, Judgement, Submission
from core.model.policy import Policy, Track
from core.model.state import EMPTY, State, made_state
from tests.core.rules_world import apply, fold
from tests.core.store_world import entry, submission


def published(**changes: Any) -> State:
    """One model on the Community board: submission-1."""
    row = entry(1, entry_id="submission-1", **changes)
    state = apply(EMPTY, submitting.submit(submission(1), "p"))
    return apply(state, submitting.add("submission-1", row))


def version(number: str, **changes: Any) -> Submission:
    return submission(number, model_name="Model 1", replaces="submission-1", **changes)


def with_version(state: State, **changes: Any) -> Entry:
    """The entry of `published` after a new version with these fields."""
    made = version("2")
    state = apply(state, submitting.submit(made, "p"))
    row = entry(2, entry_id=made.submission_id, **changes)
    return apply(state, submitting.add(made.submission_id, row)).community[0]


def test_only_one_new_version_of_an_entry_is_evaluated_at_a_time() -> None:
    state = apply(published(), submitting.submit(version("2"), "p"))
    with pytest.raises(RefusedError, match="“Model 1” is reserved by a submission"):
        apply(state, submitting.submit(version("3"), "p"))


def test_a_new_version_keeps_the_track_unless_it_has_one() -> None:
    state = published(track="Spring")
    assert with_version(state).track == "Spring"
    assert with_version(state, track="Autumn").track == "Autumn"


def test_a_promoted_entry_says_whose_scores_were_verified() -> None:
    state = published()
    change = placing.promote(
        state.community[0], "admin", verified_date="2026-01-02", scores="own run"
    )
    (found,) = apply(state, change).official
    assert found.verification is not None
    assert found.verification.scores == "own run"
    assert found.verification.dates == {"verified": "2026-01-02"}


def test_a_report_on_an_entry_that_is_on_no_board_is_refused() -> None:
    change = reporting.report("no-such-entry", "other", "Text.")
    with pytest.raises(RefusedError, match="no entry 'no-such-entry'"):
        apply(EMPTY, change)


def test_an_effect_on_a_table_of_a_newer_program_misses_its_row() -> None:
    assert misfits({}, Effect("comments", "a", {"text": "x"}, {"text": "y"})) == [""]
    assert misfits({}, Effect("comments", "a", None, {"text": "y"})) == []


def test_a_published_entry_and_a_new_version_have_reasons_of_their_own() -> None:
    new = Effect("entries", "a", None, {"model_name": "A"})
    again = Effect("entries", "a", {"date": "1"}, {"date": "2"})
    assert "published only once" in why_not("add", [new])
    assert "can go back to them" in why_not("add", [again])
    assert "published nothing" in why_not("evaluated", [again])
    assert "a newer version of this program" in why_not("fly", [again])


def test_a_row_has_one_scale_for_all_its_shares() -> None:
    row = {"model_name": "A", "cvs_acc": 81.3, "nap_acc": 0.4, "sa_acc": 62}
    found = read_row(row, "community")
    assert found.entry is not None
    assert found.entry.metrics["nap_acc"] is None
    assert "as in percent" in found.problems["nap_acc"]
    fine = read_row({"model_name": "A", "cvs_acc": 0.8, "nap_acc": 0.4}, "community")
    assert fine.entry is not None
    assert (fine.entry.metrics["cvs_acc"], fine.problems) == (0.8, {})


def scored(entry: Entry, value: float) -> dict[str, Any]:
    return {
        "metrics": {**entry.metrics, "cvs_acc": value},
        "scorer_version": "9",
        "ground_truth_sha256": "a" * 64,
    }


def test_what_is_there_already_is_not_done_again() -> None:
    state = published(surplus={"tag_miou_03": {"answers": 9, "largest": 99}})
    (found,) = state.community
    told = reporting.report(found.entry_id, "other", "reader")
    scores = rescoring.rescore("community", found, scored(found, 0.25), "admin")
    changes = (
        told,
        surplus.seen(found, "admin"),
        scores,
        placing.delete(found, "admin"),
        erase("submission-2", ["submission-2"], "admin"),
    )
    state = apply(state, submitting.submit(submission(2), "p"))
    state = apply(state, submitting.release("submission-2", "It failed."))
    for change in changes:
        once = apply(state, change)
        assert once != state
        assert apply(once, change) == once
        state = once
    (gone,) = state.trash
    assert (gone.actor, gone.reason) == ("admin", None)


def test_metrics_out_of_range_are_refused_wherever_they_come_from() -> None:
    state = published()
    (found,) = state.community
    wrong = {"cvs_acc": 1.5}
    official = entry("o", model_name="Other", metrics={**found.metrics, **wrong})
    for change, field in (
        (placing.promote(found, "a", verified_date="2026-01-02", metrics=wrong), "metrics.cvs_acc"),
        (placing.add_official(official, "a"), "metrics.cvs_acc"),
        (rescoring.rescore("community", found, scored(found, 1.5), "a"), "cvs_acc"),
        (editing.edit("community", found, {"metrics.cvs_acc": 1.5}, "a"), "metrics.cvs_acc"),
    ):
        with pytest.raises(RefusedError) as refused:
            apply(state, change)
        assert list(refused.value.problems) == [field]
        assert "expected 0 to 1" in refused.value.problems[field]


def test_a_name_is_text() -> None:
    with pytest.raises(RefusedError, match="model_name: expected text, got int"):
        replaced(entry(1), {"model_name": 7})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (placing.restore("no-such-entry", "admin"), "not in the trash; it may be purged"),
        (reporting.close_report("no-such-report", "admin"), "no report 'no-such-report'"),
    ],
)
def test_what_is_not_there_is_refused_with_a_sentence(change: Change, told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        apply(EMPTY, change)


def test_settings_are_refused_when_invalid_or_changed_meanwhile() -> None:
    first = set_policy(Policy(), Policy(quota_per_day=7), "admin")
    state = apply(EMPTY, first)
    with pytest.raises(ChangedError, match="have been changed"):
        apply(state, set_policy(Policy(), Policy(quota_per_day=8), "admin"))
    with pytest.raises(RefusedError, match="A day: expected 0"):
        apply(EMPTY, set_policy(Policy(), Policy(quota_per_day=-1), "admin"))


def test_the_erasure_of_a_submission_that_did_not_come_along_keeps_its_names() -> None:
    state = fold(EMPTY, [erase("submission-9", ["ref-of-contact"], "admin")], joining=True)
    assert set(state.purged) == {"ref-of-contact"}


def test_an_act_that_is_in_no_family_is_not_written() -> None:
    class Fly(Act, frozen=True, kw_only=True, tag="fly"):
        def apply(self, state: State, at: At) -> State:
            return state

    with pytest.raises(EntryError, match="kind 'fly' is not listed"):
        canonical(Change(id="change-000001", actor="a", time="t", act=Fly()))


def test_the_trash_says_who_removed_an_official_entry_and_why() -> None:
    state = made_state(official=(entry(1, arrived="2026 entry-1"),))
    state = apply(state, placing.remove(state.official[0], "admin", "Asked for it."))
    (gone,) = state.trash
    assert (gone.board, gone.actor, gone.reason) == ("official", "admin", "Asked for it.")


def test_an_upload_brings_no_grades() -> None:
    grade = Judgement(run_id="r", date="2026-01-01", model="m", metrics=dict.fromkeys(JUDGE_KEYS))
    (found,) = published(judge=grade, held=grade, judge_history=(grade,)).community
    assert (found.judge, found.held, found.judge_history) == (None, None, ())
    assert {found.metrics[key] for key in JUDGE_KEYS} == {None}


def test_a_judge_run_has_not_landed_on_an_entry_that_does_not_know_it() -> None:
    assert not judging.landed(published(), "submission-1", "run")


def test_promoting_twice_is_promoting_once() -> None:
    state = published(surplus={"tag_miou_03": {"answers": 90, "largest": 1400}})
    change = placing.promote(
        state.community[0], "admin", verified_date="2026-01-02", metrics={"sa_acc": 0.5}
    )
    once = apply(state, change)
    assert once.official[0].surplus == {}
    assert apply(once, change) == once


def test_an_edited_score_has_three_decimals() -> None:
    state = published()
    change = editing.edit("community", state.community[0], {"metrics.sa_acc": 0.12345}, "admin")
    assert apply(state, change).community[0].metrics["sa_acc"] == 0.123


def test_an_entry_of_a_closed_track_takes_no_new_version() -> None:
    spring = Track(name="Spring", opens="2026-03-01", closes="2026-06-01")
    policy, found = Policy(tracks=(spring,)), entry(1, track="Spring")
    assert admission.version_problem(policy, found, "2026-04-01T00:00:00Z") is None
    told = admission.version_problem(policy, found, "2026-07-01T00:00:00Z")
    assert told == (
        "This entry is in the track “Spring”, which only takes submissions from 2026-03-01, 00:00 "
        "UTC until 2026-06-01, 00:00 UTC. Its scores stay unchanged. Submit the file as a new "
        "entry, under another name, or ask the maintainers to remove this one from the track."
    )
    assert "which no longer exists." in str(admission.version_problem(Policy(), found, ""))
