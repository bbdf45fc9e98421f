"""30 questions with truth, and the same right answers as written by real tools."""

import json
from pathlib import Path
from typing import Any

from core.benchmark import TASKS
from evaluation import scoring, truth
from evaluation.upload import alignment, reader

FOLDER = Path(__file__).parents[1] / "data" / "participants"
RIGHT = "00_all_right.json"


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def scored(answers: Path, references: str = "truth.json") -> tuple[scoring.Result, Any]:
    """The result of a file's answers, and how they were matched."""
    records = truth.load(FOLDER / references)
    given = reader.load(answers)
    placed = alignment.align(alignment.places(records, given), given)
    return scoring.score(records, placed.texts, [task.key for task in TASKS]), placed
