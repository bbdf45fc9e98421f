"""The command as its users run it: plan, run, kill and resume, nothing private printed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evaluation.judge.__main__ import main
from evaluation.judge.sanity import PAIRS
from tests.judge.judge_data import PARITY
from tests.judge.judge_server import Judge, serving

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TASKS = ("video_summary", "region_caption")


def files(folder, small=False):
    """The parity files; with `small` only their summaries and region captions."""
    for name in ("ground_truth", "predictions"):
        kept = [one for one in PARITY[name] if not small or one["qa_type"].startswith(TASKS)]
        (folder / f"{name}.json").write_text(json.dumps(kept))


def start(folder, url, *flags, command="run", **variables):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MEDVID", "OPENAI"))}
    given = {"OPENAI_API_KEY": "sk-canary", "OPENAI_BASE_URL": url} | variables
    return subprocess.Popen(
        [sys.executable, "-m", "evaluation.judge", command, str(folder / "predictions.json"),
         "--ground-truth", str(folder / "ground_truth.json"), "--out", str(folder / "out"), *flags],
        cwd=ROOT, env=kept | given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def here(folder, url, monkeypatch, capsys, command="run"):
    """Exit status and output of the command in this process.

    It imports the client once, which takes a new process longer than these runs. Other tests of
    this file run the command as a process.
    """
    for name in os.environ:
        if name.startswith(("MEDVID", "OPENAI")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary" if url else "")
    monkeypatch.setenv("OPENAI_BASE_URL", url or "http://127.0.0.1:9/v1")
    given = ("predictions.json", "--ground-truth", "ground_truth.json", "--out", "out")
    status = main([command, *(one if one[0] == "-" else str(folder / one) for one in given)])
    return status, *capsys.readouterr()


def wait_until(true):
    deadline = time.monotonic() + 240
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)


def result(folder):
    return json.loads((folder / "out" / "judge.json").read_text())


def scored(folder):
    """Complete lines of the scores of a run in progress."""
    return sum(path.read_bytes().count(b"\n") for path in (folder / "out").glob("scores-*.jsonl"))


def test_a_killed_run_asks_only_for_what_is_missing(tmp_path) -> None:
    files(tmp_path)
    judge = Judge(latency=0.2)
    with serving(judge) as url:
        child = start(tmp_path, url, OPENAI_LOG="debug")
        wait_until(lambda: len(judge.asked) >= 60)
        child.send_signal(signal.SIGKILL)
        child.communicate(timeout=240)
        before, kept, judge.latency = len(judge.asked), scored(tmp_path), 0.0
        child = start(tmp_path, url, OPENAI_LOG="debug")
        said, errors = child.communicate(timeout=240)
    assert child.returncode == 0, errors
    assert before - kept <= 20  # at most those in progress are lost
    found = result(tmp_path)
    for key, value in found["metrics"].items():
        assert value == pytest.approx(PARITY["expected"][key], abs=1e-9)
    total = sum(found["asked"].values())
    assert len(judge.asked) <= total + 20
    assert found["calls"] == total - kept + len(PAIRS)
    assert found["scores_calls"] == total
    assert found["scores_cost_usd"] == pytest.approx(total * (100 * 2 + 10 * 8) / 1e6)
    assert found["models_named"] == ["test-judge-2026"]
    assert found["n"]["dvc_llm"] == PARITY["info"]["dvc_judge_pairs"]
    assert set(found["aspects"]["vs_llm"]) == {"R2", "R4", "R5", "R7", "R8"}
    assert "canary" not in said + errors
    for record in PARITY["ground_truth"]:
        reference = record["conversations"][1]["value"]
        assert len(reference) < 20 or reference not in said + errors


def test_a_plan_says_what_a_run_would_cost_and_asks_nothing(tmp_path) -> None:
    files(tmp_path, small=True)
    prices = {"MEDVIDBENCH_JUDGE_PRICE_INPUT": "1000", "MEDVIDBENCH_JUDGE_PRICE_OUTPUT": "1000"}
    child = start(tmp_path, "http://127.0.0.1:9/v1", "--plan", OPENAI_API_KEY="", **prices)
    said, errors = child.communicate(timeout=240)
    assert child.returncode == 0, errors
    (line,) = [one for one in said.splitlines() if one.startswith("[plan] ")]
    plan = json.loads(line.removeprefix("[plan] "))
    assert plan["cost_usd"] == pytest.approx(plan["tokens"] / 1000, rel=0.01)
    assert (plan["calls"], plan["budget_left"]) == (plan["distinct"], 10_000)
    assert not (tmp_path / "out" / "judge.json").exists()


def test_a_run_that_must_end_ends_immediately_and_keeps_what_it_has(tmp_path) -> None:
    files(tmp_path)
    judge = Judge(faults=[None] * 40 + ["hang"] * 500)
    with serving(judge) as url:
        child = start(tmp_path, url)
        wait_until(lambda: len(judge.asked) >= 60)
        child.terminate()
        _, errors = child.communicate(timeout=240)
    assert child.returncode == 1
    assert "stopped on request" in errors
    found = result(tmp_path)
    assert (found["complete"], sum(found["scored"].values())) == (False, 40)
    assert len((tmp_path / "out" / "scores.jsonl").read_text().splitlines()) == 40


def test_an_incomplete_run_has_no_metric_and_says_so(tmp_path, monkeypatch, capsys) -> None:
    files(tmp_path, small=True)
    with serving(Judge(faults=[None] * 20 + ["nonsense"] * 20)) as url:
        status, said, _ = here(tmp_path, url, monkeypatch, capsys)
    assert status == 3
    assert said.splitlines()[-1].startswith("Incomplete: ")
    found = result(tmp_path)
    assert set(found["metrics"].values()) == {None}
    assert found["aspects"] == {}


def test_without_a_key_a_preview_is_made_that_is_not_a_judgement(
    tmp_path, monkeypatch, capsys
) -> None:
    files(tmp_path, small=True)
    url = "http://127.0.0.1:9/v1"
    child = start(tmp_path, url, command="preview", OPENAI_API_KEY="")
    said, errors = child.communicate(timeout=240)
    assert child.returncode == 0, errors
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["preview.json"]
    found = json.loads((tmp_path / "out" / "preview.json").read_text())
    assert found["preview"] is True
    assert not {"metrics", "complete", "share", "models_named"} & found.keys()
    assert 1 <= found["preview_metrics"]["vs_llm"] <= 5
    assert "never published" in said.splitlines()[-1]
    (tmp_path / "out" / "judge.json").write_text("{}")
    status, _, errors = here(tmp_path, "", monkeypatch, capsys, command="preview")
    assert (status, "Give another folder" in errors) == (1, True)
