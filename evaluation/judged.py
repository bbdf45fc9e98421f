"""The caption metrics within an evaluation: runs the judge's command."""

import math
import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

import msgspec

from core.benchmark import JUDGE_KEYS, METRIC_BY_KEY
from core.model.contracts.judge import RESULT_FILE, JudgeResult
from evaluation.judge.pairs import TASKS

KEY_VARIABLE: Final = "OPENAI_API_KEY"


def configured() -> bool:
    """Whether there is a key for the judge."""
    return bool(os.environ.get(KEY_VARIABLE, "").strip())


def grade(
    predictions: Path, truth: Path, out: Path, tasks: Collection[str], sample: int | None
) -> tuple[dict[str, float], str]:
    """Run the judge, which prints its plan and budget first. Returns the caption metrics by key,
    and why there are none ("" if there are).

    Grades are kept in the folder `out`: the same call resumes an interrupted run.
    """
    from evaluation.judge.__main__ import main  # imports the client only when a judge is used

    chosen = [task for task in TASKS if task in tasks]
    arguments = ["run", str(predictions), "--ground-truth", str(truth), "--out", str(out)]
    arguments += ["--tasks", *chosen]
    if sample is not None:
        arguments += ["--sample", str(sample)]
    before = _written(out)
    status = main(arguments)
    if status != 0 and _written(out) == before:  # it did not start
        return {}, "The caption judge gave no result."
    try:
        found = msgspec.json.decode((out / RESULT_FILE).read_bytes(), type=JudgeResult)
    except (OSError, msgspec.MsgspecError):
        return {}, "The caption judge gave no result."
    if status != 0:
        return {}, found.state[:1].upper() + found.state[1:]
    keys = (key for key in JUDGE_KEYS if METRIC_BY_KEY[key].task in chosen)
    values = {key: found.metrics.get(key) for key in keys}
    return {k: v for k, v in values.items() if v is not None and math.isfinite(v)}, ""


def _written(out: Path) -> int:
    """When the result in the folder was written; 0 if there is none."""
    try:
        return (out / RESULT_FILE).stat().st_mtime_ns
    except OSError:
        return 0
