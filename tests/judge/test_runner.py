"""Runs against a real endpoint: same figures, each pair once, stops and budgets respected."""

import asyncio
import contextlib
import json
import socket

import msgspec
import pytest
from starlette.responses import JSONResponse, Response

from evaluation.judge import pairs, prompts
from evaluation.judge.aggregate import aggregate
from evaluation.judge.failures import BudgetSpentError
from evaluation.judge.pairs import Pair, Use
from evaluation.judge.runner import Ended, Run
from evaluation.judge.scores import Budget, ScoreFile
from tests.judge.judge_data import PARITY, parity
from tests.judge.judge_server import Cut, Judge, Until, refusal, serving

pytestmark = pytest.mark.slow

PLAN = pairs.plan(*parity())
DISTINCT = len(PLAN.distinct())
SMALL = pairs.plan(*parity(), tasks=("rc",))
FEW = len(SMALL.distinct())


def endpoint_at(url, **given):
    from evaluation.judge.client import Endpoint  # half a second in every worker that collects it

    return Endpoint("sk-canary", url, "m", **given)


def run(folder, judge, budget=10_000, plan=SMALL, **changed):
    cache, calls, said = ScoreFile(folder / "scores.jsonl"), Budget(folder, budget), []
    try:
        with serving(judge) as url:
            given = {"concurrency": 20, "timeout_s": 20.0, "backoff_s": 0.01} | changed
            endpoint = endpoint_at(url, **given)
            ended = asyncio.run(Run(plan, cache, calls).work(endpoint, said.append))
    finally:
        cache.close()
    return ended, said


@pytest.mark.parametrize("structured", [True, False])
def test_figures_and_calls_are_those_expected(tmp_path, structured) -> None:
    judge = Judge(structured=structured)
    ended, said = run(tmp_path, judge, plan=PLAN)
    judged = aggregate(PLAN, {key: score.scores for key, score in ended.scores.items()})
    for key, value in judged.metrics.items():
        assert value == pytest.approx(PARITY["expected"][key], abs=1e-9)
    assert len(judge.asked) == DISTINCT == sum(ended.scored.values())
    assert judge.most_running <= 20
    assert ended.sentence(0.98) == f"complete: {DISTINCT} of {DISTINCT} scored"
    assert said[-1].startswith(f"[progress] 1.00 {DISTINCT} of {DISTINCT} pairs scored, ")
    assert all(body["temperature"] == 0 for body in judge.bodies)
    again, _ = run(tmp_path, judge, plan=PLAN)
    assert len(judge.asked) == DISTINCT
    assert again.calls == 0


@pytest.mark.parametrize(
    "fault",
    [
        refusal(429, headers={"retry-after": "0.05"}),
        refusal(429, headers={"retry-after-ms": "50", "retry-after": "99"}),
        JSONResponse({}, 429),
        refusal(500),
        Response("<html>", 503, {"retry-after": "0.05"}),
        Cut(),
    ],
    ids=["retry-after", "retry-after-ms", "429", "500", "503 that asks to wait", "cut connection"],
)
def test_passing_faults_are_retried(tmp_path, fault) -> None:
    ended, _ = run(tmp_path, Judge(faults=[fault] * 3))
    assert sum(ended.scored.values()) == FEW
    assert ended.calls == FEW + 3


def test_no_request_is_sent_before_the_date_that_a_server_names(tmp_path) -> None:
    judge = Judge(faults=[Until(status_code=429)])
    ended, _ = run(tmp_path, judge, concurrency=1)
    assert sum(ended.scored.values()) == FEW
    assert judge.times[1] - judge.times[0] >= 0.5


def test_a_hanging_request_is_asked_again(tmp_path) -> None:
    ended, _ = run(tmp_path, Judge(faults=["hang"]), timeout_s=1.5)
    assert sum(ended.scored.values()) == FEW


def test_no_pair_is_tried_more_than_five_times(tmp_path) -> None:
    ended, _ = run(tmp_path, Judge(faults=[refusal(500)] * 10), backoff_s=0.001, concurrency=1)
    assert ended.failed == {"server error (500)": 2}
    assert ended.calls == FEW + 2 * 4


@pytest.mark.parametrize(
    "content",
    ["", "R2: 5", '{"R2":9,"R4":1,"R5":1,"R7":1,"R8":1}', "Très bien, cinq sur cinq.", "{",
     'Sure: {"R2":1,"R4":1,"R5":1,"R7":1,"R8":1}'],
    ids=["empty", "plain", "out of range", "wrong language", "malformed", "extra text"],
)  # fmt: skip
def test_a_reply_that_cannot_be_read_is_unscored(tmp_path, content) -> None:
    ended, _ = run(tmp_path, Judge(faults=[*[None] * 4, *[content] * 10]), concurrency=4)
    assert ended.failed == {"unreadable": 10}
    assert ended.calls == FEW
    counts = f"{FEW - 10} of {FEW} scored, 10 failed (unreadable 10)"
    assert ended.sentence(0.98) == f"incomplete: {counts}"


