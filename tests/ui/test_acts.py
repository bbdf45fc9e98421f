"""Requests of buttons are performed once, and their outcomes are kept."""

import pytest

from core.errors import PartlyDoneError, RefusedError, StoreError
from core.ui.acts import Acts, Outcome, Request


def done(acts: Acts, act: str = "save", outcome: Outcome | None = None) -> None:
    acts.asks(act)()
    assert acts.perform({act: lambda _subject: outcome})


def test_an_act_is_done_once_despite_double_clicks() -> None:
    acts, calls = Acts(), []
    click = acts.asks("save", "entry 1")
    click()
    click()
    handlers = {"save": calls.append}
    assert acts.perform(handlers)
    click()  # the second click of two, on a button that was drawn before
    assert not acts.perform(handlers)
    acts.asks("save", "entry 1")()  # a redrawn button
    assert acts.perform(handlers)
    assert calls == ["entry 1", "entry 1"]


def test_another_button_that_was_drawn_before_counts() -> None:
    acts, calls = Acts(), []
    other = acts.asks("save", "entry 2")
    done(acts, "save")
    other()
    assert acts.perform({"save": calls.append})
    assert calls == ["entry 2"]


def test_what_was_refused_can_be_asked_for_again() -> None:
    acts = Acts()
    click = acts.asks("save", "entry 1")

    def refuse(_subject: str) -> None:
        raise RefusedError({"name": "Too long."})

    for _ in range(2):
        click()
        assert acts.perform({"save": refuse})
        assert acts.refused("save", "entry 1") == {"name": "Too long."}
        assert acts.refused("save", "entry 2") == {}
        assert acts.troubles("entry 1") == ["Too long."]
        assert acts.latest is None
    assert acts.round == 0
    done(acts)
    assert acts.troubles() == []


def test_a_request_of_another_page_waits_for_it() -> None:
    acts = Acts()
    acts.asks("cancel", "job 1")()
    assert not acts.perform({"save": lambda _subject: None})
    assert acts.take({"save"}) is None
    assert acts.take({"cancel"}) == Request("cancel", "job 1")
    assert acts.pending is None


def test_a_run_of_the_script_that_ends_meanwhile_leaves_the_request() -> None:
    acts = Acts()
    acts.asks("save")()

    def dropped(_subject: str) -> None:
        raise KeyboardInterrupt  # not an Exception, like Streamlit's own

    with pytest.raises(KeyboardInterrupt):
        acts.perform({"save": dropped})
    assert acts.pending == Request("save")


def test_a_failure_of_the_machine_is_reported_and_nothing_is_done() -> None:
    acts = Acts()
    acts.asks("save")()

    def fail(_subject: str) -> None:
        raise StoreError("The disk is full.")

    acts.perform({"save": fail})
    assert (acts.failure, acts.round, acts.troubles()) == (
        "The disk is full.", 0, ["The disk is full."],
    )  # fmt: skip


def test_a_part_that_was_done_can_be_undone() -> None:
    acts = Acts()
    acts.asks("apply")()

    def half(_subject: str) -> None:
        raise PartlyDoneError("The second failed.", "New scores for one.", ("change-1",))

    acts.perform({"apply": half})
    assert acts.latest is not None
    assert (acts.latest.changes, acts.failure) == (("change-1",), "The second failed.")


def test_outcomes_are_kept_newest_first_and_seen_once() -> None:
    acts = Acts()
    for number in range(5):
        done(acts, outcome=Outcome(str(number), f"change-{number}"))
    assert [found.text for found in acts.recent()] == ["4", "3", "2"]
    assert acts.first_sight()
    assert not acts.first_sight()
    done(acts)  # without an outcome
    assert acts.latest is None
    acts.dismiss(acts.recent()[0])
    assert [found.text for found in acts.recent()] == ["3", "2"]
