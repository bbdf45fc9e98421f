"""Rules of changes, each by one example that a wrong line would get wrong."""

from typing import Any

import pytest

from core.changes import placing, reporting, submitting
from core.changes.acts import why_not
from core.changes.effects import Effect, misfits
from core.changes.old_rows import read_row
from core.errors import RefusedError
from core.model.entries import Entry, Submission
from core.model.state import EMPTY, State
from tests.core.rules_world import apply
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
