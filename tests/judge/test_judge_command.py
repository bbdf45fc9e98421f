"""The command as its users run it: plan, run, killed and resumed, nothing private printed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from judge_data import PARITY
from judge_server import Judge, serving

ROOT = Path(__file__).parents[2]


def start(folder, url, *flags):
    for name in ("ground_truth", "predictions"):
        (folder / f"{name}.json").write_text(json.dumps(PARITY[name]))
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MEDVID", "OPENAI"))}
    return subprocess.Popen(
        [sys.executable, "-m", "evaluation.judge", "run", str(folder / "predictions.json"),
         "--ground-truth", str(folder / "ground_truth.json"), "--out", str(folder / "out"), *flags],
        cwd=ROOT, env=kept | {"OPENAI_API_KEY": "sk-canary", "OPENAI_BASE_URL": url},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_killed_run_asks_only_for_what_is_missing(tmp_path) -> None:
    judge = Judge(latency=0.2)
    with serving(judge) as url:
        child = start(tmp_path, url)
        deadline = time.monotonic() + 60
        while len(judge.asked) < 60 and time.monotonic() < deadline:
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
        child.communicate(timeout=30)
        before, judge.latency = len(judge.asked), 0.0
        child = start(tmp_path, url)
        said, errors = child.communicate(timeout=60)
    assert child.returncode == 0, errors
    found = json.loads((tmp_path / "out" / "judge.json").read_text())
    for key, value in found["metrics"].items():
        assert value == pytest.approx(PARITY["expected"][key], abs=1e-9)
    total = len((tmp_path / "out" / "scores.jsonl").read_text().splitlines())
    assert total <= len(judge.asked) <= total + 20
    assert before < total
    assert found["models_named"] == ["test-judge-2026"]
    assert "canary" not in said + errors
    for record in PARITY["ground_truth"]:
        reference = record["conversations"][1]["value"]
        assert len(reference) < 20 or reference not in said + errors


def test_an_incomplete_run_has_no_metric_and_says_so(tmp_path) -> None:
    with serving(Judge(faults=["nonsense"] * 60)) as url:
        child = start(tmp_path, url)
        said, _ = child.communicate(timeout=60)
    assert child.returncode == 3
    assert said.splitlines()[-1].startswith("Incomplete: ")
    found = json.loads((tmp_path / "out" / "judge.json").read_text())
    assert set(found["metrics"].values()) == {None}