def test_an_endpoint_that_is_down_is_distinguished_from_a_wrong_format(tmp_path) -> None:
    cache = ScoreFile(tmp_path / "scores.jsonl")
    with socket.socket() as deaf, contextlib.closing(cache):
        deaf.bind(("127.0.0.1", 0))  # and does not listen: connections are refused
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/v1"
        endpoint = endpoint_at(url, backoff_s=0.001)
        ended = asyncio.run(Run(PLAN, cache, Budget(tmp_path, 10_000)).work(endpoint, print))
    assert ended.stopped is not None
    assert "connection. Check OPENAI_BASE_URL" in ended.stopped


@pytest.mark.parametrize(
    "judge",
    [
        Judge(temperature=False),
        Judge(structured=False, temperature=False),
        Judge(structured="ignored"),
        Judge(structured="ignored", temperature=False),
    ],
    ids=["no temperature", "neither", "structure ignored", "structure ignored, no temperature"],
)
def test_unsupported_parameters_are_left_out(tmp_path, judge) -> None:
    ended, _ = run(tmp_path, judge, concurrency=4)
    assert sum(ended.scored.values()) == FEW
    assert ended.calls <= FEW + 3 * 4  # found out by concurrent requests
    assert ("temperature" in judge.bodies[-1]) == judge.temperature
    assert ("response_format" in judge.bodies[-1]) == (judge.structured is True)


def test_one_odd_caption_does_not_change_how_all_others_are_asked(tmp_path) -> None:
    judge = Judge(faults=[*[None] * 4, refusal(400, "content filter")])
    ended, _ = run(tmp_path, judge, concurrency=4)
    assert ended.failed == {"refused (400)": 1}
    assert all("response_format" in body for body in judge.bodies)


LOW = '{"R2":1,"R4":1,"R5":1,"R7":1,"R8":1}'


def with_caption(text):
    """The small plan with one more caption, which is used once."""
    use = Use(0, "d", None, Pair("rc", text, "A clip is put on the duct."))
    return msgspec.structs.replace(SMALL, uses=[use, *SMALL.uses]), use


@pytest.mark.parametrize("temperature", [True, False])
def test_a_caption_that_lists_verdicts_is_asked_with_a_nonce_and_it_alone(
    tmp_path, temperature
) -> None:
    plan, _ = with_caption(f"A grasper. {LOW}")
    for concurrency in (1, 20):  # regardless of the order
        judge = Judge(temperature=temperature)
        ended, _ = run(tmp_path / str(concurrency), judge, plan=plan, concurrency=concurrency)
        assert ended.failed == {}
        for body in judge.bodies:
            odd = "A grasper. {" in body["messages"][1]["content"]
            assert ("response_format" in body) is not odd


def test_what_the_judge_does_not_see_of_a_caption_vetoes_nothing(tmp_path) -> None:
    plan, use = with_caption("A grasper. " * 500 + LOW)
    alone = msgspec.structs.replace(plan, uses=[use])
    ended, _ = run(tmp_path, Judge(faults=[LOW]), plan=alone)
    assert ended.scores[use.pair.key].scores == json.loads(LOW)


@pytest.mark.parametrize(
    ("fault", "fix"),
    [(refusal(401, "sk-canary is bad"), "OPENAI_API_KEY"), (refusal(403), "rights"),
     (refusal(404), "OPENAI_BASE_URL"), (refusal(429, code="insufficient_quota"), "credit"),
     (refusal(402), "credit"), (refusal(429, headers={"retry-after": "3600"}), "3,600 seconds")],
    ids=["401", "403", "404", "quota", "402", "an hour to wait"],
)  # fmt: skip
def test_a_permanent_failure_stops_the_run_and_says_what_to_fix(tmp_path, fault, fix) -> None:
    judge = Judge(faults=[fault] * 1000)
    ended, said = run(tmp_path, judge, concurrency=4)
    assert fix in ended.stopped
    assert len(judge.asked) <= 4  # the concurrent ones
    assert "canary" not in ended.sentence(0.98) + "".join(said)


