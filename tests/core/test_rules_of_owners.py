"""Whose key, whose name, whose scores, whose time: rules that a wrong line would turn round."""

from typing import Any

import pytest

from core.changes import admission, editing, judging, keys, placing, submitting, surplus
from core.changes.entry_fields import replaced
from core.changes.forgetting import erase
from core.changes.quota import allowance, moment
from core.changes.undoing import undo
from core.changes.versions import OWN_RUN
from core.errors import RefusedError
from core.model.entries import Submission, Verification
from core.model.policy import Policy
from core.model.state import EMPTY, State, made_state, now
from tests.core.rules_world import admit, apply, did
from tests.core.store_world import entry, submission
from tests.core.test_quota import ME, NOW, ago
from tests.core.test_rules_by_hand import published, version


def with_open_version(name: str = "Model 1") -> State:
    sent = submission("2", model_name=name, replaces="submission-1")
    return admit(published(), submitting.submit(sent, "p"))


def test_a_new_key_leaves_access_to_the_account_that_created_the_entry() -> None:
    mine, other = {"submitter": "account-1"}, {"submitter": "account-2"}
    state = apply(EMPTY, submitting.submit(submission(1, **mine), "p"))
    state = apply(state, submitting.add("submission-1", entry(1, entry_id="submission-1")))
    for number, who in (("2", mine), ("3", other)):
        state = apply(state, submitting.submit(version(number, **who), "p"))
        state = apply(state, submitting.release(f"submission-{number}", "It failed."))
    state = apply(state, keys.new_key("submission-1", "b" * 64, "admin"))
    assert {one.key_hash for one in state.submissions.values()} == {"b" * 64}
    only = {name: one.key_only for name, one in state.submissions.items()}
    assert only == {"submission-1": False, "submission-2": False, "submission-3": True}


def test_an_entry_without_a_submission_gets_one_with_its_key() -> None:
    state = made_state(community=(entry(1),))
    made = apply(state, keys.new_key("entry-1", "b" * 64, "admin")).submissions["entry-1"]
    assert (made.state, made.key_hash, made.model_name) == ("published", "b" * 64, "Model 1")


def test_a_version_prepared_before_a_new_key_opens_with_the_new_one() -> None:
    state = apply(published(), keys.new_key("submission-1", "b" * 64, "admin"))
    state = apply(state, submitting.submit(version("2", key_hash="0" * 64), "p"))
    assert state.submissions["submission-2"].key_hash == "b" * 64


def test_a_version_may_spell_its_entry_s_name_differently() -> None:
    assert "submission-2" in with_open_version("MODEL 1").submissions
    with pytest.raises(RefusedError, match="“Model 1” is already on the Community board"):
        admit(published(), submitting.submit(submission("2", model_name="MODEL 1"), "p"))


def test_the_name_that_an_open_version_reserves_is_free_for_its_entry_alone() -> None:
    state = with_open_version()
    rename = editing.edit("community", state.community[0], {"model_name": "Other"}, "owner")
    state = admit(state, rename)
    back = editing.edit("community", state.community[0], {"model_name": "Model 1"}, "owner")
    assert admit(state, back).community[0].model_name == "Model 1"
    reserved = (
        "reserved by a submission that is being evaluated. Choose another name, or wait until it "
        "has finished."
    )
    with pytest.raises(RefusedError, match=reserved):
        admit(state, submitting.submit(submission("3", model_name="Model 1"), "p"))


def test_a_renaming_is_undone_while_a_version_under_the_old_name_is_evaluated() -> None:
    state = with_open_version()
    rename = editing.edit("community", state.community[0], {"model_name": "Other"}, "owner")
    done = {rename.id: did(state, rename)}
    assert admit(admit(state, rename), undo(rename.id, "owner"), done=done.get) == state


def test_of_an_entry_in_the_trash_a_taken_name_tells_nothing() -> None:
    state = published()
    state = apply(state, placing.delete(state.community[0], "admin"))
    with pytest.raises(RefusedError, match="taken by an entry that is not shown") as told:
        admit(state, submitting.submit(submission("2", model_name="Model 1"), "p"))
    assert "board" not in str(told.value)


