"""`run`: judges the captions of a predictions file, or prints an estimate.

Never prints text of a caption or a reference, or the key.
"""

import argparse
import asyncio
import datetime
import logging
import math
import os
import signal
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec

from core.errors import SettingsError
from core.files.hashes import sha256
from core.model.contracts.judge import (
    INCOMPLETE,
    RECORDS_FILE,
    RESULT_FILE,
    SCORES_FILE,
    JudgeResult,
    plan_line,
)
from evaluation import output
from evaluation.judge import pairs, prompts
from evaluation.judge.aggregate import METRIC_OF_TASK, aggregate
from evaluation.judge.console import fail, read_plan, say
from evaluation.judge.estimate import Prices, estimate
from evaluation.judge.failures import JudgeStoppedError
from evaluation.judge.scores import Budget, ScoreFile, cache_path
from evaluation.judge.suspects import suspects

if TYPE_CHECKING:
    from evaluation.judge.runner import Ended


def run(options: argparse.Namespace) -> int:
    """Runs the command and returns its exit status."""
    # OPENAI_LOG=debug in the environment would print complete requests with captions.
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        _check(options)
        plan = read_plan(options)
        options.out.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = options.cache or options.out
        wording = {prompts.prompt_hash(task) for task in pairs.TASKS}
        place = cache_path(folder, options.model, prompts.RUBRIC_VERSION)
        with closing(ScoreFile(place, wording)) as cache:
            return _run(options, plan, cache, Budget(folder, options.budget))
    finally:
        logging.disable(before)


def _run(options: argparse.Namespace, plan: pairs.Plan, cache: ScoreFile, budget: Budget) -> int:
    prices = Prices(options.price_input, options.price_output)
    expected = estimate(plan, cache, prices, budget.left())
    say(plan_line(expected))
    say(
        f"{expected.pairs:,} pairs, {expected.distinct:,} distinct; {expected.calls:,} calls, "
        f"about {expected.tokens:,} tokens, {expected.cost_usd:.2f} USD; budget "
        f"{expected.budget_left:,} calls."
    )
    if options.plan:
        return 0
    if options.within_budget and expected.calls > options.budget:
        raise JudgeStoppedError(
            f"Grading this file takes {expected.calls:,} calls, more than the {options.budget:,} "
            "allowed per day for all models together (MEDVIDBENCH_JUDGE_BUDGET), so no request "
            "was sent. Ask the maintainers: they can start it anyway."
        )
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not key:
        raise SettingsError(
            "there is no API key for the judge. Set OPENAI_API_KEY, or run a preview: "
            "python -m evaluation.judge preview."
        )
    address = os.environ.get("OPENAI_BASE_URL", "").strip() or None
    if address and not address.startswith(("https://", "http://")):
        raise SettingsError(
            "OPENAI_BASE_URL: expected an address such as http://127.0.0.1:8000/v1. The value is "
            "not shown, since it may contain a password."
        )
    ended = asyncio.run(_work(options, plan, cache, budget, (key, address)))
    _write(options, plan, ended, prices)
    for metric in METRIC_OF_TASK.values():
        if metric in ended.asked:
            done, asked = ended.scored[metric], ended.asked[metric]
            say(f"LLM Judge completed: {done}/{asked} successful")
    sentence = ended.sentence(options.min_share)
    if ended.stopped:
        return fail(sentence)
    say(sentence[0].upper() + sentence[1:])
    return 0 if ended.complete(options.min_share) else INCOMPLETE


async def _work(
    options: argparse.Namespace,
    plan: pairs.Plan,
    cache: ScoreFile,
    budget: Budget,
    access: tuple[str, str | None],
) -> "Ended":
    from evaluation.judge.runner import Run

    run = Run(plan, cache, budget, Prices(options.price_input, options.price_output))
    if not run.missing():
        return run.result()

    from evaluation.judge import sanity
    from evaluation.judge.client import Endpoint

    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, run.stop, "stopped on request; Resume continues from here")
    key, address = access
    endpoint = Endpoint(key, address, options.model, options.concurrency)
    problem = await sanity.check(endpoint, budget.spend, lambda: run.stopped)
    if problem:
        run.stop(problem, 0)
    return await run.work(endpoint, say)


def _check(options: argparse.Namespace) -> None:
    """Refuses options out of range."""
    for name, least, value in (
        ("MEDVIDBENCH_JUDGE_BUDGET", 1, options.budget),
        ("MEDVIDBENCH_JUDGE_CONCURRENCY", 1, options.concurrency),
        ("MEDVIDBENCH_JUDGE_PRICE_INPUT", 0, options.price_input),
        ("MEDVIDBENCH_JUDGE_PRICE_OUTPUT", 0, options.price_output),
    ):
        if not least <= value < math.inf:
            raise SettingsError(f"{name}: expected a number of at least {least}, got {value}.")
    if not 0 < options.min_share <= 1:
        raise SettingsError(
            "MEDVIDBENCH_JUDGE_MIN_SHARE: expected a share above 0 and up to 1, got "
            f"{options.min_share}."
        )


def _write(options: argparse.Namespace, plan: pairs.Plan, ended: "Ended", prices: Prices) -> None:
    """Writes scores.jsonl and records.jsonl (digests of pairs, no text), and judge.json, with
    metrics only when complete."""
    judged = aggregate(plan, {key: score.scores for key, score in ended.scores.items()})
    whole = ended.complete(options.min_share)
    used = Counter(
        METRIC_OF_TASK[use.pair.task] for use in plan.uses if use.pair.key in ended.scores
    )
    scores = ended.scores.values()
    cost = prices.cost(sum(one.sent for one in scores), sum(one.received for one in scores))
    content = JudgeResult(
        complete=whole,
        state=ended.sentence(options.min_share),
        metrics={
            key: None if math.isnan(value) or not whole else value
            for key, value in judged.metrics.items()
        },
        aspects={key: dict(means) for key, means in judged.aspects.items()} if whole else {},
        n={key: used[key] for key in ended.asked},
        asked=ended.asked,
        scored=ended.scored,
        share=ended.share,
        failed=ended.failed,
        calls=ended.calls,
        cost_usd=ended.cost,
        scores_calls=sum(one.calls for one in scores),
        scores_cost_usd=cost,
        model=options.model,
        models_named=sorted({score.model for score in scores}),
        rubric_version=prompts.RUBRIC_VERSION,
        prompt_hash={task: prompts.prompt_hash(task) for task in plan.present},
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        flagged=_flagged(plan),
        predictions_sha256=sha256(options.predictions),
        ground_truth_sha256=sha256(options.ground_truth),
    )
    lines = b"".join(msgspec.json.encode(score) + b"\n" for score in scores)
    places = b"".join(msgspec.json.encode(record) + b"\n" for record in plan.placed())
    result = msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"
    output.write_all(
        [
            (options.out / SCORES_FILE, lines, True),
            (options.out / RECORDS_FILE, places, True),
            (options.out / RESULT_FILE, result, True),
        ]
    )


def _flagged(plan: pairs.Plan) -> dict[str, list[str]]:
    """Record index -> why its captions look like attempts to influence the judge."""
    reasons = suspects(plan)
    flagged: dict[str, list[str]] = {}
    for use in plan.uses:
        for reason in reasons.get(use.pair.prediction, ()):
            told = flagged.setdefault(str(use.index), [])
            if reason not in told:
                told.append(reason)
    return flagged