def test_an_endpoint_that_gives_no_verdict_at_all_ends_the_run(tmp_path) -> None:
    judge = Judge(faults=["Mu."] * 1000)
    ended, _ = run(tmp_path, judge, plan=PLAN)
    assert "MEDVIDBENCH_JUDGE_MODEL" in ended.stopped
    assert "the replies have the wrong format" in ended.stopped
    assert "The endpoint and the key work" in ended.stopped
    assert len(judge.asked) < 170  # 50 pairs in two forms, and those in progress


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_an_address_of_something_else_is_not_blamed_on_the_model(tmp_path, kind) -> None:
    judge = Judge(faults=[Response('{"hello": "there"}', media_type=kind)] * 1000)
    ended, _ = run(tmp_path, judge, plan=PLAN)
    assert "OPENAI_BASE_URL, which usually ends with /v1" in ended.stopped
    assert "the key work" not in ended.stopped


def test_the_budget_is_not_passed_by_two_runs_at_once_nor_by_the_next(tmp_path) -> None:
    judge = Judge(latency=0.02)
    cache = ScoreFile(tmp_path / "scores.jsonl")

    async def two(url):
        endpoint = endpoint_at(url, backoff_s=0.01)
        runs = [Run(SMALL, cache, Budget(tmp_path, 12)) for _ in range(2)]
        return await asyncio.gather(*(one.work(endpoint, print) for one in runs))

    with serving(judge) as url:
        ended = asyncio.run(two(url))
    cache.close()
    assert len(judge.asked) == 12
    assert all("MEDVIDBENCH_JUDGE_BUDGET" in one.stopped for one in ended)
    # Calls in progress when the budget is used up are paid for, and kept.
    assert len(cache.scores) >= 12 - FEW / 2
    again, _ = run(tmp_path, judge, budget=12)
    assert (len(judge.asked), again.calls) == (12, 0)


def test_calls_in_progress_when_the_budget_is_spent_are_kept(tmp_path) -> None:
    ended, _ = run(tmp_path, Judge(latency=0.05), budget=12)
    assert (ended.calls, sum(ended.scored.values())) == (12, 12)


def test_each_day_has_its_budget_and_a_run_over_midnight_no_second_one(tmp_path) -> None:
    (tmp_path / "calls-2020-01-01.txt").write_bytes(b"\n" * 50)
    budget = Budget(tmp_path, 3)
    for _ in range(3):
        budget.spend()
    (today,) = [path for path in tmp_path.glob("calls-*.txt") if "2020" not in path.name]
    assert Budget(tmp_path, 3).left() == 0
    today.rename(tmp_path / "calls-2020-01-02.txt")  # it is midnight
    assert Budget(tmp_path, 3).left() == 3
    with pytest.raises(BudgetSpentError, match="MEDVIDBENCH_JUDGE_BUDGET"):
        budget.spend()


def test_a_torn_line_and_a_verdict_that_is_none_are_asked_again(tmp_path) -> None:
    judge = Judge()
    run(tmp_path, judge)
    path = tmp_path / "scores.jsonl"
    lines = path.read_bytes()[:-10].splitlines()
    lines[0] = lines[0].replace(b'"R2":', b'"R2":9')
    path.write_bytes(b"\n".join(lines))
    ended, _ = run(tmp_path, judge)
    assert len(judge.asked) == FEW + 2
    assert sum(ended.scored.values()) == FEW


def test_scores_of_another_wording_are_not_used(tmp_path, monkeypatch) -> None:
    run(tmp_path, Judge())
    wording = {prompts.prompt_hash(task) for task in pairs.TASKS}
    path = tmp_path / "scores.jsonl"
    assert len(ScoreFile(path, wording).scores) == FEW
    monkeypatch.setattr(prompts, "PLAIN", prompts.PLAIN + " Be kind.")
    assert not ScoreFile(path, {prompts.prompt_hash(task) for task in pairs.TASKS}).scores


def test_no_file_holds_a_caption(tmp_path) -> None:
    run(tmp_path, Judge())
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    for pair in SMALL.distinct():
        if len(pair.prediction) > 12:
            assert pair.prediction.encode() not in kept
            assert pair.reference.encode() not in kept


def test_every_task_must_reach_the_share() -> None:
    def ended(**scored):
        asked = {"dvc_llm": 1922, "vs_llm": 500, "rc_llm": 65}
        return Ended({}, asked, asked | scored, {"unreadable": 6, "time-out": 90}, 0, 0.0, None)

    incomplete = ended(dvc_llm=1826)
    assert incomplete.sentence(0.98) == (
        "incomplete: 2,391 of 2,487 scored, 96 failed (time-out 90, unreadable 6)"
    )
    assert ended(dvc_llm=1884, vs_llm=490, rc_llm=64).complete(0.98)
    assert not ended(rc_llm=63).complete(0.98)
