"""One command, ten metrics: the evaluation that runs the judge, with the file's own truth."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import metric_log
from core.benchmark import JUDGE_KEYS, METRIC_KEYS
from core.model.contracts.judge import SCORES_FILE
from evaluation.evaluate_predictions import main
from evaluation.judge import pairs
from tests.judge.judge_data import PARITY, parity
from tests.judge.judge_server import Judge, refusal, serving

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def files(folder: Path) -> None:
    for name in ("ground_truth", "predictions"):
        (folder / f"{name}.json").write_text(json.dumps(PARITY[name]))


def run(
    folder: Path, url: str, *flags: str, truth: bool = True
) -> "subprocess.CompletedProcess[str]":
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MEDVID", "OPENAI"))}
    given = {"OPENAI_API_KEY": "sk-canary", "OPENAI_BASE_URL": url} if url else {}
    named = ["--ground-truth", "ground_truth.json"] if truth else []
    return subprocess.run(
        [sys.executable, str(ROOT / "evaluation" / "evaluate_predictions.py"), "predictions.json",
         *named, *flags],
        cwd=folder, env=kept | given, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


Called = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Called:
    """Like `run`, in this process: for runs that end sooner than a new one begins."""
    for name in os.environ:
        if name.startswith(("MEDVID", "OPENAI")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def call(url: str = "", *flags: str, truth: bool = True) -> "subprocess.CompletedProcess[str]":
        for name, value in (("OPENAI_API_KEY", "sk-canary"), ("OPENAI_BASE_URL", url)):
            if url:
                monkeypatch.setenv(name, value)
            else:
                monkeypatch.delenv(name, raising=False)
        named = ["--ground-truth", "ground_truth.json"] if truth else []
        status = main(["predictions.json", *named, *flags])
        printed = capsys.readouterr()
        return subprocess.CompletedProcess(flags, status, printed.out, printed.err)

    return call


def test_a_sample_of_some_tasks_is_graded_then_all_ten_are_printed(tmp_path: Path) -> None:
    files(tmp_path)
    judge = Judge()
    few = ("--tasks", "vs", "rc", "--judge-samples", "20")
    with serving(judge) as url:
        part = run(tmp_path, url, *few, "--judge-out", "grades")
        sampled = (tmp_path / "grades" / SCORES_FILE).read_text().splitlines()
        assert len(judge.asked) == 20
        (tmp_path / "grades").rename(tmp_path / "predictions.json.judge")  # where they are kept
        done = run(tmp_path, url, "--json", "scores.json")
    assert part.returncode == done.returncode == 0, part.stderr + done.stderr
    assert metric_log.parse(part.stdout).keys() == {"vs_llm", "rc_llm"}
    assert part.stdout.count("LLM Judge completed: ") == 2
    assert "Grading a seeded sample of 20 of " in part.stdout
    # Chosen here again, in another process: by the seed alone.
    some = pairs.sampled(pairs.plan(*parity(), tasks=("vs", "rc")), 20)
    assert sorted(json.loads(line)["pair"] for line in sampled) == sorted(
        pair.key for pair in some.distinct()
    )
    everything = pairs.plan(*parity())
    assert len(judge.asked) == len(everything.distinct())  # grades beside the file are used
    found = metric_log.parse(done.stdout)
    assert found.keys() == set(METRIC_KEYS)
    for key in METRIC_KEYS:
        assert found[key] == pytest.approx(PARITY["expected"][key], abs=6e-5)
    said = done.stdout
    assert said.index("[plan] ") < said.index("LLM Judge completed: ")
    assert said.count("LLM Judge completed: ") == 3
    assert "are omitted" not in said and "sk-canary" not in said + done.stderr
    written: dict[str, Any] = json.loads((tmp_path / "scores.json").read_text())
    for key in JUDGE_KEYS:
        assert written["metrics"][key] == pytest.approx(PARITY["expected"][key], abs=1e-9)


def test_without_a_judge_or_with_skip_nothing_is_asked(tmp_path: Path, called: Called) -> None:
    files(tmp_path)
    judge = Judge()
    with serving(judge) as url:
        for address, flags in (("", ()), (url, ("--skip-llm-judge",))):
            done = called(address, *flags)
            assert done.returncode == 0, done.stderr
            assert metric_log.parse(done.stdout).keys() == set(METRIC_KEYS) - set(JUDGE_KEYS)
            assert "are omitted" in done.stdout
    assert judge.asked == []


def test_a_judge_that_fails_leaves_seven_numbers_and_one_clear_line(tmp_path: Path) -> None:
    """It refuses the key, which ends the run at once; other failures: test_runner.py."""
    files(tmp_path)
    with serving(Judge(faults=[refusal(401)] * 500, sane=False)) as url:
        done = run(tmp_path, url)
    assert done.returncode == 1
    assert metric_log.parse(done.stdout).keys() == set(METRIC_KEYS) - set(JUDGE_KEYS)
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith(("Error: ", "error: "))


def merged(folder: Path, **changes: Any) -> None:
    """Question, answer and reference in one file, as inference tools write it."""
    records = []
    for truth, given in zip(PARITY["ground_truth"], PARITY["predictions"], strict=True):
        question, answer = (turn["value"] for turn in truth["conversations"][:2])
        kept = {k: truth[k] for k in ("struc_info", "data_source", "metadata", "id") if k in truth}
        records.append(
            {**kept, "qa_type": truth["qa_type"], "question": question, "gnd": answer,
             "prediction": given["prediction"], **changes}
        )  # fmt: skip
    (folder / "predictions.json").write_text(json.dumps(records))


def test_a_merged_file_is_scored_against_its_own_truth_when_no_other_is_named(
    tmp_path: Path, called: Called
) -> None:
    files(tmp_path)
    plain = metric_log.parse(called().stdout)
    merged(tmp_path)
    done = called(truth=False)
    assert done.returncode == 0, done.stderr
    assert "scored against the references in the file itself" in done.stdout
    assert metric_log.parse(done.stdout) == plain
    with_truth = called()
    assert "in the file itself" not in with_truth.stdout


def test_a_file_without_references_is_refused_with_what_to_give(tmp_path: Path) -> None:
    files(tmp_path)
    done = run(tmp_path, "", truth=False)
    assert done.returncode == 1
    assert "Give --ground-truth FILE or set MEDVIDBENCH_GROUND_TRUTH." in done.stderr


def test_an_upload_never_brings_its_own_truth_where_one_is_named(
    tmp_path: Path, called: Called
) -> None:
    """As on the server: references in the file are ignored."""
    files(tmp_path)
    honest = metric_log.parse(called().stdout)
    assert honest
    merged(tmp_path, gnd="anything", struc_info=[])
    assert metric_log.parse(called().stdout) == honest
