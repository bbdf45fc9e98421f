"""The files that a history of every kind of change gives, byte for byte.

tests/data/golden holds that history (operations.jsonl), the personal records that it names
(personal.json) and the files. An undo names only what it takes back, so the history says
nothing about the form of the journal.

To make the files anew after a change that is meant to change them, review the difference:
    PYTHONPATH=tests/core:. python -c "import test_golden; test_golden.write_golden()"
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.changes import admin_operations
from core.changes.changes import KINDS
from core.changes.operations import Operation
from core.store.store import Store

GOLDEN = Path(__file__).resolve().parent.parent / "data" / "golden"
FILES = (
    "leaderboard.json",
    "official_leaderboard.json",
    "hidden.json",
    "trash.json",
    "policy.json",
    "reports.json",
    "submissions.json",
)


def history() -> list[dict[str, Any]]:
    """id, kind, actor and time of each change, and its payload; of an undo what it undoes."""
    lines = (GOLDEN / "operations.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def undo_of(store: Store, line: dict[str, Any]) -> Operation:
    """The undo of a change of the store, as the admin page makes it, but for id and time."""
    step = next(found for found in store.steps() if found.op.id == line["undoes"])
    made = admin_operations.undo(step.op, step.before, step.after, line["actor"])
    return msgspec.structs.replace(made, id=line["id"], time=line["time"])


def commit_history(root: Path) -> None:
    """Commit the history to a store in an empty folder, change by change."""
    store = Store(root)
    for ref, data in json.loads((GOLDEN / "personal.json").read_bytes()).items():
        store.add_personal(data, ref)
    for line in history():
        undo = line["kind"] == "undo"
        store.commit(undo_of(store, line) if undo else msgspec.convert(line, Operation))


def write_golden() -> None:
    """Make the golden files anew (see above)."""
    with tempfile.TemporaryDirectory() as folder:
        commit_history(Path(folder))
        for name in FILES:
            (GOLDEN / name).write_bytes((Path(folder) / name).read_bytes())


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden") / "data"
    commit_history(folder)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_the_history_gives_the_golden_file(root: Path, name: str) -> None:
    assert (root / name).read_bytes().decode() == (GOLDEN / name).read_bytes().decode()


def test_reading_the_journal_from_its_beginning_gives_the_same(root: Path) -> None:
    assert Store(root).verify() == []


def test_every_kind_of_change_is_in_the_history() -> None:
    assert {line["kind"] for line in history()} == set(KINDS)
