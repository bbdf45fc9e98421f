"""The files made from a history with every kind of change, byte for byte.

tests/data/golden has that history (changes.jsonl), its personal records
(personal.json) and the files. An undo only names the change that it undoes, so the history does
not depend on the form of the journal.

To recreate the files after an intended change, run this and review the difference:
    PYTHONPATH=tests/core:. python -c "import test_golden; test_golden.write_golden()"
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from core.changes.act import Act, Change
from core.changes.acts import ACTS
from core.changes.undoing import Undo
from core.store.convert import act_from
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
# Kinds that programs of form 1 do not know. This history is also theirs (test_convert), so it does
# not have them; see tests/core/test_held_surplus.py and test_keeping.py.
SINCE = {"surplus_seen", "keep_old"}


def history() -> list[dict[str, Any]]:
    """id, kind, actor and time of each change, and its payload; for an undo, the undone change."""
    lines = (GOLDEN / "changes.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def change_of(line: dict[str, Any]) -> Change:
    """A change of the history; an undo names the change that it undoes."""
    if line["kind"] == "undo":
        act: Act = Undo(of=line["undoes"])
    else:
        act = act_from(line["kind"], line["payload"])
    return Change(id=line["id"], actor=line["actor"], time=line["time"], act=act)


def commit_history(root: Path) -> None:
    """Commit the history to a store in an empty folder, change by change."""
    store = Store(root)
    for ref, data in json.loads((GOLDEN / "personal.json").read_bytes()).items():
        store.add_personal(data, ref)
    for line in history():
        store.commit(change_of(line))


def write_golden() -> None:
    """Recreate the golden files (see above)."""
    with tempfile.TemporaryDirectory() as folder:
        commit_history(Path(folder))
        for name in (*FILES, "journal.jsonl"):
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
    assert {line["kind"] for line in history()} == set(ACTS) - SINCE
