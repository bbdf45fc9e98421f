"""Every admin act and its undo: the property that matters, and the refusals."""

from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from store_world import entry, submission

from core.changes import admin_operations as make
from core.changes import operations
from core.changes.operations import EMPTY, Operation, State, fold
from core.changes.undo import problem
from core.errors import RefusedError
from core.model.entries import Entry
from core.model.policy import Policy, Track

PERSONAL = {"contact-1-x": {"contact": "one@example.org", "text": "It is mine."}}
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
    """A state, the operations that made it, and the states in between."""

    def __init__(self) -> None:
        self.state: State = EMPTY
        self.ops: list[Operation] = []
        self.around: dict[str, tuple[State, State]] = {}

    def commit(self, op: Operation) -> bool:
        op = operations.canonical(op)
        try:
            after = operations.apply(self.state, op, PERSONAL)
        except RefusedError:
            return False
        self.around[op.id] = (self.state, after)
        self.state = after
        self.ops.append(op)
        return True

    def undo(self, op: Operation) -> bool:
        before, after = self.around[op.id]
        if problem(op, before, after):
            return False
        return self.commit(make.undo(op, before, after, "admin"))

    def operation(self, act: str, n: int, value: float) -> Operation | None:
        """An operation of this kind about the n-th thing there is; None when there is none."""
        state = self.state
        if act == "submit":
            return operations.submit(submission(n, contact_ref="contact-1-x"), "participant")
        if act == "add":
            return operations.add(f"submission-{n}", self.row(n, value))
        if act == "replace":
            target = state.community[n % len(state.community)].entry_id if state.community else "no"
            made = submission(f"r{n}", replaces=target, model_name=f"Model {n}")
            self.commit(operations.submit(made, "participant"))
            return operations.add(made.submission_id, self.row(f"r{n}", value))
        if act == "release":
            return operations.release(f"submission-{n}", "Failed.")
        if act == "add_official":
            return make.add_official(entry(f"o{n}", None, model_name=f"Official {n}"), "admin")
        if act == "policy":
            new = Policy(quota_per_day=n, tracks=(Track(name="One", required=("team",)),) * (n % 2))
            return make.set_policy(state.policy, new, "admin")
        if act == "restore":
            return (
                make.restore(state.trash[n % len(state.trash)].entry.entry_id, "admin")
                if (state.trash)
                else None
            )
        if act == "purge":
            return (
                make.purge(state.trash[0].entry.entry_id, ["contact-1-x"], "admin")
                if (state.trash)
                else None
            )
        if act == "erase":
            return make.erase(f"submission-{n}", [f"submission-{n}"], "admin")
        if act == "close_report":
            return (
                make.close_report(state.reports[0].report_id, "admin", "Seen.")
                if (state.reports)
                else None
            )
        if act == "sign_in":
            return make.signed_in("admin", "0" * 16)
        return self.about_an_entry(act, n, value)

    def about_an_entry(self, act: str, n: int, value: float) -> Operation | None:
        board = (
            "official" if act == "remove" or (n % 3 == 0 and self.state.official) else ("community")
        )
        if act in ("delete", "promote"):
            board = "community"
        entries = self.state.board(board)
        if not entries:
            return None
        found = entries[n % len(entries)]
        told = make.next_verification(found, "declined" if n % 2 else "running", "Because.")
        made: dict[str, Any] = {
            "promote": lambda: make.promote(found, "admin", verified_date="2026-02-03"),
            "edit": lambda: make.edit(
                board,
                found,
                {"metrics.nap_acc": value, "declared.team": "T", "date": None},
                "admin",
            ),
            "rename": lambda: make.edit(board, found, {"model_name": f"Model {n}"}, "admin"),
            "contact": lambda: make.edit(board, found, {"contact_ref": "contact-1-x"}, "owner"),
            "mark": lambda: make.mark(
                board, found, {"organiser": n % 2 == 0, "track": "One", "off_the_shelf": True}, "a"
            ),
            "verification": lambda: make.verification(
                board, found, told, "admin", {"verified_note": "Seen"}
            ),
            "hide": lambda: make.hide(board, found, "admin"),
            "unhide": lambda: make.unhide(board, found, "admin"),
            "delete": lambda: make.delete(found, "admin"),
            "remove": lambda: make.remove(found, "admin", "Asked for."),
            "withdraw": lambda: make.withdraw(board, found, "owner"),
            "new_key": lambda: make.new_key(found.entry_id, f"{n}" * 64, "admin"),
            "rescore": lambda: make.rescore(board, found, scores(value), "admin"),
            "report": lambda: make.report(found.entry_id, "wrong", "reader", "contact-1-x"),
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
    """Deleted long ago, restored, restore undone; and the undo of an undone delete."""
    world = World()
    for act in ("submit", "add"):
        assert world.commit(world.operation(act, 1, 0.5) or make.signed_in("a", "0"))
    (found,) = world.state.community
    deleted = replace(make.delete(found, "admin", "Old."), time="2026-01-01T00:00:00.000Z")
    restored = make.restore(found.entry_id, "admin")
    for op in (deleted, restored):
        assert world.commit(op)
    assert world.undo(restored)
    (gone,) = world.state.trash
    assert (gone.time, gone.reason) == (deleted.time, "Old.")
    assert gone.since == world.ops[-1].time
    assert gone.until == replace(gone, time=gone.since, since=msgspec.UNSET).until > gone.since
    assert world.undo(deleted)  # the deletion is the same one still
    undone = world.ops[-1]
    assert world.state.trash == ()
    assert world.undo(undone)
    assert world.state.trash[0].since == world.ops[-1].time
    assert fold(EMPTY, world.ops + world.ops, PERSONAL) == world.state


def test_an_undo_of_an_older_program_folds_as_it_did() -> None:
    world = World()
    for act in ("submit", "add"):
        assert world.commit(world.operation(act, 1, 0.5) or make.signed_in("a", "0"))
    (found,) = world.state.community
    restored = make.restore(found.entry_id, "admin")
    for op in (make.delete(found, "admin"), restored):
        assert world.commit(op)
    before, after = world.around[restored.id]
    undo = make.undo(restored, before, after, "admin")
    old = {key: value for key, value in undo.payload.items() if key != "anew"}
    assert world.commit(replace(undo, payload=old))
    assert world.state == before
    assert "since" not in msgspec.to_builtins(world.state.trash[0])


NO_UNDO = ("submit", "add", "replace", "release", "report", "sign_in", "purge", "erase")


def acts(kinds: Sequence[str]) -> st.SearchStrategy[list[tuple[str, int, float]]]:
    one = st.tuples(st.sampled_from(kinds), st.integers(0, 5), st.integers(0, 1000))
    return st.lists(one.map(lambda act: (act[0], act[1], act[2] / 1000)), max_size=25)


def played(wanted: list[tuple[str, int, float]]) -> tuple[World, State, int]:
    """A board of four, then these acts; the state before them and how many had come."""
    world = World()
    for n in range(4):
        for act in ("submit", "add"):
            op = world.operation(act, n, n / 10)
            assert op is not None and world.commit(op)
    report = make.report("submission-1", "wrong", "reader", "contact-1-x")
    assert world.commit(report)
    start, first = world.state, len(world.ops)
    for act, n, value in wanted:
        if act == "undo":
            world.undo(world.ops[-1 - n % len(world.ops)])
        elif op := world.operation(act, n, value):
            world.commit(op)
    return world, start, first


@settings(max_examples=40, deadline=None)
@given(acts(ACTS))
def test_any_sequence_of_acts_and_undos_folds_to_the_boards_it_made(
    wanted: list[tuple[str, int, float]],
) -> None:
    world, _start, _first = played(wanted)
    assert fold(EMPTY, world.ops, PERSONAL) == world.state
    assert fold(EMPTY, world.ops + world.ops, PERSONAL) == world.state  # each happens once
    for op in world.ops:
        before, after = world.around[op.id]
        assert operations.apply(before, op, PERSONAL) == after
        assert "example.org" not in str(op.payload)


@settings(max_examples=40, deadline=None)
@given(acts([act for act in ACTS if act not in NO_UNDO]))
def test_undoing_everything_in_reverse_gives_the_first_state_back(
    wanted: list[tuple[str, int, float]],
) -> None:
    world, start, first = played(wanted)
    for op in reversed(world.ops[first:]):
        before, after = world.around[op.id]
        if before is not after:
            assert world.undo(op), op.kind
    assert world.state == start
    assert fold(EMPTY, world.ops, PERSONAL) == start
