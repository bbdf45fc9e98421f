"""Submissions, entries and old files for the store's tests, and its worker processes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from core.benchmark import METRIC_KEYS
from core.changes import editing, submitting
from core.files.ids import new_id
from core.model.entries import Entry, Submission
from core.store.lines import Draft, encode, read_line
from core.store.store import Store

REPOSITORY = Path(__file__).resolve().parents[2]
WORKER = Path(__file__).with_name("store_worker.py")
BOARD_FILES = (
    "leaderboard.json",
    "official_leaderboard.json",
    "submissions.json",
    "hidden.json",
    "trash.json",
    "policy.json",
    "reports.json",
    "head.json",
)


def submission(number: int | str, **changes: Any) -> Submission:
    fields: dict[str, Any] = {
        "submission_id": f"submission-{number}",
        "model_name": f"Model {number}",
        "organization": "Somewhere",
        "created": "2026-01-02T03:04:05.678Z",
        "key_hash": "0" * 64,
        "predictions_sha256": "1" * 64,
        "records": 6245,
    }
    return Submission(**{**fields, **changes})


def entry(number: int | str, value: float = 0.5, **changes: Any) -> Entry:
    fields: dict[str, Any] = {
        "entry_id": f"entry-{number}",
        "model_name": f"Model {number}",
        "organization": "Somewhere",
        "metrics": dict.fromkeys(METRIC_KEYS, value),
        "date": "2026-01-02",
    }
    return Entry(**{**fields, **changes})


def publish(store: Store, number: int | str, **changes: Any) -> None:
    """Submit and publish one model: two changes."""
    made = submission(number, **changes)
    store.commit(submitting.submit(made, "participant"))
    row = entry(number, model_name=made.model_name)
    store.commit(submitting.add(made.submission_id, row))


def names(store: Store) -> list[str]:
    return [found.model_name for found in store.read().community]


def files(root: Path) -> dict[str, bytes]:
    """The files on disk, which must always be complete."""
    return {name: (root / name).read_bytes() for name in (*BOARD_FILES, "journal.jsonl")}


def leftovers(root: Path) -> list[str]:
    return [path.name for path in root.rglob("*.tmp")]


def old_rows() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows as the older application wrote them: community, official."""
    community = [
        {
            "rank": 1,
            "model_name": "Grüner Falke 7B",
            "organization": "Université",
            "cvs_acc": 0.81251,
            "nap_acc": 0.4,
            "sa_acc": float("nan"),
            "stg_miou": 0.1,
            "tag_miou_03": 0.5,
            "tag_miou_05": 0.4,
            "dvc_f1": 0.4,
            "dvc_llm": 0.0,
            "vs_llm": 0.0,
            "rc_llm": 0.0,
            "average": 0.261,
            "date": "2026-01-31",
            "contact": "falke@example.org",
        },
        {"model_name": "Half", "organization": "Lab", "cvs_acc": 0.5, "badge": {"colour": "red"}},
    ]
    official = [
        {
            "rank": 1,
            "model_name": "Verified",
            "organization": "UII",
            **dict.fromkeys(METRIC_KEYS, 0.7),
            "dvc_llm": 3.1,
            "verified_date": "2026-02-01",
            "contact": "verified@example.org",
        }
    ]
    return community, official


def write_old_files(root: Path) -> None:
    """Both board files in exactly the older format: Python's json, including NaN."""
    root.mkdir(exist_ok=True)
    for name, rows in zip(BOARD_FILES[:2], old_rows(), strict=True):
        (root / name).write_text(json.dumps(rows, indent=2), encoding="utf-8")


def start_worker(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    """A separate process running one command of store_worker.py."""
    return subprocess.Popen(
        [sys.executable, str(WORKER), *map(str, arguments)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def run_worker(*arguments: object, expect: int = 0, **options: Any) -> str:
    """Output of one command of store_worker.py, which must end with status `expect`."""
    worker = start_worker(*arguments, **options)
    out, err = worker.communicate(timeout=900)
    assert worker.returncode == expect, err
    return out


def many_changes(store: Store, root: Path, entry: Entry, number: int) -> None:
    """A number of changes of an entry: hidden, shown again, and so on.

    The first two are committed, the others are written to the journal, as quickly as another
    machine's are joined.
    """
    store.commit(editing.hide(entry.board, entry, "admin"))
    hidden = msgspec.structs.replace(entry, hidden=True)
    store.commit(editing.unhide(entry.board, hidden, "admin"))
    pair, texts = store.lines()[-2:], []
    prev = pair[1].hash
    for count in range(number - 2):
        line = pair[count % 2]
        draft = Draft(new_id(), line.actor, line.time, line.act, line.effects, line.about)
        texts.append(encode(draft, line.writer, prev))
        prev = read_line(texts[-1].rstrip()).hash
    with (root / "journal.jsonl").open("ab") as journal:
        journal.writelines(texts)
    store.recover()
