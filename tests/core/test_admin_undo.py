"""Every admin act and its undo: the property that matters, and the refusals."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from core.changes import (
    auditing,
    editing,
    forgetting,
    placing,
    reporting,
    rescoring,
    submitting,
    undoing,
)
from core.changes.act import Change, Done
from core.changes.acts import canonical, why_not
from core.changes.effects import between
from core.changes.keys import new_key
from core.changes.settings import set_policy
from core.errors import RefusedError
from core.model.entries import Entry
from core.model.policy import Policy, Track
from core.model.state import EMPTY, State
from tests.core.rules_world import apply, fold
from tests.core.store_world import entry, submission

ACTS = (
    "submit", "add", "replace", "release", "promote", "add_official", "edit", "rename", "contact",
    "mark", "verification", "hide", "unhide", "delete", "remove", "withdraw", "restore", "new_key",
    "policy", "rescore", "report", "close_report", "sign_in", "undo", "purge",
    "erase",
)  # fmt: skip


def scores(value: float) -> dict[str, Any]:
    row = {**entry(1).metrics, "cvs_acc": value, "dvc_llm": None, "vs_llm": 2.5, "rc_llm": None}
    return {"metrics": row, "scorer_version": "2", "ground_truth_sha256": "a" * 64}


class World:
    """A state, the changes that led to it, and the states in between."""

    def __init__(self) -> None:
        self.state: State = EMPTY
        self.changes: list[Change] = []
        self.around: dict[str, tuple[State, State]] = {}
        self.done: dict[str, Done] = {}

    def commit(self, change: Change) -> bool:
        change = canonical(change)
        try:
            after = apply(self.state, change, done=self.done.get)
        except RefusedError:
            return False
        self.around[change.id] = (self.state, after)
        effects = between(self.state, after, forget=change.act.forgets)
        self.done[change.id] = Done(change.kind, effects, why_not(change.kind, effects))
        self.state = after
        self.changes.append(change)
        return True

    def undo(self, change: Change) -> bool:
        done = self.done[change.id]
        if done.why_not or not done.effects:
            return False
        return self.commit(undoing.undo(change.id, "admin"))

    def change(self, act: str, n: int, value: float) -> Change | None:
        """A change of this kind to the n-th possible subject; None if there is none."""
        state = self.state
        if act == "submit":
            return submitting.submit(submission(n, contact_ref="contact-1-x"), "participant")
        if act == "add":
            return submitting.add(f"submission-{n}", self.row(n, value))
        if act == "replace":
            target = state.community[n % len(state.community)].entry_id if state.community else "no"
            made = submission(f"r{n}", replaces=target, model_name=f"Model {n}")
            self.commit(submitting.submit(made, "participant"))
            return submitting.add(made.submission_id, self.row(f"r{n}", value))
        if act == "release":
            return submitting.release(f"submission-{n}", "Failed.")
        if act == "add_official":
            return placing.add_official(entry(f"o{n}", None, model_name=f"Official {n}"), "admin")
        if act == "policy":
            new = Policy(quota_per_day=n, tracks=(Track(name="One", required=("team",)),) * (n % 2))
            return set_policy(state.policy, new, "admin")
        if act == "restore":
            return (
                placing.restore(state.trash[n % len(state.trash)].entry.entry_id, "admin")
                if (state.trash)
                else None
            )
        if act == "purge":
            return (
                forgetting.purge(state.trash[0].entry.entry_id, ["contact-1-x"], "admin")
                if (state.trash)
                else None
            )
        if act == "erase":
            return forgetting.erase(f"submission-{n}", [f"submission-{n}"], "admin")
        if act == "close_report":
            return (
                reporting.close_report(state.reports[0].report_id, "admin", "Seen.")
                if (state.reports)
                else None
            )
        if act == "sign_in":
            return auditing.signed_in("admin", "0" * 16)
        return self.about_an_entry(act, n, value)

    def about_an_entry(self, act: str, n: int, value: float) -> Change | None:
        board = (
            "official" if act == "remove" or (n % 3 == 0 and self.state.official) else ("community")
        )
        if act in ("delete", "promote"):
            board = "community"
        entries = self.state.board(board)
        if not entries:
            return None
        found = entries[n % len(entries)]
        told = editing.next_verification(found, "declined" if n % 2 else "running", "Because.")
        made: dict[str, Any] = {
            "promote": lambda: placing.promote(found, "admin", verified_date="2026-02-03"),
            "edit": lambda: editing.edit(
                board,
                found,
                {"metrics.nap_acc": value, "declared.team": "T", "date": None},
                "admin",
            ),
            "rename": lambda: editing.edit(board, found, {"model_name": f"Model {n}"}, "admin"),
            "contact": lambda: editing.edit(board, found, {"contact_ref": "contact-1-x"}, "owner"),
            "mark": lambda: editing.mark(
                board, found, {"organiser": n % 2 == 0, "track": "One", "off_the_shelf": True}, "a"
            ),
            "verification": lambda: editing.verification(
                board, found, told, "admin", {"verified_note": "Seen"}
            ),
            "hide": lambda: editing.hide(board, found, "admin"),
            "unhide": lambda: editing.unhide(board, found, "admin"),
            "delete": lambda: placing.delete(found, "admin"),
            "remove": lambda: placing.remove(found, "admin", "Asked for."),
            "withdraw": lambda: placing.withdraw(board, found, "owner"),
            "new_key": lambda: new_key(found.entry_id, f"{n}" * 64, "admin"),
            "rescore": lambda: rescoring.rescore(board, found, scores(value), "admin"),
            "report": lambda: reporting.report(found.entry_id, "wrong", "reader", "contact-1-x"),
        }
        return made[act]() if act in made else None

    @staticmethod
    def row(n: int | str, value: float) -> Entry:
        caption = {"dvc_llm": None, "vs_llm": None, "rc_llm": None}
        made = entry(n, value, strict={"cvs_acc": value}, scorer_version="1", extra={"odd": [1]})
        return Entry(
            **{
                **{key: getattr(made, key) for key in made.__struct_fields__},
                "metrics": {**made.metrics, **caption},
                "entry_id": f"submission-{n}",
            }
        )


def test_what_an_undo_puts_into_the_trash_stays_there_for_thirty_days() -> None:
    """Deleted long ago, restored, the restore undone; and the undo of an undone deletion."""
    world = World()
    for act in ("submit", "add"):
        assert world.commit(world.change(act, 1, 0.5) or auditing.signed_in("a", "0"))
    (found,) = world.state.community
    deleted = replace(placing.delete(found, "admin", "Old."), time="2026-01-01T00:00:00.000Z")
    restored = placing.restore(found.entry_id, "admin")
    for change in (deleted, restored):
        assert world.commit(change)
    assert world.undo(restored)
    (gone,) = world.state.trash
    assert (gone.time, gone.reason) == (deleted.time, "Old.")
    assert gone.since == world.changes[-1].time
    assert gone.since is not None
    assert gone.until > gone.since
    assert world.undo(deleted)  # it is still the same deletion
    undone = world.changes[-1]
    assert world.state.trash == ()
    assert world.undo(undone)
    assert world.state.trash[0].since == world.changes[-1].time
    assert fold(EMPTY, world.changes + world.changes) == world.state


NO_UNDO = ("submit", "add", "replace", "release", "report", "sign_in", "purge", "erase")


def acts(kinds: Sequence[str]) -> st.SearchStrategy[list[tuple[str, int, float]]]:
    one = st.tuples(st.sampled_from(kinds), st.integers(0, 5), st.integers(0, 1000))
    return st.lists(one.map(lambda act: (act[0], act[1], act[2] / 1000)), max_size=25)


def played(wanted: list[tuple[str, int, float]]) -> tuple[World, State, int]:
    """A board of four, then these acts; the state before them and the number of earlier changes."""
    world = World()
    for n in range(4):
        for act in ("submit", "add"):
            change = world.change(act, n, n / 10)
            assert change is not None and world.commit(change)
    report = reporting.report("submission-1", "wrong", "reader", "contact-1-x")
    assert world.commit(report)
    start, first = world.state, len(world.changes)
    for act, n, value in wanted:
        if act == "undo":
            world.undo(world.changes[-1 - n % len(world.changes)])
        elif change := world.change(act, n, value):
            world.commit(change)
    return world, start, first


@settings(max_examples=40, deadline=None)
@given(acts(ACTS))
def test_any_sequence_of_acts_and_undos_folds_to_the_boards_it_made(
    wanted: list[tuple[str, int, float]],
) -> None:
    world, _start, _first = played(wanted)
    assert fold(EMPTY, world.changes) == world.state
    assert fold(EMPTY, world.changes + world.changes) == world.state  # each happens once
    for change in world.changes:
        before, after = world.around[change.id]
        assert apply(before, change, done=world.done.get) == after
        assert "example.org" not in str(change.act)


@settings(max_examples=40, deadline=None)
@given(acts([act for act in ACTS if act not in NO_UNDO]))
def test_undoing_everything_in_reverse_gives_the_first_state_back(
    wanted: list[tuple[str, int, float]],
) -> None:
    world, start, first = played(wanted)
    for change in reversed(world.changes[first:]):
        before, after = world.around[change.id]
        if before is not after:
            assert world.undo(change), change.kind
    assert world.state == start
    assert fold(EMPTY, world.changes) == start
