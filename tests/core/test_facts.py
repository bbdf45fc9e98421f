"""A journal gives the same rows regardless of later rules, defaults and metrics.

Each case copies the program, changes one line of the copy, and lets the copy read a journal
with every kind of act (tests/data/golden/journal.jsonl, of test_golden's history).
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_golden import GOLDEN, commit_history

REPOSITORY = Path(__file__).resolve().parents[2]
JOURNAL = GOLDEN / "journal.jsonl"
READ = """
import json, sys
from pathlib import Path
from core.changes.effects import rows_of
from core.store.store import Store
store = Store(Path(sys.argv[1]))
state = store.read()
chain = [p for p in store.verify() if "journal.jsonl" in p]
print(json.dumps({
    "rows": rows_of(state),
    "verify": chain,
    "policy": [state.policy.quota_per_day, state.policy.accept_submissions],
    "boards": [[e.entry_id for e in state.official], [e.entry_id for e in state.community]],
    "metrics": {e.entry_id: e.metrics for e in (*state.official, *state.community)},
    "judged": [e.entry_id for e in state.entries.values() if e.judge],
    "trash": [t.entry.entry_id for t in state.trash],
    "ids": sorted(line.id for line in store.lines()),
}, default=dict))
"""
ELEVENTH = (
    '    Metric(\n        "new_acc", "NEW_acc", "New", "assessment", "skill_assessment",\n'
    '        0, 1, {judged}, "New - Overall", "x", "d", "f", "n",\n    ),\n'
)
# The changes: file, old text, new text.
CHANGES: dict[str, tuple[str, str, str]] = {
    "nothing": ("core/benchmark.py", "TEST_CLIPS = 3975", "TEST_CLIPS = 3976"),
    "a default of the settings": (
        "core/model/policy.py", "quota_per_day: int = 3", "quota_per_day: int = 5",
    ),
    "a narrower range of a metric": (
        "core/changes/entry_fields.py",
        "if not metric.low <= value <= metric.high:",
        "if not metric.low <= value <= 0.0001:",
    ),
    "an eleventh metric": (
        "core/benchmark.py", "METRICS = (\n", "METRICS = (\n" + ELEVENTH.format(judged="False"),
    ),
    "a fourth judge metric": (
        "core/benchmark.py", "METRICS = (\n", "METRICS = (\n" + ELEVENTH.format(judged="True"),
    ),
    "fewer fields that may be edited": (
        "core/changes/entry_fields.py",
        "EDITABLE: Final = frozenset((*TEXTS, *MARKS, *VERIFIED, *METRICS, *DECLARED))",
        'EDITABLE: Final = frozenset({"model_name"})',
    ),
    "names that are compared otherwise": (
        "core/model/names.py", "_MAX_KEY_SOURCE = 1000", "_MAX_KEY_SOURCE = 2",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program, and the journal in a data folder beside it."""
    root = tmp_path_factory.mktemp("facts")
    shutil.copytree(REPOSITORY / "core", root / "core", ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copytree(REPOSITORY / "docs", root / "docs", ignore=shutil.ignore_patterns("images"))
    (root / "data").mkdir()
    shutil.copy(JOURNAL, root / "data" / "journal.jsonl")
    return root


def read(program: Path) -> dict[str, Any]:
    """The journal as read by the copy of the program."""
    (program / "data" / "head.json").unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-B", "-c", READ, "data"],
        cwd=program, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def before(program: Path) -> dict[str, Any]:
    """The journal as read by the unchanged program."""
    return read(program)


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_line_of_the_program_changes_no_row(
    program: Path, before: dict[str, Any], change: str
) -> None:
    name, old, new = CHANGES[change]
    path = program / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    try:
        path.write_text(text.replace(old, new), encoding="utf-8")
        after = read(program)
    finally:
        path.write_text(text, encoding="utf-8")
    assert after["verify"] == []
    for key in ("rows", "policy", "boards", "judged", "trash", "ids"):
        assert after[key] == before[key], key
    for entry_id, metrics in before["metrics"].items():
        now = after["metrics"][entry_id]
        assert {key: now[key] for key in metrics} == metrics
        assert now.get("new_acc") is None


def test_the_fixture_holds_what_today_s_program_writes(tmp_path: Path) -> None:
    """Effects are equal line by line; hashes, writers and the kinds of refusal are not compared."""
    commit_history(tmp_path)

    def effects(path: Path) -> list[Any]:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [(line["id"], line["act"], line["effects"], line.get("shared")) for line in lines]

    assert effects(tmp_path / "journal.jsonl") == effects(JOURNAL)
