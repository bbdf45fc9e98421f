"""Runs the evaluation's command line as a separate process, as its users do."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.evaluation.scoring_data import PARITY

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "evaluation" / "evaluate_predictions.py"


def run(
    *arguments: object, cwd: Path, module: bool = False, **variables: str
) -> subprocess.CompletedProcess[str]:
    """The finished process; stdout and stderr as text."""
    program = ["-m", "evaluation.evaluate_predictions"] if module else [str(SCRIPT)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MEDVID")}
    return subprocess.run(
        [sys.executable, *program, *map(str, arguments)],
        cwd=cwd,
        env=kept | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def write(path: Path, content: object) -> Path:
    """`content` as JSON; returns the path."""
    path.write_text(json.dumps(content))
    return path


def inference_form(predictions: Iterable[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Prediction-only records as inference output, with claims about the truth."""
    made = []
    for one in predictions:
        video, start, end, fps = one["id"].split("&&")
        bounds = {"input_video_start_frame": start, "input_video_end_frame": end}
        made.append(
            {
                "metadata": bounds | {"video_id": video, "fps": fps},
                "qa_type": one["qa_type"],
                "question": "What?",
                "answer": one["prediction"],
                "gnd": "nothing",
                "struc_info": [{"spans": []}],
            }
        )
    return made


def world(folder: Path) -> tuple[Path, Path]:
    """Paths of the parity truth and predictions, written into `folder`."""
    return (
        write(folder / "truth.json", PARITY["ground_truth"]),
        write(folder / "predictions.json", PARITY["predictions"]),
    )
