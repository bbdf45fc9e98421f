"""Machines with random changes and joins: nothing is lost or doubled, and all agree."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from core.changes import (
    editing,
    forgetting,
    importing,
    judging,
    keys,
    placing,
    reporting,
    submitting,
    undoing,
)
from core.changes.act import Change
from core.changes.acts import act_of
from core.changes.effects import rows_of
from core.errors import RefusedError
from core.model.published import published_state
from core.model.state import EMPTY, State
from core.store.store import Store
from core.usecases.audit import trail
from tests.core.store_world import entry, submission

KINDS: Final = (
    "submit", "version", "add", "release", "reopen", "edit", "hide", "delete", "restore", "purge",
    "erase", "undo", "undo", "promote", "key", "report", "judge", "import", "again",
)  # fmt: skip
STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.booleans(), st.sampled_from((*KINDS, *["join"] * 4)),
              st.integers(0, 10**6)),
    max_size=40,
)  # fmt: skip


def change(store: Store, kind: str, n: int, new: str) -> Change | None:
    """A change of this kind to the n-th possible subject; None if there is none."""
    state, lines = store.read(), store.lines()
    entries, sent = list(state.entries.values()), list(state.submissions.values())
    name = ("Alpha", "alpha ", "Beta", "Gamma-1")[n % 4]
    if kind == "submit":
        return submitting.submit(submission(new, model_name=name, contact_ref=f"ref-{new}"), "p")
    if kind == "import":
        rows = [{"model_name": name, "organization": "Old", "cvs_acc": 0.5}]
        return importing.import_rows(rows, rows[:1], f"import-{n % 3:08}")
    if kind in ("undo", "again"):
        chosen = [line for line in lines[-9:] if kind == "undo" or line.refused]
        return _about_line(kind, chosen[n % len(chosen)]) if chosen else None
    if kind in ("add", "release", "reopen", "erase", "judge"):
        return _about_submission(kind, sent[n % len(sent)], new) if sent else None
    return _about_entry(kind, entries[n % len(entries)], n, new) if entries else None


def _about_line(kind: str, line: Any) -> Change:
    if kind == "undo":
        return undoing.undo(line.id, "admin")
    act = act_of(line.act)
    assert act is not None
    return Change(id=line.id, actor=line.actor, time=line.time, act=act)


def _about_submission(kind: str, sent: Any, new: str) -> Change:
    made = entry(new, entry_id=sent.submission_id, model_name=sent.model_name)
    return {
        "add": submitting.add(sent.submission_id, made),
        "release": submitting.release(sent.submission_id, "Failed."),
        "reopen": submitting.reopen(sent.submission_id, "p"),
        "erase": forgetting.erase(sent.submission_id, [sent.submission_id], "admin"),
        "judge": judging.open_run(sent.submission_id, f"run-of-{new}", "admin"),
    }[kind]


def _about_entry(kind: str, one: Any, n: int, new: str) -> Change:
    sent = submission(new, model_name=one.model_name, replaces=one.entry_id)
    fields = ({"organization": f"O{n % 3}"}, {"model_name": f"Name {n % 3}"},
              {"metrics.cvs_acc": (None, 0.1, 1)[n % 3]}, {"declared.team": "T"})  # fmt: skip
    hide = editing.unhide if one.hidden else editing.hide
    return {
        "version": submitting.submit(sent, "p"),
        "edit": editing.edit(one.board, one, fields[n % 4], "admin"),
        "hide": hide(one.board, one, "admin"),
        "delete": placing.withdraw(one.board, one, "owner", "why"),
        "restore": placing.restore(one.entry_id, "admin"),
        "purge": forgetting.purge(one.entry_id, [one.entry_id], "admin"),
        "promote": placing.promote(one, "admin", verified_date="2026-01-01"),
        "key": keys.new_key(one.entry_id, f"{n:064}", "admin"),
        "report": reporting.report(one.entry_id, "wrong", "reader"),
    }[kind]


def check(store: Store, root: Path, base: State) -> None:
    """Check the store, and that a new process reads the same."""
    assert store.verify() == []
    assert rows_of(Store(root, base).read()) == rows_of(store.read())
    lines = store.lines()
    assert max(Counter(line.id for line in lines if not line.refused).values(), default=1) == 1
    assert len(trail(lines)) == len(lines)
    for line in lines:
        if line.kind in ("purge", "erase"):
            assert [effect.before for effect in line.effects if effect.before is not None] == []


@given(STEPS, st.booleans())
@settings(max_examples=15)
def test_any_sequence_of_changes_and_joins(
    steps: Sequence[tuple[int, bool, str, int]], demo: bool
) -> None:
    base = published_state() if demo else EMPTY
    with TemporaryDirectory() as folder:
        roots = [Path(folder) / name for name in ("one", "two", "three")]
        stores = [(Store(root, base), Store(root, base)) for root in roots]  # two processes each
        repo = b""
        for number, (machine, second, kind, n) in enumerate(steps):
            store = stores[machine][second]
            if kind == "join":
                mine = {line.id for line in store.lines()}
                store.rebase(repo)
                assert mine <= {line.id for line in store.lines()}
                repo = store.snapshot().journal if n % 4 else repo
                check(store, roots[machine], base)
            elif made := change(store, kind, n, f"{number:06}"):
                try:
                    store.commit(made)
                except RefusedError:
                    continue
                assert any(line.id == made.id and not line.refused for line in store.lines())
        for store, _second in (*stores, *stores):
            store.rebase(repo)
            repo = store.snapshot().journal
        shown = []
        for root, both in zip(roots, stores, strict=True):
            for store in both:
                check(store, root, base)
            shown.append(both[0].snapshot())
        assert shown[0] == shown[1] == shown[2]