def test_promoting_with_the_maintainers_own_run_keeps_the_scores_before_it() -> None:
    asked = Verification(state="asked", dates={"asked": "2026-01-01"})
    state = published(verification=asked, strict={"sa_acc": 0.4})
    change = placing.promote(
        state.community[0],
        "admin",
        verified_date="2026-02-03",
        scores="own run",
        metrics={"sa_acc": 0.12345, "nap_acc": None},
    )
    (found,) = apply(state, change).official
    assert {key: value for key, value in found.metrics.items() if value is not None} == {
        "sa_acc": 0.123
    }
    assert found.strict == {}
    (before,) = found.history
    assert (before.why, before.metrics["sa_acc"], before.strict) == (OWN_RUN, 0.5, {"sa_acc": 0.4})
    assert found.verification
    assert found.verification.dates == {"asked": "2026-01-01", "verified": "2026-02-03"}


def test_a_run_again_reserves_the_name_and_takes_its_try_now() -> None:
    state = apply(EMPTY, submitting.submit(submission(1), "p"))
    state = apply(state, submitting.release("submission-1", "It failed."))
    again = submitting.reopen("submission-1", "admin")
    made = apply(state, again).submissions["submission-1"]
    assert (made.state, made.reason, made.opened) == ("open", None, again.time)


def test_an_erased_submission_keeps_that_it_existed_alone() -> None:
    sent = submission(1, submitter=ME, contact_ref="contact", model_url="https://example.org/a")
    state = apply(EMPTY, submitting.submit(sent, "p"))
    state = apply(state, submitting.release("submission-1", "It failed."))
    left = apply(state, erase("submission-1", [], "admin")).submissions["submission-1"]
    assert left == Submission(
        submission_id=sent.submission_id,
        model_name="",
        organization="",
        created=sent.created,
        key_hash="",
        predictions_sha256=sent.predictions_sha256,
        records=sent.records,
        state="purged",
        reason="Purged.",
    )


def test_a_judge_run_starts_once_and_a_later_attempt_is_another_change() -> None:
    first, renewed = (judging.open_run("s", "run", "p", first=one) for one in (True, False))
    assert first.id == judging.open_run("s", "run", "p").id == judging.open_id("run")
    assert renewed.id != first.id
    assert renewed.act == first.act


def test_answers_of_an_entry_that_is_gone_are_out_of_date() -> None:
    with pytest.raises(RefusedError) as refused:
        apply(EMPTY, surplus.seen(entry(1), "admin"))
    assert refused.value.problems == {"entry": "These answers are out of date. Reload the page."}


def test_a_month_is_thirty_days_to_the_second() -> None:
    policy = Policy(quota_per_day=0, quota_per_month=1)

    def left(hours: float) -> int | None:
        one = submission(1, created=ago(hours), submitter=ME)
        state = made_state(submissions={one.submission_id: one}, policy=policy)
        return allowance(state, ME, NOW).left

    assert (left(30 * 24), left(30 * 24 - 0.001)) == (1, 0)


def test_times_are_compared_with_their_offset() -> None:
    assert moment("2026-06-30T14:00:00+02:00") == NOW
    assert moment("2026-06-30T12:00:00") == NOW
    assert moment("yesterday") < moment("0002-01-01T00:00:00")


def test_a_submission_run_again_does_not_count_against_itself() -> None:
    sent = submission(1, created=now(), submitter=ME)
    state = made_state(submissions={sent.submission_id: sent}, policy=Policy(quota_per_day=1))
    admission.refuse(state, ME, sent.submission_id)
    with pytest.raises(RefusedError, match="No try is left: the limit is 1 in 24 hours"):
        admission.refuse(state, ME)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", "Submissions are closed at the moment. You can still check files here."),
        ("Back in May.", "Submissions are closed. Back in May."),
    ],
)
def test_a_closed_board_says_so_once_with_the_maintainers_words(said: str, told: str) -> None:
    closed = made_state(policy=Policy(accept_submissions=False, closed_message=said))
    with pytest.raises(RefusedError) as refused:
        admission.refuse(closed, None)
    assert refused.value.problems == {"closed": told}


@pytest.mark.parametrize(
    ("new", "named"),
    [
        ({"organization": "Lab", "declared.parameters": 5}, "declared"),
        ({"date": 5}, "date"),
        ({"model_name": 5}, "model_name"),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_field(new: dict[str, Any], named: str) -> None:
    with pytest.raises(RefusedError) as refused:
        replaced(entry(1), new)
    assert list(refused.value.problems) == [named]
