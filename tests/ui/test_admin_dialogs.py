"""The admin's dialogs on something that has gone meanwhile, or was not filled in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.access.session import Door
from core.changes import placing, submitting
from core.errors import RefusedError
from core.model.entries import Judgement
from core.model.state import made_state
from core.ui.admin import (
    add,
    edit,
    entry_acts,
    erase,
    held,
    inbox,
    judge,
    promote,
    requests,
    submissions,
    surplus,
)
from core.ui.admin.session import Context
from tests.core.services_world import world
from tests.core.store_world import entry, submission


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """A board with one entry."""
    services = world(tmp_path)
    services.store.commit(submitting.submit(submission(1), "participant"))
    services.store.commit(submitting.add("submission-1", entry(1)))
    return Context(services, Door(services.settings), services.store.read(), "admin")


GONE = "no-such-thing"


@pytest.mark.parametrize(
    ("act", "field", "told"),
    [
        (lambda c: inbox.Dismiss(GONE).act(c, {}), "job", "no longer exists"),
        (lambda c: submissions.Cancel(GONE).about(c), "job", "no longer exists"),
        (lambda c: surplus.ReviewSurplus("entry-1", "x").about(c), "entry", "This has changed."),
        (lambda c: held.KeepHeld(GONE, "x").act(c, {}), "entry", "This has changed."),
        (lambda c: entry_acts.Restore(GONE).act(c, {}), "entry", "no longer in the trash"),
        (lambda c: erase.Erase(GONE).about(c), "name", "cancel"),
        (lambda c: erase.Erase("submission-1").about(c), "name", "cancel"),
        (lambda c: requests.CloseReport(GONE).about(c), "report", "no longer exists"),
        (lambda c: promote.Promote().act(c, {}), "choice", "Choose the entry first."),
        (lambda c: judge.StartJudge().act(c, {}), "choice", "Choose the entry first."),
        (lambda c: judge.StartJudge().act(c, {"entry": GONE}), "choice", "Choose the entry first."),
        (lambda c: add.Add().act(c, {}), "verified_date", "Choose the date of the verification."),
    ],
)
def test_an_act_on_nothing_is_refused_with_a_sentence(
    context: Context, act: Callable[[Context], object], field: str, told: str
) -> None:
    before = context.services.store.lines()
    with pytest.raises(RefusedError) as refused:
        act(context)
    assert list(refused.value.problems) == [field]
    assert told.casefold() in refused.value.problems[field].casefold()
    assert context.services.store.lines() == before


def test_promoting_asks_whose_scores_and_when(context: Context) -> None:
    found = promote.Promote("entry-1")
    with pytest.raises(RefusedError) as refused:
        found.act(context, {"scores": None, "verified_date": None})
    assert set(refused.value.problems) == {"scores", "verified_date"}
    with pytest.raises(RefusedError) as refused:
        found.act(context, {"scores": "own run", "verified_date": "2026-01-02"})
    assert set(refused.value.problems) == {"results_file"}


def test_scores_of_an_older_run_that_count_are_not_said_to_be_held(tmp_path: Path) -> None:
    run = Judgement(run_id="run-1", date="2025-01-01", model="m", metrics={}, flagged=1)
    state = made_state(community=[entry(1, judge=run, hidden=True)])
    services = world(tmp_path)
    old = Context(services, Door(services.settings), state, "admin")
    with pytest.raises(RefusedError, match="already count"):
        held.KeepHeld("entry-1", "run-1").act(old, {})
    assert services.store.lines() == []
    hidden = held.HideHeld("entry-1", "run-1").act(old, {})
    assert hidden.text == "“Model 1” is hidden already."


def test_a_report_on_a_deleted_entry_still_names_it(context: Context) -> None:
    store = context.services.store
    assert requests._name(store.read(), "entry-1") == "Model 1"
    store.commit(placing.delete(store.read().community[0], "admin"))
    assert requests._name(store.read(), "entry-1") == "Model 1"
    assert requests._name(store.read(), GONE) == "a deleted entry"


def test_an_edit_without_a_difference_says_so(context: Context) -> None:
    typed: dict[str, Any] = edit.form_values(context.state.community[0])
    found = edit.Edit("community", "entry-1").act(context, typed)
    assert found.text == "Nothing changed in “Model 1”."
