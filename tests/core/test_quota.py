"""Tries against the hidden set: counted, refused, returned, shown; never used twice."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.changes import submitting
from core.changes.quota import allowance, problem, tries_by_entry
from core.changes.settings import set_policy
from core.errors import RefusedError
from core.model.fields import Form
from core.model.policy import Policy
from core.model.state import EMPTY, State, made_state, now
from core.runs.end import end_unfinished
from core.settings import Settings
from core.store.opened import open_store
from core.usecases import contact_warning, own_jobs, submit
from core.usecases.services import Services, services_with
from core.usecases.submit import CheckedFile, Sender
from tests.core.rules_world import fold
from tests.core.store_world import entry, submission

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
ME, RIVAL = "address-" + "a" * 32, "address-" + "b" * 32


def ago(hours: float) -> str:
    return (NOW - timedelta(hours=hours)).isoformat()


def state(*hours: float, policy: Policy = Policy(), **changes: object) -> State:  # noqa: B008
    made = {
        f"s{n}-{'0' * 20}": submission(n, created=ago(h), submitter=ME, **changes)
        for n, h in enumerate(hours)
    }
    return made_state(submissions=made, policy=policy)


@pytest.mark.parametrize(
    ("hours", "left", "resets"),
    [
        pytest.param([], 3, None, id="none yet"),
        pytest.param([1], 2, 23, id="one"),
        pytest.param([1, 5, 23], 0, 1, id="all of a day"),
        pytest.param([1, 5, 24], 1, 19, id="a day is 24 hours"),
        pytest.param([1, 2, 3, 4, 5], 0, 21, id="more than there may be"),
        pytest.param([25 + n for n in range(20)], 0, 30 * 24 - 44, id="all of a month"),
        pytest.param([25 + n for n in range(18)], 2, 30 * 24 - 42, id="the month is shorter"),
        pytest.param([31 * 24], 3, None, id="long ago"),
    ],
)
def test_what_is_left_and_when_there_is_more(
    hours: list[float], left: int, resets: float | None
) -> None:
    found = allowance(state(*hours), ME, NOW)
    assert found.left == left
    assert found.resets == (None if resets is None else NOW + timedelta(hours=resets))
    assert (problem(found) is None) == (left > 0)
    assert allowance(state(*hours), RIVAL, NOW).left == 3


def test_tries_from_a_clock_that_was_ahead_count_as_now_and_go_as_others_do() -> None:
    ahead = -5 * 365 * 24.0
    found = allowance(state(ahead, ahead, ahead), ME, NOW)
    assert (found.left, found.resets) == (0, NOW + timedelta(hours=24))
    assert "2026" in (problem(found) or "")
    # Later submissions limit when they were made.
    later = state(ahead, ahead, ahead)
    rival = {"r" * 22: submission(9, submission_id="r" * 22, created=ago(20), submitter=RIVAL)}
    after = made_state(submissions={**later.submissions, **rival}, policy=later.policy)
    found = allowance(after, ME, NOW)
    assert (found.left, found.resets) == (0, NOW + timedelta(hours=4))
    assert allowance(after, ME, NOW + timedelta(hours=4)).left == 3
    assert allowance(state(ahead, 1, 2), ME, NOW).resets == NOW + timedelta(hours=22)


def test_a_step_of_the_clock_takes_no_try_away_for_long_and_gives_none_twice() -> None:
    # Five years ahead for one submission, then correct: it counts for a day after the next one.
    ahead = -5 * 365 * 24.0
    stepped = state(3, ahead, 2, 1)
    assert allowance(stepped, ME, NOW).left == 0
    assert allowance(stepped, ME, NOW).day == 4
    assert allowance(stepped, ME, NOW + timedelta(hours=22, minutes=1)).day == 1
    assert allowance(stepped, ME, NOW + timedelta(hours=23, minutes=1)).left == 3
    # Behind for one, as on a machine without a battery: it counts as made long ago.
    assert allowance(state(3, 50 * 365 * 24, 1), ME, NOW).day == 2
    # A clock set back by an hour: the times overlap, and each counts for its own day.
    back = state(1, 2, 1.5)
    assert allowance(back, ME, NOW).resets == NOW + timedelta(hours=22)
    assert problem(allowance(back, ME, NOW)) is not None
    # While the clock is behind, earlier submissions count as now: no more tries.
    behind = NOW - timedelta(days=400)
    assert allowance(state(1, 2, 3), ME, behind).left == 0


def test_no_limit_and_no_submitter() -> None:
    free = Policy(quota_per_day=0, quota_per_month=0)
    assert allowance(state(1, 2, 3, 4, policy=free), ME, NOW).left is None
    assert allowance(state(1, 2, 3, 4), None, NOW).left is None
    assert allowance(state(1, 2, 3, 4, policy=Policy(quota_per_day=0)), ME, NOW).left == 16


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"state": "open"}, 2),
        ({"state": "published"}, 2),
        ({"state": "evaluated", "evaluate_only": True}, 2),
        ({"state": "released"}, 3),
        ({"state": "released", "spent": True}, 2),
        ({"state": "purged"}, 2),
    ],
)
def test_what_counts(changes: dict[str, object], left: int) -> None:
    assert allowance(state(1, **changes), ME, NOW).left == left


def test_an_old_submission_that_is_run_again_counts_from_then() -> None:
    old = state(40 * 24, opened=ago(1))
    assert allowance(old, ME, NOW).left == 2


FORM = Form(model_name="Model A", organization="Lab", terms=True)
FILE = CheckedFile(b'["x"]', True, 200)


@pytest.fixture
def place(tmp_path: Path) -> Services:
    truth = tmp_path / "truth.json"
    truth.write_text("[]")
    settings = Settings(tmp_path / "data", truth, None, 1, 100, 2, 60)
    return services_with(settings, open_store(settings))


def named(name: str, **fields: object) -> Form:
    return Form(model_name=name, organization="Lab", terms=True, **fields)  # type: ignore[arg-type]


@pytest.mark.slow
def test_the_fourth_try_of_a_day_is_refused_and_leaves_nothing(place: Services) -> None:
    for number in range(3):
        only = number == 1
        submit.submit(place, named(f"Model {number}", evaluate_only=only), FILE, Sender(ME))
    with pytest.raises(RefusedError, match="3 in 24 hours and 20 in 30 days") as refusal:
        submit.submit(place, named("Model 4", contact="me@lab.example"), FILE, Sender(ME))
    assert "available on" in refusal.value.problems["quota"]
    assert len(place.jobs.list()) == 3
    assert list((place.settings.root / "private").glob("*.json")) == []
    submit.submit(place, named("Model 4"), FILE, Sender(RIVAL))


@pytest.mark.slow
def test_a_contact_alone_never_blocks_and_is_reported_to_the_admin(place: Services) -> None:
    for number in range(3):
        submit.submit(place, named(f"R {number}", contact="Me@lab.example"), FILE, Sender(RIVAL))
    submit.submit(place, named("Mine", contact="me@lab.example"), FILE, Sender(ME))
    (told,) = [line for line in place.store.lines() if line.kind == "acted"]
    assert told.act["act"] == "many tries under one contact"
    assert "lab.example" not in str(told.act)
    assert allowance(place.store.read(), ME, datetime.now(UTC)).left == 2


def test_tries_under_one_contact_are_reported_with_their_names_on_an_entry(
    place: Services,
) -> None:
    store = place.store
    for number in range(10, 15):
        ref, own = store.add_personal({"contact": "Ada@lab.example "}), f"submission-{number}"
        made = submission(number, contact_ref=ref, submitter=f"address-{number}", created=now())
        store.commit(submitting.submit(made, "participant"))
        store.commit(submitting.add(own, entry(number, entry_id=own)))
    contact_warning.report_shared(store, "submission-14")
    (report,) = store.read().reports
    said = store.personal(report.contact_ref)["text"]
    assert "5 tries of different submitters" in said
    assert "“Model 10”" in said
    assert "lab.example" not in said


@pytest.mark.slow
def test_tries_under_a_contact_from_a_clock_that_was_ahead_are_reported_no_longer_than_others(
    place: Services,
) -> None:
    old = (datetime.now(UTC) - timedelta(days=40)).isoformat()
    for number, created in enumerate(("2090-01-01T00:00:00Z",) * 4 + (old,)):
        ref = place.store.add_personal({"contact": "me@lab.example"})
        sent = submission(number, created=created, submitter=RIVAL, contact_ref=ref)
        place.store.commit(submitting.submit(sent, "participant"))
    submit.submit(place, named("Mine", contact="me@lab.example"), FILE, Sender(ME))
    assert [line for line in place.store.lines() if line.kind == "acted"] == []


@pytest.mark.slow
def test_two_at_the_same_moment_cannot_both_take_the_last_try(place: Services) -> None:
    policy = Policy(quota_per_day=1)
    place.store.commit(set_policy(Policy(), policy, "admin"))
    barrier, outcomes = threading.Barrier(4), []

    def go(number: int) -> None:
        barrier.wait()
        try:
            submit.submit(place, named(f"Model {number}"), FILE, Sender(ME))
            outcomes.append("taken")
        except RefusedError as error:
            outcomes.append(next(iter(error.problems)))

    threads = [threading.Thread(target=go, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["quota", "quota", "quota", "taken"]


@pytest.mark.slow
def test_cancelling_in_the_queue_gives_the_try_back_and_running_it_takes_it_again(
    place: Services,
) -> None:
    place.store.commit(set_policy(Policy(), Policy(quota_per_day=1), "admin"))
    first = submit.submit(place, named("Model 1"), FILE, Sender(ME))
    own_jobs.cancel(place, first.job_id, first.key)
    second = submit.submit(place, named("Model 2"), FILE, Sender(ME))
    with pytest.raises(RefusedError, match="No try is left"):
        own_jobs.run_again(place, first.job_id, first.key)
    own_jobs.cancel(place, second.job_id, second.key)
    assert own_jobs.run_again(place, first.job_id, first.key).attempt == 2
    with pytest.raises(RefusedError, match="No try is left"):
        submit.submit(place, named("Model 3"), FILE, Sender(ME))


@pytest.mark.slow
@pytest.mark.parametrize(("begun", "left"), [(True, 0), (False, 1)])
def test_cancelling_a_run_that_has_begun_spends_the_try(
    place: Services, begun: bool, left: int
) -> None:
    """Its log may have shown scores: otherwise cancelling in time would be a free try."""
    import msgspec

    place.store.commit(set_policy(Policy(), Policy(quota_per_day=1), "admin"))
    made = submit.submit(place, named("Model 1"), FILE, Sender(ME))
    if begun:
        place.jobs._files.change(
            made.job_id, lambda job: msgspec.structs.replace(job, started=now())
        )
    own_jobs.cancel(place, made.job_id, made.key)
    assert allowance(place.store.read(), ME, datetime.now(UTC)).left == left
    released = place.store.read().submissions[made.submission_id]
    assert (released.state, released.spent) == ("released", begun)


@pytest.mark.slow
@pytest.mark.parametrize("ends", ["cancelled in the queue", "failed"])
def test_a_spent_try_is_not_given_back_by_running_it_again(place: Services, ends: str) -> None:
    """The first run's log was shown; a later failure of the machine returns no try."""
    import msgspec

    made = submit.submit(place, named("Model 1"), FILE, Sender(ME))
    place.jobs._files.change(made.job_id, lambda job: msgspec.structs.replace(job, started=now()))
    own_jobs.cancel(place, made.job_id, made.key)
    job = own_jobs.run_again(place, made.job_id, made.key)
    assert allowance(place.store.read(), ME, datetime.now(UTC)).left == 2  # one try, not two
    if ends == "failed":
        end_unfinished(place.jobs._files, place.store, job, "failed", "The disk is full.")
    else:
        own_jobs.cancel(place, made.job_id, made.key)
    released = place.store.read().submissions[made.submission_id]
    assert (released.state, released.spent) == ("released", True)
    assert allowance(place.store.read(), ME, datetime.now(UTC)).left == 2


