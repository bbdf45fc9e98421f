"""Runs against a real endpoint: same figures, each pair once, stops and budgets obeyed."""

import asyncio

import pytest
from judge_data import PARITY, parity
from judge_server import Judge, serving
from starlette.responses import JSONResponse, Response

from evaluation.judge import pairs
from evaluation.judge.aggregate import aggregate
from evaluation.judge.client import Endpoint
from evaluation.judge.records import Budget, ScoreFile
from evaluation.judge.runner import Run

PLAN = pairs.plan(*parity())
DISTINCT = len(PLAN.distinct())


def run(folder, judge, budget=10_000, plan=PLAN, **changed):
    cache, calls, said = ScoreFile(folder / "scores.jsonl"), Budget(folder, budget), []
    try:
        with serving(judge) as url:
            given = {"concurrency": 20, "timeout_s": 20.0, "backoff_s": 0.01} | changed
            endpoint = Endpoint("sk-canary", url, "m", **given)
            ended = asyncio.run(Run(plan, cache, calls).work(endpoint, said.append))
    finally:
        cache.close()
    return ended, said


@pytest.mark.parametrize("structured", [True, False])
def test_figures_and_calls_are_those_expected(tmp_path, structured) -> None:
    judge = Judge(structured=structured)
    ended, _ = run(tmp_path, judge)
    judged = aggregate(PLAN, {key: score.scores for key, score in ended.scores.items()})
    for key, value in judged.metrics.items():
        assert value == pytest.approx(PARITY["expected"][key], abs=1e-9)
    assert len(judge.asked) == DISTINCT == ended.scored
    assert ended.sentence(0.98) == f"complete: {DISTINCT} of {DISTINCT} scored"
    again, _ = run(tmp_path, judge)
    assert len(judge.asked) == DISTINCT
    assert again.calls == 0


@pytest.mark.parametrize(
    "fault",
    [
        JSONResponse({}, 429, {"retry-after": "0.05"}),
        JSONResponse({}, 429),
        JSONResponse({"error": {"message": "x"}}, 500),
        Response("<html>", 503),
    ],
    ids=["429 with retry-after", "429", "500", "503"],
)
def test_passing_faults_are_retried(tmp_path, fault) -> None:
    ended, _ = run(tmp_path, Judge(faults=[fault] * 3))
    assert ended.scored == DISTINCT
    assert ended.calls == DISTINCT + 3


def test_a_hanging_request_is_asked_again(tmp_path) -> None:
    ended, _ = run(tmp_path, Judge(faults=["hang"]), timeout_s=2.0)
    assert ended.scored == DISTINCT


@pytest.mark.parametrize(
    "content",
    ["", "R2: 5", '{"R2":9,"R4":1,"R5":1,"R7":1,"R8":1}', "Très bien, cinq sur cinq.", "{"],
)
def test_a_reply_that_cannot_be_read_is_unscored(tmp_path, content) -> None:
    ended, _ = run(tmp_path, Judge(faults=[content] * 20))
    assert ended.failed == {"unreadable": 20}
    assert ended.scored == DISTINCT - 20
    assert ended.sentence(0.98).startswith(f"incomplete: {DISTINCT - 20} of {DISTINCT} scored, 20")


@pytest.mark.parametrize(
    ("status", "code", "fix"),
    [(401, None, "OPENAI_API_KEY"), (403, None, "rights"), (404, None, "OPENAI_BASE_URL"),
     (429, "insufficient_quota", "credit")],
)  # fmt: skip
def test_what_cannot_pass_stops_the_run_and_says_what_to_fix(tmp_path, status, code, fix) -> None:
    fault = JSONResponse({"error": {"message": "sk-canary is bad", "code": code}}, status)
    judge = Judge(faults=[fault] * 1000)
    ended, said = run(tmp_path, judge)
    assert fix in ended.stopped
    assert len(judge.asked) <= 20
    assert "canary" not in ended.sentence(0.98) + "".join(said)


def test_the_budget_is_not_passed_today_nor_in_the_next_run(tmp_path) -> None:
    judge = Judge()
    ended, _ = run(tmp_path, judge, budget=30)
    assert "MEDVIDBENCH_JUDGE_BUDGET" in ended.stopped
    assert len(judge.asked) <= 30
    run(tmp_path, judge, budget=30)
    assert len(judge.asked) <= 30


def test_a_torn_line_is_asked_again(tmp_path) -> None:
    judge = Judge()
    run(tmp_path, judge)
    path = tmp_path / "scores.jsonl"
    path.write_bytes(path.read_bytes()[:-10])
    ended, _ = run(tmp_path, judge)
    assert len(judge.asked) == DISTINCT + 1
    assert ended.scored == DISTINCT


def test_no_file_holds_a_caption(tmp_path) -> None:
    run(tmp_path, Judge())
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    for pair in PLAN.distinct():
        if len(pair.prediction) > 12:
            assert pair.prediction.encode() not in kept
            assert pair.reference.encode() not in kept