@pytest.mark.slow
def test_journals_of_two_machines_are_put_together_without_undoing_a_try(place: Services) -> None:
    """The quota is checked when a try is used; a fold never refuses an accepted one."""
    changes = [submitting.submit(submission(n, submitter=ME), "p") for n in range(5)]
    merged = fold(EMPTY, changes)
    assert [one.state for one in merged.submissions.values()] == ["open"] * 5


@pytest.mark.slow
def test_closed_submissions_are_refused_with_the_admin_s_words(place: Services) -> None:
    shut = Policy(accept_submissions=False, closed_message="Back on Monday.")
    place.store.commit(set_policy(Policy(), shut, "admin"))
    with pytest.raises(RefusedError, match=r"Submissions are closed\. Back on Monday\."):
        submit.submit(place, FORM, FILE, Sender(ME))
    assert place.store.read().submissions == {}


def test_the_number_of_tries_is_beside_the_entry() -> None:
    many = state(1, 2, 3, state="evaluated", evaluate_only=True)
    published = submission("p", created=ago(4), submitter=ME, state="published")
    old = submission("q", created=ago(900), submitter=RIVAL, state="published")
    failed = submission("f", created=ago(5), submitter=ME, state="released")
    found = {one.submission_id: one for one in (published, old, failed)}
    whole = made_state(submissions={**many.submissions, **found})
    chains = {"e": ["submission-p"], "v": ["submission-p", "submission-q"], "imported": ["none"]}
    assert tries_by_entry(whole, chains) == {"e": 4, "v": 5}
